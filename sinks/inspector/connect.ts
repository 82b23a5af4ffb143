import { setTimeout as sleep } from 'node:timers/promises';
import type { InspectionEvent } from 'xstate';
import { Outgoing } from './outgoing.ts';
import { plainInspection } from './plain-inspection.ts';
import { StockLink, type StockLinkOptions } from './stock-link.ts';

/** How long a flush waits for a relay that takes nothing. */
const FLUSH_MS_MAX = 2_000;

export interface InspectorConnection {
  /** For `createActor(…, { inspect })`. Never throws; costs a copy of the snapshot. */
  inspect(this: void, event: InspectionEvent): void;
  /**
   * Waits until the relay has handled all that was inspected before: the stock client defers
   * each message by `setTimeout(0)`, so this waits for a timer set after theirs, then for the
   * answer to a WebSocket ping, which the relay gives only after every frame sent before it.
   * Takes four seconds at most, and no time where no relay is.
   */
  flush(this: void): Promise<void>;
  /** Disconnects. What was not flushed may be lost. */
  close(this: void): void;
}

/**
 * Shows the actors of this process to the inspector behind `url`. `@statelyai/inspect` is loaded
 * now, not with this module, and sees only what may be shown (`shown.ts`).
 * @throws RangeError when the URL is not a WebSocket's
 */
export function connectInspector(url: string, options: StockLinkOptions = {}): InspectorConnection {
  if (!/^wss?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new RangeError(`url must be a ws:// or wss:// address, got ${url}`);
  }
  let link: StockLink | undefined;
  const outgoing = new Outgoing({
    get takes() {
      return link?.takes ?? false;
    },
    next: (event) => link?.next(event),
  });
  let closed = false;

  const load = async () => {
    const { createWebSocketInspector } = await import('@statelyai/inspect');
    if (closed) return;
    link = new StockLink(createWebSocketInspector, url, options, (isFirst) => {
      if (!isFirst) outgoing.startOver();
    });
  };
  const loaded = load();
  loaded.catch(() => {}); // flush says it

  return {
    inspect(event) {
      if (closed) return;
      try {
        const plain = plainInspection(event);
        if (plain !== undefined) outgoing.push(plain);
      } catch {
        // What can't be shown is not shown; the program goes on.
      }
    },
    async flush() {
      await loaded;
      if (!(await link?.settled())) return;
      await Promise.race([outgoing.drained(), sleep(FLUSH_MS_MAX, undefined, { ref: false })]);
      await sleep(0);
      await link?.acknowledged();
    },
    close() {
      closed = true;
      outgoing.close();
      link?.close();
    },
  };
}
