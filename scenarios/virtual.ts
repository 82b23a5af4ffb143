import type { AICallAgent, AgentOptions } from '../index.ts';
import type { Journal } from '../store/journal.ts';
import { VirtualClock } from './world/virtual-clock.ts';

/** Moves virtual time until `work` has ended. */
export type Drive = <T>(work: Promise<T>) => Promise<T>;

/**
 * Virtual time for one agent: it stands still until it is driven, and an hour of it is over as
 * soon as everything that happens in it has happened.
 *
 * @example
 * const time = new VirtualTime(Date.now());
 * const agent = await AICallAgent.start(time.options({ simulateAll: true }));
 * const drive = time.driverOf(agent);
 * await drive(agent.makeSingleCall({ name: 'Ada', phone: '+14155550101' }));
 */
export class VirtualTime {
  readonly #startAt: number;
  readonly #goOnAt: (last: number) => number;
  #clock: VirtualClock;

  /**
   * @param startAt epoch ms, as the computer tells it
   * @param goOnAt when a journal goes on that has ended at a time, if that is later; 0 is none
   */
  constructor(startAt: number, goOnAt: (last: number) => number = (last) => last) {
    this.#startAt = startAt;
    this.#goOnAt = goOnAt;
    this.#clock = new VirtualClock({ startAt });
  }

  get clock(): VirtualClock {
    return this.#clock;
  }

  /** The options of an agent that lives in it: the clock, no sockets, and no waiting for the disk. */
  options(options: AgentOptions): AgentOptions {
    const sync = (): Promise<void> => Promise.resolve();
    const { snapshots, ...storage } = options.storage ?? {};
    return {
      makeClock: (notBefore) => {
        const startAt = Math.max(this.#goOnAt(notBefore), this.#startAt);
        this.#clock = new VirtualClock({ startAt, wallAheadMs: this.#startAt - startAt });
        return this.#clock;
      },
      // How full this machine's disk is is none of the story's business.
      freeBytes: () => Promise.resolve(null),
      ...options,
      storage: { durability: 'process', sync, snapshots: { sync, ...snapshots }, ...storage },
      world: { listen: false, ...options.world },
    };
  }

  /** To be asked for at once when the agent has started. */
  driverOf({ journal }: AICallAgent): Drive {
    const hasBegun = begun(journal);
    return async (work) => {
      let isDone = false;
      const end = work.finally(() => (isDone = true));
      const quietEnd = end.catch(() => {});
      await Promise.race([hasBegun, quietEnd]);
      await this.#clock.runUntil(() => isDone);
      return end;
    };
  }
}

/** The first line about a call or a campaign: until then real files are read, and time stands. */
function begun(journal: Journal): Promise<void> {
  return new Promise((resolve) => {
    const look = ({ machine }: { machine: string }): void => {
      if (machine !== 'call' && machine !== 'campaign') return;
      journal.off('record', look);
      resolve();
    };
    journal.on('record', look);
  });
}
