import type { Clock } from '../../runtime/clock.ts';

/** At once, when nothing was asked for a while: a start needs a few requests. */
const BURST = 5;
/** With the burst, no more than 20 in any minute; Google allows 60 to one user. */
const EVERY_MS = 4_000;

/** Lets no more requests out than a spreadsheet should be bothered with. */
export class Budget {
  readonly #clock: Clock;
  /** When the next request may leave if none were saved up. */
  #nextAt = 0;

  /** @param clock one that runs as fast as Google's */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when one more request may leave; requests leave in the order in which they asked. */
  async spend(signal: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    const at = Math.max(this.#nextAt, now - (BURST - 1) * EVERY_MS);
    this.#nextAt = at + EVERY_MS;
    if (at > now) await this.#sleep(at - now, signal);
    signal.throwIfAborted();
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#clock.clearTimeout(handle);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const handle = this.#clock.setTimeout(end, ms);
      signal.addEventListener('abort', end, { once: true });
    });
  }
}
