import type { Clock, TimerHandle } from '../../runtime/clock.ts';

/** The world was closed in the middle of a request. */
export class WorldClosedError extends Error {
  override readonly name = 'WorldClosedError';

  constructor() {
    super('The world is closed');
  }
}

/** One request on its way, from its arrival to the last byte of its answer. */
export interface Exchange {
  /** Aborted when the client gives up or the world closes. */
  readonly signal: AbortSignal;
  /** Ends it from the client's side. */
  readonly abort: (reason: unknown) => void;
  /** Everything is said; nothing can abort it any more. */
  readonly end: () => void;
}

/** The requests on their way, so that closing the world leaves none hanging. */
export class OpenExchanges {
  readonly #open = new Set<AbortController>();
  #closed = false;

  get closed(): boolean {
    return this.#closed;
  }

  /** `AbortSignal.any` would keep a little of each request on a signal that outlives them all. */
  begin(client?: AbortSignal | null): Exchange {
    const controller = new AbortController();
    const onClientAbort = (): void => abort(client?.reason);
    const end = (): boolean => {
      client?.removeEventListener('abort', onClientAbort);
      return this.#open.delete(controller);
    };
    const abort = (reason: unknown): void => {
      if (end()) controller.abort(reason);
    };
    if (this.#closed) controller.abort(new WorldClosedError());
    else if (client?.aborted) controller.abort(client.reason);
    else {
      this.#open.add(controller);
      client?.addEventListener('abort', onClientAbort);
    }
    return { signal: controller.signal, abort, end };
  }

  close(): void {
    this.#closed = true;
    for (const controller of this.#open) controller.abort(new WorldClosedError());
    this.#open.clear();
  }
}

/** Rejects with the signal's reason when it is aborted; never resolves. */
export function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    else signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

/**
 * Waits on the clock. Zero needs no timer. Measured as a time limit is: whoever takes longer than
 * a client's patience must be found to, however often the process they share stood still.
 */
export function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    if (ms <= 0) return resolve();
    let timer: TimerHandle;
    const onAbort = (): void => {
      clock.clearTimeout(timer);
      reject(signal.reason as Error);
    };
    timer = clock.setTimeLimit(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
