import { describe, expect, test } from 'vitest';
import { Ledger } from '../../store/ledger.ts';
import type { JournalRecord } from '../../store/record.ts';

describe('what a snapshot holds of many contacts', () => {
  const idOf = (n: number): string => String(n + 1).padStart(4, '0');
  const settled = (n: number, event: object = {}) =>
    ({
      actor: 'campaign:spring',
      machine: 'campaign',
      event: { type: 'contact.settled', status: 'skipped', contact: idOf(n), worker: n, ...event },
      from: 'running',
      to: 'running',
    }) as Partial<JournalRecord> as JournalRecord;

  /** So many contacts that were passed over: 300 are two whole blocks and a part of one. */
  function skipped(count: number): Ledger {
    const ledger = new Ledger();
    for (let n = 0; n < count; n++) ledger.apply(settled(n));
    return ledger;
  }

  const written = (ledger: Ledger): string => JSON.stringify(ledger.snapshot());

  function restored(text: string): Ledger {
    const ledger = new Ledger();
    ledger.restore(JSON.parse(text));
    return ledger;
  }

  const deferral = (n: number): JournalRecord => settled(n, { status: 'deferred', until: 77 });

  test('comes back, in their order, each with what it had', () => {
    const ledger = skipped(300);
    ledger.apply(deferral(5));
    const back = restored(written(ledger));
    expect([...back.contacts()]).toEqual(Array.from({ length: 300 }, (_, n) => idOf(n)));
    expect(back.has('0300')).toBe(true);
    expect(back.has('0301')).toBe(false);
    expect(back.get('0301')).toBeUndefined();
    expect(back.get('0006')).toMatchObject({ contact: '0006', status: 'deferred', retryAt: 77 });
    expect(back.entries()).toEqual(ledger.entries());
  });

  test('is the same after a restart, looked into or not, and once more', () => {
    const text = written(skipped(300));
    const back = restored(text);
    expect(written(back)).toBe(text);
    back.entries();
    expect(written(back)).toBe(text);
  });

  test.for([0, 127, 128, 255, 299])('follows what becomes of contact %i afterwards', (n) => {
    const [fresh, back] = [skipped(300), restored(written(skipped(300)))];
    // One that has made a snapshot before keeps what it has packed.
    const seasoned = skipped(300);
    written(seasoned);
    for (const ledger of [fresh, back, seasoned]) ledger.apply(deferral(n));
    expect(written(back)).toBe(written(fresh));
    expect(written(seasoned)).toBe(written(fresh));
    expect(restored(written(back)).get(idOf(n))).toMatchObject({ retryAt: 77 });
  });

  test('is what was when it was taken, whatever happens before it is written', () => {
    const ledger = skipped(300);
    const before = written(skipped(300));
    const taken = ledger.snapshot();
    ledger.apply(deferral(3));
    ledger.apply(deferral(290));
    expect(JSON.stringify(taken)).toBe(before);
  });

  test('takes in more contacts behind those of before', () => {
    const back = restored(written(skipped(256)));
    const whole = skipped(300);
    for (let n = 256; n < 300; n++) back.apply(settled(n));
    expect(written(back)).toBe(written(whole));
  });
});
