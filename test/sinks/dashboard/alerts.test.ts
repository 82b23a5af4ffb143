import { expect, test } from 'vitest';
import { Book } from '../../../sinks/dashboard/model/book.ts';
import { golden } from './support.ts';

const alertsAt = (seq: number) => {
  const book = new Book();
  for (const record of golden('recovery')) if (record.seq <= seq) book.apply(record);
  return book.page().alerts;
};

test('alerts at any moment: none yet, one that fires and says what it means, and its end', () => {
  const incidents = golden('recovery').filter(({ machine }) => machine === 'incident');
  const ended = incidents.filter(({ done }) => done).map(({ actor }) => actor);
  const raised = incidents.find(({ actor, to }) => ended.includes(actor) && to === 'firing');
  if (!raised) throw new Error('nothing fires');
  const of = (seq: number) => alertsAt(seq).find(({ id }) => `alert:${id}` === raised.actor);
  expect(alertsAt(1)).toEqual([]);
  expect(of(raised.seq - 1)?.raisedAt ?? null).toBe(null);
  const firing = of(raised.seq);
  expect(firing).toMatchObject({ state: 'firing', raisedAt: new Date(raised.at).toISOString() });
  expect(firing?.title).toMatch(/\w/);
  expect(firing?.text).toMatch(/\w/);
  expect(of(Infinity)).toMatchObject({ state: 'resolved', resolvedAt: expect.any(String) });
});
