import assert from 'node:assert/strict';
import type { RetryPolicy } from '../../../machines/backoff.ts';
import type { Admission, RequestEvent, RequestInput } from '../../../machines/request-protocol.ts';
import { requestMachine } from '../../../machines/request.ts';
import {
  MINUTE,
  SECOND,
  askingToWait,
  inDoubt,
  invalid,
  policy,
  requestInput,
  unauthorised,
  unavailable,
} from '../fixtures.ts';
import * as story from '../request-story.ts';
import type { Model, Step } from './model.ts';

const input = (more: Partial<RequestInput>, how: Partial<RetryPolicy> = {}) =>
  requestInput({ policy: policy({ maxRetries: 2, ...how }), ...more });

const failures = [
  unavailable,
  unavailable,
  unavailable,
  inDoubt,
  invalid,
  unauthorised,
  askingToWait(9 * SECOND),
  askingToWait(10 * MINUTE),
];

const admitted: Admission = { generation: 4, probe: false };

type Request = typeof requestMachine;

function checkEnd({ after, emitted, event }: Step<Request>): void {
  const { result, attempts, generation } = after.context;
  assert.equal(result?.status, after.value);
  assert.equal(result.attempts, attempts);
  assert.deepEqual(after.output, result);
  if (event.type === 'resumed') return assert.deepEqual(emitted, [], 'a restart tells nobody');
  assert.equal(emitted.length, 1, 'an end is told once');
  assert.equal(emitted[0]?.generation, generation);
  assert.equal(emitted[0].at, event.at);
  const isProbe = 'probe' in event && event.probe;
  const isFailure = emitted[0].outcome === 'failed';
  const mayBeFailure = after.value === 'failed' || after.value === 'unsettled' || isProbe;
  assert.ok(!isFailure || mayBeFailure, 'a deferred request is nobody’s failure');
}

export const requestModel: Model<Request> = {
  machine: requestMachine,
  explored: [
    input({}),
    input({ once: true }),
    input({ owned: true }),
    input({}, { counts: 'attempt' }),
    input({ seed: 42 }, { jitter: 'decorrelated', maxRetries: 8 }),
    input({}, { deadlineMs: 20 * SECOND }),
  ],

  events: ({ context }, at) => {
    const failed = failures.flatMap((error): RequestEvent[] => [
      story.failed(error, at, admitted),
      story.failed(error, at, story.asProbe),
    ]);
    const usual = Array.from({ length: 12 }, () => story.failed(unavailable, at, admitted));
    const due = Math.max(at, context.dueAt ?? 0);
    return [
      ...failed,
      ...usual,
      story.succeeded(at),
      story.succeeded(at, story.asProbe),
      story.refusedUntil(at + MINUTE, at),
      story.abort(at),
      ...Array.from({ length: context.dueAt === null ? 0 : 20 }, () => story.fired(due)),
      story.resumed(at, MINUTE),
    ];
  },

  fingerprint: ({ value, context }) => [value, context.retries],

  check: (step) => {
    const { before, event, after, emitted, life } = step;
    const { attempts, retries, delayMs, dueAt, deadlineAt, result } = after.context;
    const { maxRetries, counts, initialDelayMs } = after.context.policy;
    const resumes = life.filter(({ type }) => type === 'resumed').length;
    assert.ok(attempts <= 1 + maxRetries + resumes, 'no more attempts than allowed');
    assert.ok(attempts >= before.context.attempts, 'attempts only rise');
    const isDoubtful = after.context.once && before.value === 'attempting';
    assert.ok(after.value !== 'aborted' || !isDoubtful, 'what may have been done is not undone');
    assert.ok(retries <= maxRetries, 'no more retries than allowed');
    if (after.status === 'done') return checkEnd(step);
    assert.equal(result, null);
    assert.equal(dueAt !== null, after.value === 'waiting', 'due only while waiting');
    if (after.value === 'waiting') {
      assert.ok(Number.isSafeInteger(delayMs) && delayMs >= initialDelayMs, 'a whole wait');
      assert.ok((dueAt ?? Infinity) < deadlineAt, 'no wait ends after the deadline');
    }
    const isRetried = before.value === 'attempting' && after.value === 'waiting';
    const isInDoubt = event.type === 'attempt.failed' && event.error.ambiguous;
    assert.ok(!isRetried || !after.context.once || !isInDoubt, 'never twice');
    assert.equal(emitted.length, isRetried && counts === 'attempt' ? 1 : 0);
  },
};
