import type { AlertText } from '../../../machines/incident.ts';
import type { JournalRecord } from '../../../store/record.ts';
import { keyOf, type Condition, type Ending } from '../alert.ts';
import { isFailing, type Outbox } from '../outbox.ts';
import { clockTime, fact, resolvedText, withoutStop } from '../words.ts';
import { NOTHING, type Rule } from './rule.ts';

/** A way to a person that does not work. It is told through the others. */
export class ChannelRule implements Rule {
  readonly name = 'channels';
  readonly kinds = ['channel.failing'] as const;
  readonly #outbox: Outbox;
  readonly #touched = new Set<string>();

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  /** The outbox has been told of the record before. */
  touch(channel: string): void {
    this.#touched.add(keyOf('channel.failing', channel));
  }

  apply(_record: JournalRecord): readonly string[] {
    if (this.#touched.size === 0) return NOTHING;
    const keys = [...this.#touched];
    this.#touched.clear();
    return keys;
  }

  keys(): readonly string[] {
    return [...this.#outbox.channels.keys()].map((name) => keyOf('channel.failing', name));
  }

  evaluate(key: string, at: number): Condition | null {
    if (!key.startsWith('channel.failing ')) return null;
    const channel = key.slice('channel.failing '.length);
    const state = this.#outbox.channel(channel);
    if (!isFailing(state)) return null;
    return {
      key,
      rule: 'channel.failing',
      service: null,
      blame: null,
      since: state.failingSince ?? at,
      dueAt: state.failingSince ?? at,
      revision: 0,
      recheckAt: null,
      text: (since) => this.#text(channel, since),
    };
  }

  ending({ key, since, at }: Ending): AlertText {
    const channel = key.slice('channel.failing '.length);
    const late = 'What could not be delivered in the meantime has been or is being delivered.';
    return resolvedText(`alerts reach ${channel} again`, since, at, late);
  }

  snapshot(): unknown {
    return null;
  }

  restore(): void {}

  #text(channel: string, since: number): AlertText {
    const { error, isBroken, nextTryAt } = this.#outbox.channel(channel);
    const why = withoutStop(error?.message ?? 'no reason given');
    return {
      title: `alerts do not reach ${channel}: ${why}`,
      paragraphs: [
        `Since ${clockTime(since)} nothing could be delivered there.`,
        'What waits for it is kept: critical alerts for a day, warnings for an hour. The other channels are told as always.',
        `The agent tries again at ${clockTime(nextTryAt)}.`,
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
