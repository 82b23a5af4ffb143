import { describe, expect, test } from 'vitest';
import type { RequestResult } from '../../machines/request-protocol.ts';
import type { Operation } from '../../runtime/attempt.ts';
import { breakerEventOf } from '../../runtime/admission.ts';
import { deferred } from '../support/agent.ts';
import { openRuntime, requestInput } from '../support/runtime.ts';
import { TransientError } from '../../errors.ts';

const broken: Operation = () =>
  Promise.reject(new TransientError('down', { service: 'LLM', kind: 'ServiceUnavailable' }));

async function halfOpen(operation: { current: Operation }) {
  const opened = openRuntime({
    operation: () => (input, signal) => operation.current(input, signal),
  });
  const { runtime, clock, settle } = opened;
  runtime.guardService('LLM');
  const works = operation.current;
  operation.current = broken;
  for (let i = 0; i < 3; i++) runtime.roots.start('request', `record:t${i}`, requestInput(`t${i}`));
  await settle();
  await clock.advance(60_000);
  operation.current = works;
  expect(runtime.status().services['LLM']?.breaker).toBe('HALF_OPEN');
  return opened;
}

describe('fifty callers at a half-open breaker', () => {
  test('become one probe and forty-nine refusals, and one operation is carried out', async () => {
    const answer = deferred<object>();
    let carriedOut = 0;
    const { runtime, settle } = await halfOpen({
      current: async () => {
        carriedOut++;
        await answer.promise;
        return {};
      },
    });
    const results: RequestResult[] = [];
    for (let i = 0; i < 50; i++) {
      runtime.roots.start('request', `record:c${i}`, requestInput(`c${i}`));
      runtime.roots.onEnd(`record:c${i}`, (result) => results.push(result as RequestResult));
    }
    await settle();
    expect(carriedOut).toBe(1);
    expect(results.map(({ status }) => status)).toEqual(
      Array.from({ length: 49 }, () => 'deferred'),
    );
    answer.resolve({});
    await settle();
    expect(results).toHaveLength(50);
    expect(results.at(-1)).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(runtime.status().services['LLM']?.breaker).toBe('CLOSED');
  });

  test('are told to come back a second later while the probe is out', async () => {
    const { runtime, clock } = await halfOpen({ current: () => new Promise(() => {}) });
    expect(runtime.desk.retryAt('LLM')).toBeNull();
    const first = runtime.desk.ask('LLM', 'a', null);
    const second = runtime.desk.ask('LLM', 'b', null);
    expect(first).toMatchObject({ probe: true });
    expect(second).toEqual({ retryAt: clock.now() + 1_000 });
    expect(runtime.desk.retryAt('LLM')).toBe(clock.now() + 1_000);
  });

  test('do not get a second probe by asking twice in one name', async () => {
    const { runtime } = await halfOpen({ current: () => new Promise(() => {}) });
    expect(runtime.desk.ask('LLM', 'a', null)).toMatchObject({ probe: true });
    expect(runtime.desk.ask('LLM', 'a', null)).toHaveProperty('retryAt');
  });
});

describe('the admission desk', () => {
  test('admits everybody with the breaker’s generation while it is closed', () => {
    const { runtime } = openRuntime();
    runtime.guardService('LLM');
    expect(runtime.desk.ask('LLM', 'a', null)).toEqual({ generation: 0, probe: false });
    expect(runtime.desk.retryAt('LLM')).toBeNull();
    expect(runtime.desk.isClosed('LLM')).toBe(true);
  });

  test('never says that an open breaker may be asked now', async () => {
    const { runtime, clock } = openRuntime({ operation: () => broken });
    runtime.guardService('LLM');
    for (let i = 0; i < 3; i++)
      runtime.roots.start('request', `record:t${i}`, requestInput(`t${i}`));
    await clock.advance(0);
    expect(runtime.desk.ask('LLM', 'a', null)).toEqual({ retryAt: clock.now() + 60_000 });
    expect(runtime.desk.isClosed('LLM')).toBe(false);
  });

  test('knows no service that has no breaker', () => {
    const { runtime } = openRuntime();
    expect(() => runtime.desk.ask('Nobody', 'a', null)).toThrow('No circuit breaker guards Nobody');
    expect(() =>
      runtime.desk.hear({ type: 'service.recovered', service: 'Nobody', at: 1 }),
    ).not.toThrow();
  });
});

describe('what a machine tells the world', () => {
  const settled = {
    type: 'request.settled',
    id: 'call:0001/speech',
    service: 'LLM',
    generation: 4,
    at: 7,
    error: 'TRANSIENT_ERROR',
    corr: 'call:0001',
  };
  const told = { at: 7, generation: 4, by: 'call:0001/speech', corr: 'call:0001' };

  test.for([
    ['succeeded', { type: 'request.succeeded', ...told }],
    ['failed', { type: 'request.failed', error: 'TRANSIENT_ERROR', ...told }],
    ['ignored', { type: 'request.ignored', ...told }],
  ] as const)('reaches the breaker of its service when it %s', ([outcome, event]) => {
    expect(breakerEventOf({ ...settled, outcome })).toEqual({ service: 'LLM', event });
  });

  test('frees a probe, and counts for nothing, when it ended before it had an answer', () => {
    const told = breakerEventOf({ ...settled, generation: null, outcome: 'ignored' });
    expect(told?.event).toMatchObject({ type: 'request.ignored', by: settled.id, generation: -1 });
  });

  test('resets the breaker of a service that is back', () => {
    expect(breakerEventOf({ type: 'service.recovered', service: 'CRM', at: 9 })).toEqual({
      service: 'CRM',
      event: { type: 'service.recovered', at: 9 },
    });
  });

  test.for([{ type: 'something.else', service: 'LLM' }, { type: 'request.settled' }])(
    'is none of a breaker’s business otherwise: %j',
    (emitted) => {
      expect(breakerEventOf(emitted)).toBeNull();
    },
  );
});
