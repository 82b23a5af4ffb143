import { describe, expect, test } from 'vitest';
import { uniform } from '../../machines/random.ts';
import { DeferredContacts } from '../../store/deferred.ts';

function drained(deferred: DeferredContacts): string[] {
  const order: string[] = [];
  for (let first = deferred.first(); first; first = deferred.first()) {
    order.push(first.contact);
    deferred.delete(first.contact);
  }
  return order;
}

describe('deferred contacts', () => {
  test('come by their time, those without one first, and then in the order of putting back', () => {
    const deferred = new DeferredContacts();
    deferred.set('late', 30);
    deferred.set('early', 10);
    deferred.set('early too', 10);
    deferred.set('free', null);
    deferred.set('free too', null);
    expect(deferred.first()).toMatchObject({ contact: 'free', notBefore: null });
    expect(drained(deferred)).toEqual(['free', 'free too', 'early', 'early too', 'late']);
    expect([deferred.size, deferred.first()]).toEqual([0, undefined]);
  });

  test('have their latest time only, and keep their turn', () => {
    const deferred = new DeferredContacts();
    deferred.set('a', 10);
    deferred.set('b', 20);
    deferred.set('a', 20);
    deferred.delete('nobody');
    expect([...deferred]).toEqual([
      ['a', 20],
      ['b', 20],
    ]);
    expect(drained(deferred)).toEqual(['a', 'b']);
  });

  test.for([1, 2, 3])('are what a sorted list would give (seed %i)', (seed) => {
    const deferred = new DeferredContacts();
    let list: { contact: string; notBefore: number }[] = [];
    for (let step = 0; step < 3_000; step++) {
      const contact = `c${Math.floor(uniform(seed, 3 * step) * 200)}`;
      const notBefore = Math.floor(uniform(seed, 3 * step + 1) * 50);
      const known = list.find((it) => it.contact === contact);
      if (uniform(seed, 3 * step + 2) < 0.4) {
        deferred.delete(contact);
        list = list.filter((it) => it !== known);
      } else {
        deferred.set(contact, notBefore);
        if (known) known.notBefore = notBefore;
        else list.push({ contact, notBefore });
      }
      const first = list.toSorted((a, b) => a.notBefore - b.notBefore)[0];
      expect(deferred.first()?.contact).toBe(first?.contact);
    }
    expect(deferred.size).toBe(list.length);
  });
});

/** Comparisons for a hundred contacts taken out and put back, beside so many others. */
function comparisonsBeside(others: number): number {
  let comparisons = 0;
  /** A number that notices when it is compared. */
  const counted = (value: number): number =>
    ({ valueOf: () => (comparisons++, value) }) as unknown as number;
  const deferred = new DeferredContacts();
  for (let n = 0; n < others; n++) deferred.set(`c${n}`, counted(uniform(1, n)));
  comparisons = 0;
  for (let n = 0; n < 100; n++) {
    const contact = deferred.first()?.contact ?? '';
    deferred.delete(contact);
    deferred.set(contact, counted(2 + n));
  }
  return comparisons;
}

test('a hundred times the deferred contacts cost less than three times the comparisons', () => {
  expect(comparisonsBeside(100_000) / comparisonsBeside(1_000)).toBeLessThan(3);
});
