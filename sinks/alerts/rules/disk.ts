import type { AlertText } from '../../../machines/incident.ts';
import type { Condition, Ending } from '../alert.ts';
import type { AlertSettings } from '../settings.ts';
import { clockTime, fact, resolvedText } from '../words.ts';
import { NOTHING, type Rule } from './rule.ts';

const KEY = 'disk.full';
/** Free again by this much more than the limit. */
const FREE_AGAIN = 1.25;

const megabytes = (bytes: number): string => `${Math.floor(bytes / 1e6)} MB`;

/** The disk that the journal is on. It is measured, not read from the journal; what follows is there. */
export class DiskRule implements Rule {
  readonly name = 'disk';
  readonly kinds = ['disk.full'] as const;
  readonly #settings: AlertSettings;
  #free: number | null = null;

  constructor(settings: AlertSettings) {
    this.#settings = settings;
  }

  /** @returns the keys to look at */
  measured(freeBytes: number): readonly string[] {
    this.#free = freeBytes;
    return [KEY];
  }

  apply(): readonly string[] {
    return NOTHING;
  }

  keys(): readonly string[] {
    return [KEY];
  }

  /** Not measured since the start: as it was, whatever that is. */
  evaluate(key: string, at: number, isOpen: boolean): Condition | null {
    if (key !== KEY) return null;
    const limit = this.#settings.freeBytes * (isOpen ? FREE_AGAIN : 1);
    const isFull = this.#free === null ? isOpen : this.#free < limit;
    if (!isFull) return null;
    return {
      key,
      rule: 'disk.full',
      service: null,
      blame: null,
      since: at,
      dueAt: at,
      revision: 0,
      recheckAt: null,
      text: (since) => this.#text(since),
    };
  }

  ending({ since, at }: Ending): AlertText {
    return resolvedText(`the disk has ${megabytes(this.#free ?? 0)} free again`, since, at);
  }

  snapshot(): unknown {
    return null;
  }

  restore(): void {}

  #text(since: number): AlertText {
    const free = megabytes(this.#free ?? 0);
    const limit = megabytes(this.#settings.freeBytes);
    return {
      title: `the disk of the journal is nearly full: ${free} free`,
      paragraphs: [
        `Less than ${limit} are free. When the journal can't be written the agent stops, because nothing may happen that is not written down.`,
        'The agent goes on as long as there is room.',
        'What you can do: free some space, or move the data folder to a larger disk while the agent is stopped.',
      ],
      facts: [fact('Free', free), fact('Limit', limit), fact('Since', clockTime(since))],
    };
  }
}
