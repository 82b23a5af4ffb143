import type { AlertText } from '../../../machines/incident.ts';
import type { JournalRecord } from '../../../store/record.ts';
import { keyOf, type Condition, type Ending } from '../alert.ts';
import { isFailing, type Outbox } from '../outbox.ts';
import { clockTime, fact, resolvedText, withoutStop } from '../words.ts';
import { NOTHING, type Rule } from './rule.ts';

/** Long enough to see whether all of them fail. */
const GRACE_MS = 30_000;
/** When all were away, each is tried again within five minutes of the first one's return. */
const RETURN_MS = 360_000;
/** Nobody is there to be told. */
const UNHEARD_MS = 30 * 86_400_000;

interface Kept {
  readonly isUnheard: boolean;
  readonly heardAt: number;
}

/**
 * A way to a person that does not work. It is told through the others; that none works is no news of
 * each, and when they come back there is nothing left to tell.
 */
export class ChannelRule implements Rule {
  readonly name = 'channels';
  readonly kinds = ['channel.failing'] as const;
  readonly #outbox: Outbox;
  readonly #touched = new Set<string>();
  /** Those that are set up; null while that is not known. */
  #known: ReadonlySet<string> | null = null;
  /** None of them works. */
  #isUnheard = false;
  /** When the first of them worked again. */
  #heardAt = 0;

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  /** Those that are set up: of others it does not matter any more whether they work. */
  use(channels: readonly string[]): void {
    this.#known = new Set(channels);
  }

  /** The outbox has been told of the record before. */
  touch(channel: string): void {
    this.#touched.add(keyOf('channel.failing', channel));
  }

  apply({ at }: JournalRecord): readonly string[] {
    if (this.#touched.size === 0) return NOTHING;
    const keys = [...this.#touched];
    this.#touched.clear();
    const isUnheard = this.#names().every((name) => isFailing(this.#outbox.channel(name)));
    if (isUnheard === this.#isUnheard) return keys;
    this.#isUnheard = isUnheard;
    if (!isUnheard) this.#heardAt = at;
    return this.keys();
  }

  keys(): readonly string[] {
    return [...this.#outbox.channels.keys()].map((name) => keyOf('channel.failing', name));
  }

  evaluate(key: string, at: number): Condition | null {
    if (!key.startsWith('channel.failing ')) return null;
    const channel = key.slice('channel.failing '.length);
    const state = this.#outbox.channel(channel);
    if (!isFailing(state) || this.#known?.has(channel) === false) return null;
    const since = state.failingSince ?? at;
    return {
      key,
      rule: 'channel.failing',
      service: null,
      blame: null,
      since,
      dueAt: this.#isUnheard
        ? since + UNHEARD_MS
        : Math.max(since + GRACE_MS, this.#heardAt + RETURN_MS),
      revision: 0,
      recheckAt: null,
      text: (began) => this.#text(channel, began),
    };
  }

  ending({ key, since, at }: Ending): AlertText {
    const channel = key.slice('channel.failing '.length);
    if (this.#known?.has(channel) === false) {
      return resolvedText(`${channel} is not set up any more`, since, at);
    }
    const late = 'What could not be delivered in the meantime has been or is being delivered.';
    return resolvedText(`alerts reach ${channel} again`, since, at, late);
  }

  snapshot(): unknown {
    return { isUnheard: this.#isUnheard, heardAt: this.#heardAt } satisfies Kept;
  }

  restore(state: unknown): void {
    const { isUnheard, heardAt } = state as Kept;
    this.#isUnheard = isUnheard;
    this.#heardAt = heardAt;
  }

  #names(): readonly string[] {
    return [...(this.#known ?? this.#outbox.channels.keys())];
  }

  #text(channel: string, since: number): AlertText {
    const { error, isBroken, heldUntil, nextTryAt } = this.#outbox.channel(channel);
    const why = withoutStop(error?.message ?? 'no reason given');
    const before = heldUntil === null ? '' : ` before ${clockTime(heldUntil)}`;
    return {
      title: `alerts do not reach ${channel}${before}: ${why}`,
      paragraphs: [
        `Since ${clockTime(since)} nothing could be delivered there.`,
        'What waits for it is kept: critical alerts for a day, warnings for an hour. The other channels are told as always.',
        heldUntil === null
          ? `The agent tries again at ${clockTime(nextTryAt)}.`
          : `It asks the agent to wait until ${clockTime(heldUntil)}, and is tried again then.`,
        isBroken
          ? `What you can do: check the settings of ${channel}; "call-agent alerts test --channel ${channel}" tells whether it works.`
          : `What you can do: if it lasts, "call-agent alerts test --channel ${channel}" shows what is wrong.`,
      ],
      facts: [
        fact('Channel', channel),
        fact('Since', clockTime(since)),
        ...(error?.code === null || error === null ? [] : [fact('Code', error.code)]),
      ],
    };
  }
}
