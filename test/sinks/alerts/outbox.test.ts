import { describe, expect, test } from 'vitest';
import { Book } from '../../../sinks/alerts/book.ts';
import { Outbox } from '../../../sinks/alerts/outbox.ts';
import { planNext } from '../../../sinks/alerts/plan.ts';
import { mailOf, type Mail } from '../../../sinks/alerts/routing.ts';
import type { JournalRecord } from '../../../store/record.ts';

const EPOCH = 1_790_000_000_000;
const DAY = 86_400_000;

/** A journal of alerts and deliveries, folded as it is written. */
class Folded {
  readonly book = new Book();
  readonly outbox: Outbox;
  readonly mail: Mail;
  #seq = 0;

  constructor(mostMessages?: number) {
    this.outbox = new Outbox(mostMessages);
    const { book, outbox } = this;
    this.mail = mailOf({ book, outbox }, [{ name: 'mail' }], 5);
    const birth = { type: 'xstate.init', at: EPOCH };
    const about = { actor: 'breaker:channel:mail', machine: 'breaker' };
    this.write({ ...about, event: birth, from: null, to: 'closed' } as never);
  }

  write(line: Omit<JournalRecord, 'v' | 'seq' | 'at'>, at = EPOCH): void {
    const record = { v: 1, seq: ++this.#seq, at, ...line } as JournalRecord;
    if (record.machine !== 'incident') this.outbox.apply(record);
    const message = record.machine === 'incident' ? this.book.apply(record) : null;
    if (message) this.outbox.add(message);
  }

  raise(number: number): void {
    const about = { actor: `alert:${number}`, machine: 'incident' };
    const input = { id: about.actor, key: `account.error Fax${number}`, rule: 'account.error' };
    const more = { severity: 'critical', service: `Fax${number}`, since: EPOCH, dueAt: null };
    const birth = { type: 'xstate.init', at: EPOCH };
    this.write({
      ...about,
      event: birth,
      from: null,
      to: 'pending',
      context: { ...input, ...more, n: 0 },
    } as never);
    this.#tell(about, 'alert.raised', 'firing', 1);
  }

  resolve(number: number): void {
    this.#tell({ actor: `alert:${number}`, machine: 'incident' }, 'alert.resolved', 'resolved', 2);
  }

  /** Delivers what is planned. @returns its title */
  deliver(at = EPOCH): string | null {
    const planned = planNext('mail', this.mail, at);
    if (!planned) return null;
    const about = { actor: `request:channel:mail:${this.#seq}`, machine: 'request' };
    const context = { service: 'channel:mail', payload: planned.cargo };
    this.write(
      {
        ...about,
        event: { type: 'xstate.init', at },
        from: null,
        to: 'attempting',
        context,
      } as never,
      at,
    );
    const done = { context: { result: { status: 'succeeded', error: null } }, done: true };
    const event = { type: 'attempt.succeeded', at };
    this.write({ ...about, event, from: 'attempting', to: 'succeeded', ...done } as never, at);
    return planned.notice.title;
  }

  #tell(about: object, type: string, to: string, n: number): void {
    const kind = type === 'alert.raised' ? 'raised' : 'resolved';
    const text = { title: `${kind} it`, paragraphs: [], facts: [] };
    const event = { type, at: EPOCH, text };
    const from = n === 1 ? 'pending' : 'firing';
    const isOver = to === 'resolved' ? { done: true } : {};
    this.write({ ...about, event, from, to, context: { n, kind }, ...isOver } as never);
  }
}

describe('an outbox', () => {
  test('counts what began and ended while nobody could be told, however much it was', () => {
    const folded = new Folded();
    for (let number = 1; number <= 3_000; number++) {
      folded.raise(number);
      folded.resolve(number);
    }
    expect(folded.deliver()).toBe('Resolved: 3000 alerts are over');
    expect(folded.deliver()).toBe(null);
  });

  test('counts what it could not keep, once, and says so in the next digest', () => {
    const folded = new Folded(100);
    folded.raise(1);
    expect(folded.deliver()).toBe('raised it');
    for (let number = 2; number <= 151; number++) folded.raise(number);
    const planned = planNext('mail', folded.mail, EPOCH);
    expect(planned?.notice.title).toBe('100 alerts');
    expect(planned?.notice.paragraphs.join(' ')).toContain('50 older messages could not be kept');
    expect(planned?.notice.facts).toContainEqual({ name: 'Not kept', value: '50' });
    expect(folded.deliver()).toBe('100 alerts');
    expect(folded.deliver()).toBe(null);
    expect(folded.outbox.channel('mail').forgotten).toBe(0);
  });

  test('comes back from a snapshot as it was', () => {
    const folded = new Folded(100);
    folded.raise(1);
    folded.deliver();
    for (let number = 2; number <= 151; number++) folded.raise(number);
    const state = JSON.parse(
      JSON.stringify([folded.book.snapshot(), folded.outbox.snapshot()]),
    ) as [unknown, unknown];
    const again = new Folded(100);
    again.book.restore(state[0]);
    again.outbox.restore(state[1], again.book);
    expect(planNext('mail', again.mail, EPOCH)).toEqual(planNext('mail', folded.mail, EPOCH));
  });

  test('is not told of yesterday', () => {
    const folded = new Folded();
    folded.raise(1);
    expect(planNext('mail', folded.mail, EPOCH + DAY - 1)).not.toBe(null);
    expect(planNext('mail', folded.mail, EPOCH + DAY)).toBe(null);
  });
});
