/* oxlint-disable vitest/expect-expect -- `thenIt` and `thenItIsIgnored` expect */
import { describe, expect, test } from 'vitest';
import { requestMachine } from '../../machines/request.ts';
import {
  MINUTE,
  NOW,
  SECOND,
  askingToWait,
  inDoubt,
  invalid,
  misconfigured,
  refused,
  requestInput,
  result,
  unauthorised,
  unavailable,
} from './fixtures.ts';
import { untriedTransitions } from './given.ts';
import {
  asProbe,
  failed,
  fired,
  refusedUntil,
  request,
  requestWith,
  succeeded,
  told,
} from './request-story.ts';

const TRANSIENT = { error: 'TRANSIENT_ERROR' } as const;
const PERMANENT = { error: 'PERMANENT_ERROR' } as const;

/** Its last try: all three retries are used. */
const lastTry = request().events(
  failed(unavailable, NOW),
  fired(NOW + 5 * SECOND),
  failed(unavailable, NOW + 5 * SECOND),
  fired(NOW + 15 * SECOND),
  failed(unavailable, NOW + 15 * SECOND),
  fired(NOW + 35 * SECOND),
);

describe('a request', () => {
  test('begins with an attempt, and a deadline for all of it', () => {
    const { snapshot } = request();
    expect(snapshot.value).toBe('attempting');
    expect(snapshot.context).toEqual({
      ...requestInput(),
      attempts: 0,
      retries: 0,
      generation: null,
      delayMs: 0,
      dueAt: null,
      deadlineAt: NOW + 3 * MINUTE,
      error: null,
      result: null,
    });
  });

  test('tells its attempt all that this needs', () => {
    const { id, service, operation, payload, once, corr } = requestInput({ once: true });
    const what = { id, service, operation, payload, once, corr };
    const attempt = { ...what, attempt: 2, timeoutMs: 30 * SECOND, deadlineAt: NOW + 3 * MINUTE };
    request({ once: true })
      .events(failed(unavailable))
      .when(fired(NOW + 5 * SECOND))
      .thenIt({ is: 'attempting', stops: ['timer'], starts: { attempt } });
  });
});

describe('an attempting request', () => {
  test('hands on what its attempt returns', () => {
    const { snapshot, ...then } = request().when(succeeded());
    then.thenIt({
      is: 'succeeded',
      has: { attempts: 1, generation: 4, error: null },
      tells: [told('succeeded')],
    });
    expect(snapshot.status).toBe('done');
    expect(snapshot.output).toEqual(result('succeeded', { ref: { artefact: 'sha256-1f0a' } }));
  });

  test('forgets the failures before a success', () => {
    const { snapshot } = request()
      .events(failed(unavailable), fired(NOW + 5 * SECOND))
      .when(succeeded(NOW + 6 * SECOND, { generation: 5, probe: false }));
    expect(snapshot.output).toMatchObject({ status: 'succeeded', error: null, attempts: 2 });
  });

  test('waits 5 seconds after its first failure, and tells nobody', () => {
    request()
      .when(failed(unavailable))
      .thenIt({
        is: 'waiting',
        has: {
          attempts: 1,
          retries: 1,
          delayMs: 5 * SECOND,
          dueAt: NOW + 5 * SECOND,
          error: unavailable,
        },
        stops: ['attempt'],
        starts: { timer: { dueAt: NOW + 5 * SECOND } },
      });
  });

  test('waits 10 seconds after its second failure and 20 after its third', () => {
    const second = request().events(failed(unavailable), fired(NOW + 5 * SECOND));
    second
      .when(failed(unavailable, NOW + 5 * SECOND))
      .thenIt({ is: 'waiting', has: { delayMs: 10 * SECOND, dueAt: NOW + 15 * SECOND } });
    second
      .events(failed(unavailable, NOW + 5 * SECOND), fired(NOW + 15 * SECOND))
      .when(failed(unavailable, NOW + 15 * SECOND))
      .thenIt({ is: 'waiting', has: { delayMs: 20 * SECOND, dueAt: NOW + 35 * SECOND } });
  });

  test('fails when its last try fails', () => {
    const at = NOW + 35 * SECOND;
    const { snapshot, ...then } = lastTry.when(failed(unavailable, at));
    then.thenIt({
      is: 'failed',
      has: { attempts: 4, retries: 3 },
      tells: [told('failed', { ...TRANSIENT, at })],
    });
    expect(snapshot.output).toEqual(result('failed', { at, error: unavailable, attempts: 4 }));
  });

  test('fails at its first failure when it may not retry', () => {
    requestWith({ maxRetries: 0 })
      .when(failed(unavailable))
      .thenIt({ is: 'failed', has: { attempts: 1 }, tells: [told('failed', TRANSIENT)] });
  });

  test('carries the admission of its last attempt', () => {
    lastTry.when(failed(unavailable, NOW, { generation: 9, probe: false })).thenIt({
      is: 'failed',
      has: { generation: 9 },
      tells: [told('failed', { ...TRANSIENT, generation: 9 })],
    });
  });

  test.for([
    ['contact', invalid],
    ['account', unauthorised],
    ['config', misconfigured],
  ] as const)('ends at once at a permanent error of the %s, nobody’s failure', ([, error]) => {
    request()
      .when(failed(error))
      .thenIt({
        is: 'failed',
        has: { attempts: 1, retries: 0, result: result('failed', { error }) },
        tells: [told('ignored', PERMANENT)],
      });
  });

  test('tells of each failing attempt when each counts', () => {
    requestWith({ counts: 'attempt' })
      .when(failed(unavailable))
      .thenIt({
        is: 'waiting',
        has: { attempts: 1, dueAt: NOW + 5 * SECOND },
        tells: [told('failed', TRANSIENT)],
      });
    requestWith({ counts: 'attempt', maxRetries: 0 })
      .when(failed(unavailable))
      .thenIt({ is: 'failed', tells: [told('failed', TRANSIENT)] });
  });
});

describe('an attempting request that is asked to wait', () => {
  test('waits as long as it is asked to, when that is longer', () => {
    request()
      .when(failed(askingToWait(9 * SECOND)))
      .thenIt({ is: 'waiting', has: { delayMs: 9 * SECOND, dueAt: NOW + 9 * SECOND } });
  });

  test('waits its own time, when that is longer', () => {
    request()
      .when(failed(askingToWait(0)))
      .thenIt({ is: 'waiting', has: { delayMs: 5 * SECOND } });
  });

  test('waits as long as the cap allows', () => {
    request()
      .when(failed(askingToWait(MINUTE)))
      .thenIt({ is: 'waiting', has: { dueAt: NOW + MINUTE } });
  });

  test('waits its own time when no wait at all is asked for, and none allowed', () => {
    requestWith({ hintCapMs: 0 }).when(failed(unavailable)).thenIt({ is: 'waiting' });
  });

  test('is deferred when it would be longer than the cap, nobody’s failure', () => {
    const error = askingToWait(MINUTE + 0.5);
    request()
      .when(failed(error))
      .thenIt({
        is: 'deferred',
        has: { result: result('deferred', { error, retryAt: NOW + MINUTE + 1 }) },
        tells: [told('ignored', TRANSIENT)],
      });
  });
});

describe('an attempting request with a deadline', () => {
  test('fails when its wait would end at the deadline', () => {
    requestWith({ deadlineMs: 5 * SECOND })
      .when(failed(unavailable))
      .thenIt({ is: 'failed', has: { attempts: 1 }, tells: [told('failed', TRANSIENT)] });
  });

  test('waits when its wait ends just before the deadline', () => {
    requestWith({ deadlineMs: 5 * SECOND + 1 })
      .when(failed(unavailable))
      .thenIt({ is: 'waiting' });
  });

  test('fails when a hint goes beyond the deadline', () => {
    requestWith({ deadlineMs: 20 * SECOND })
      .when(failed(askingToWait(30 * SECOND)))
      .thenIt({ is: 'failed', tells: [told('failed', TRANSIENT)] });
  });

  test('fails when each attempt counts and the deadline is near', () => {
    requestWith({ counts: 'attempt', deadlineMs: SECOND })
      .when(failed(unavailable))
      .thenIt({ is: 'failed', tells: [told('failed', TRANSIENT)] });
  });
});

describe('an attempting request that was let through as a probe', () => {
  test('has one attempt, and tells that it failed', () => {
    request()
      .when(failed(unavailable, NOW, asProbe))
      .thenIt({
        is: 'deferred',
        has: { attempts: 1, result: result('deferred', { error: unavailable }) },
        tells: [told('failed', { ...TRANSIENT, generation: 6 })],
      });
  });

  test('is deferred as long as it is asked to wait', () => {
    const error = askingToWait(9 * SECOND);
    request()
      .when(failed(error, NOW, asProbe))
      .thenIt({
        is: 'deferred',
        has: { result: result('deferred', { error, retryAt: NOW + 9 * SECOND }) },
        tells: [told('failed', { ...TRANSIENT, generation: 6 })],
      });
  });

  test('is nobody’s failure at a permanent error', () => {
    request()
      .when(failed(invalid, NOW, asProbe))
      .thenIt({ is: 'failed', tells: [told('ignored', { ...PERMANENT, generation: 6 })] });
  });

  test('succeeds as any other', () => {
    request()
      .when(succeeded(NOW, asProbe))
      .thenIt({ is: 'succeeded', tells: [told('succeeded', { generation: 6 })] });
  });
});

describe('an attempting request that its breaker refuses', () => {
  test('is deferred, and has used no attempt', () => {
    request()
      .when(refusedUntil(NOW + MINUTE))
      .thenIt({
        is: 'deferred',
        has: {
          result: result('deferred', { error: refused, retryAt: NOW + MINUTE, attempts: 0 }),
        },
        tells: [told('ignored', { generation: null, error: 'CIRCUIT_BREAKER_OPEN' })],
      });
  });

  test('is deferred in the middle of its cycle too', () => {
    const at = NOW + 5 * SECOND;
    request()
      .events(failed(unavailable), fired(at))
      .when(refusedUntil(NOW + MINUTE, at))
      .thenIt({
        is: 'deferred',
        has: { attempts: 1 },
        tells: [told('ignored', { error: 'CIRCUIT_BREAKER_OPEN', at })],
      });
  });
});

describe('an attempting request that must not be made twice', () => {
  const once = request({ once: true });

  test('is unsettled when nobody knows whether it was carried out', () => {
    once.when(failed(inDoubt)).thenIt({
      is: 'unsettled',
      has: { attempts: 1, retries: 0, result: result('unsettled', { error: inDoubt }) },
      tells: [told('failed', TRANSIENT)],
    });
  });

  test('is unsettled as a probe too', () => {
    once
      .when(failed(inDoubt, NOW, asProbe))
      .thenIt({ is: 'unsettled', tells: [told('failed', { ...TRANSIENT, generation: 6 })] });
  });

  test('is unsettled also when the error in doubt is permanent', () => {
    once
      .when(failed({ ...invalid, ambiguous: true }))
      .thenIt({ is: 'unsettled', tells: [told('failed', PERMANENT)] });
  });

  test('is made again after a definite refusal', () => {
    once
      .when(failed(askingToWait(SECOND)))
      .thenIt({ is: 'waiting', has: { dueAt: NOW + 5 * SECOND } });
  });

  test('does not care for doubt when it may be made twice', () => {
    request().when(failed(inDoubt)).thenIt({ is: 'waiting' });
  });
});

test('every transition that an attempt’s end takes has a sentence above', () => {
  expect(untriedTransitions(requestMachine, ['request.attempting on attempt.'])).toEqual([]);
});
