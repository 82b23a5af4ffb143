import type { AlertText } from '../../machines/incident.ts';
import type { Projection } from '../../store/projection.ts';
import type { JournalRecord } from '../../store/record.ts';
import { Reader } from '../reading.ts';
import type { Condition, Ending } from './alert.ts';
import { Book } from './book.ts';
import { mayInhibit } from './mute.ts';
import { Outbox } from './outbox.ts';
import { AccountRule } from './rules/accounts.ts';
import { CallRule } from './rules/calls.ts';
import { CampaignRule } from './rules/campaigns.ts';
import { ChannelRule } from './rules/channels.ts';
import { DiskRule } from './rules/disk.ts';
import { LatencyRule } from './rules/latency.ts';
import { RateRule } from './rules/rates.ts';
import type { Rule } from './rules/rule.ts';
import { ServiceRule } from './rules/services.ts';
import { UnknownRule } from './rules/unknowns.ts';
import type { AlertSettings } from './settings.ts';
import { Situation } from './situation.ts';

/**
 * Everything that alerts follow from, folded from the journal: what holds, what people have been
 * told of it, and what has reached them. It decides nothing and does nothing.
 */
export class AlertFold implements Projection {
  readonly name = 'alerts';
  readonly version = 8;
  readonly book = new Book();
  readonly outbox = new Outbox();
  readonly disk: DiskRule;
  readonly #reader = new Reader();
  readonly #situation = new Situation();
  readonly #channelRule = new ChannelRule(this.outbox);
  readonly #rules: readonly Rule[];
  readonly #dirty = new Set<string>();

  constructor(settings: AlertSettings) {
    this.disk = new DiskRule(settings);
    this.#rules = [
      new ServiceRule(this.#situation, settings),
      new CallRule(settings),
      new UnknownRule(),
      new CampaignRule(this.#situation),
      new AccountRule(this.#situation),
      new RateRule(settings),
      new LatencyRule(settings),
      this.#channelRule,
      this.disk,
    ];
  }

  /** The channels that are set up. */
  useChannels(names: readonly string[]): void {
    this.#channelRule.use(names);
  }

  apply(record: JournalRecord): void {
    const { machine } = record;
    if (machine === 'incident' || machine === 'silence') {
      this.#applyOwn(record);
      return;
    }
    const channel = this.outbox.apply(record);
    if (channel !== null) this.#channelRule.touch(channel);
    this.#situation.apply(record);
    const happenings = this.#reader.read(record);
    // Nothing was open or owed where records were removed, so no rule holds by them.
    if (record.condensed) return;
    for (const rule of this.#rules) {
      for (const key of rule.apply(record, happenings)) this.#dirty.add(key);
    }
  }

  /** The keys that may have changed since this was last asked. */
  takeDirty(): string[] {
    const keys = [...this.#dirty];
    this.#dirty.clear();
    return keys;
  }

  touch(...keys: readonly string[]): void {
    for (const key of keys) this.#dirty.add(key);
  }

  /** Every key that is open, or that may hold: for a start. */
  touchAll(): void {
    this.touch(...this.book.open.keys(), ...this.#rules.flatMap((rule) => rule.keys()));
  }

  condition(key: string, at: number): Condition | null {
    const isOpen = this.book.open.has(key);
    for (const rule of this.#rules) {
      const condition = rule.evaluate(key, at, isOpen);
      if (condition) return condition;
    }
    return null;
  }

  ending(rule: string, ending: Ending): AlertText {
    const one = this.#rules.find(({ kinds }) => kinds.some((kind) => kind === rule));
    if (!one) return { title: 'Resolved: it is over', paragraphs: [], facts: [] };
    return one.ending(ending);
  }

  snapshot(): unknown {
    return {
      book: this.book.snapshot(),
      outbox: this.outbox.snapshot(),
      reader: this.#reader.snapshot(),
      situation: this.#situation.snapshot(),
      rules: this.#rules.map((rule) => [rule.name, rule.snapshot()]),
    };
  }

  restore(state: unknown): void {
    const kept = state as { [part: string]: unknown } & { rules: [string, unknown][] };
    this.book.restore(kept['book']);
    this.outbox.restore(kept['outbox'], this.book);
    this.#reader.restore(kept['reader']);
    this.#situation.restore(kept['situation']);
    for (const [name, part] of kept.rules) {
      this.#rules.find((rule) => rule.name === name)?.restore(part);
    }
  }

  #applyOwn(record: JournalRecord): void {
    const key = this.#keyOf(record);
    const message = this.book.apply(record, this.#situation.isPlayed);
    if (message) this.outbox.add(message);
    const incident = this.book.incidents.get(record.actor);
    if (incident && incident.resolvedAt !== null) {
      for (const rule of this.#rules) rule.ended?.(incident.key);
    }
    if (key !== null) this.touch(key);
    // A silence that comes or goes may change what is told of any other.
    if (record.machine === 'silence') this.touch(...this.book.open.keys());
    else if (incident && mayInhibit(incident.rule)) {
      for (const { key: other } of this.book.openAbout(incident.service)) this.touch(other);
      // The blame for what is about no single service may be anybody's.
      for (const { key: other } of this.book.openAbout(null)) this.touch(other);
    }
  }

  #keyOf({ actor }: JournalRecord): string | null {
    return this.book.incidents.get(actor)?.key ?? null;
  }
}
