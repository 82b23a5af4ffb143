import { describe, expect, test } from 'vitest';
import { PermanentError, TransientError } from '../../errors.ts';
import type { Ref } from '../../machines/results.ts';
import { openGuard, SERVICE } from '../support/guarded.ts';
import { journalOf } from '../support/agent.ts';

describe('what a guarded function throws', () => {
  test('a PermanentError needs nothing but a message, and ends the request at once', async () => {
    const { guard, end, ...v } = await openGuard({ retry: { maxRetries: 3 } });
    const error = new PermanentError('no');
    const tried = await end(guard.tryExecute(() => Promise.reject(error)));
    expect(tried).toEqual({ ok: false, error, attempts: 1 });
    expect(failuresIn(v)).toMatchObject([
      { category: 'PERMANENT_ERROR', kind: 'Unknown', service: SERVICE, message: 'no' },
    ]);
    expect(new TransientError('later')).toMatchObject({ kind: 'Unknown', scope: null });
  });

  test.for<[string, () => unknown]>([
    ['that has no text', () => Object.create(null)],
    ['that is a symbol', () => Symbol('x')],
    ['that is nothing', () => undefined],
    [
      'whose message throws',
      () =>
        Object.defineProperty(new Error('x'), 'message', {
          get: () => {
            throw new Error('y');
          },
        }),
    ],
  ])('something %s counts as a failed attempt, and the agent goes on', async ([, make]) => {
    const { guard, end } = await openGuard();
    const tried = await end(guard.tryExecute(() => Promise.reject(make() as Error)));
    expect(tried.ok).toBe(false);
    expect(await end(guard.execute(() => 'still here'))).toBe('still here');
  });

  test('is masked in the journal', async () => {
    const { guard, end, ...v } = await openGuard();
    const said = 'postgres://app:hunter22@db failed, password=hunter33, Bearer abcdef123456';
    await end(guard.tryExecute(() => Promise.reject(new Error(said))));
    const told = JSON.stringify(failuresIn(v));
    for (const part of ['hunter22', 'hunter33', 'abcdef123456']) expect(told).not.toContain(part);
  });
});

describe('a payload', () => {
  const cycle: Record<string, unknown> = {};
  cycle['self'] = { again: [cycle] };
  test.for<[string, unknown, string]>([
    ['with a cycle', cycle, 'payload.self.again.0'],
    ['with a BigInt', { big: 1n }, 'payload.big'],
    ['with a date', { when: new Date(0) }, 'payload.when'],
    ['with no number', { share: NaN }, 'payload.share'],
    ['that is a text', 'text', 'payload'],
  ])('%s is refused to its caller alone', async ([, payload, where]) => {
    const { guard, end } = await openGuard();
    const refused = guard.execute(() => 1, { payload: payload as Ref });
    await expect(refused).rejects.toThrow(
      new RangeError(`payload must be an object of plain JSON, got something else at ${where}`),
    );
    expect(await end(guard.execute(() => 2, { payload: { id: 'x', list: [1, null] } }))).toBe(2);
  });

  test('stands in the journal as it was when it was given', async () => {
    const { guard, end, ...v } = await openGuard();
    const payload = { id: 'before' };
    const work = guard.execute(() => 1, { payload });
    payload.id = 'after';
    await end(work);
    expect(JSON.stringify(journalOf(v))).toContain('before');
    expect(JSON.stringify(journalOf(v))).not.toContain('after"');
  });
});

const failuresIn = (v: Parameters<typeof journalOf>[0]): unknown[] =>
  journalOf(v).flatMap(({ event }) => (event.type === 'attempt.failed' ? [event['error']] : []));
