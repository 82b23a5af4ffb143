import type { CampaignContext, EndStatus } from '../../machines/campaign-protocol.ts';
import type { JournalRecord } from '../../store/record.ts';
import type { Tally } from './tally.ts';

interface Known {
  readonly state: string;
  readonly queued: number;
  readonly active: number;
  readonly ended: { readonly [status in EndStatus]: number };
}

const nothing: Known = {
  state: 'ready',
  queued: 0,
  active: 0,
  ended: { completed: 0, failed: 0, skipped: 0, unknown: 0 },
};

/** How the campaigns stand, added up: their names are no labels. */
export class CampaignBook {
  readonly #tally: Tally;
  readonly #campaigns = new Map<string, Known>();

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  apply({ actor, from, to, context = {} }: JournalRecord): void {
    if (actor.includes('/')) return;
    const { queued, active, ended } = context as Partial<CampaignContext>;
    const before = from === null ? undefined : this.#campaigns.get(actor);
    const known = before ?? nothing;
    const now: Known = {
      state: to,
      queued: queued ?? known.queued,
      active: active ?? known.active,
      ended: ended ?? known.ended,
    };
    this.#campaigns.set(actor, now);
    if (before) this.#count(before, -1);
    this.#count(now, 1);
  }

  snapshot(): unknown {
    return [...this.#campaigns];
  }

  restore(state: unknown): void {
    for (const [actor, known] of state as readonly [string, Known][]) {
      this.#campaigns.set(actor, known);
    }
  }

  #count({ state, queued, active, ended }: Known, by: 1 | -1): void {
    this.#tally.add('campaigns', { state }, by);
    for (const [name, count] of Object.entries({ queued, active, ...ended })) {
      this.#tally.add('contacts', { state: name }, by * count);
    }
  }
}
