/* oxlint-disable vitest/expect-expect -- `thenIt` and `thenItIsIgnored` expect */
import { describe, expect, test } from 'vitest';
import { requestMachine } from '../../machines/request.ts';
import { MINUTE, NOW, SECOND, askingToWait, policy, result, unavailable } from './fixtures.ts';
import { untriedTransitions } from './given.ts';
import {
  abort,
  failed,
  fired,
  refusedUntil,
  request,
  requestWith,
  resumed,
  succeeded,
  told,
} from './request-story.ts';

const waiting = request().events(failed(unavailable));
const DUE = NOW + 5 * SECOND;

describe('a waiting request', () => {
  test('attempts again when its wait is over', () => {
    waiting.when(fired(DUE)).thenIt({
      is: 'attempting',
      has: { attempts: 1, retries: 1, dueAt: null, delayMs: 5 * SECOND },
      stops: ['timer'],
      starts: { attempt: expect.objectContaining({ attempt: 2 }) },
    });
  });

  test('ends at an abort at once, with the error that it waited for', () => {
    waiting.when(abort(NOW + SECOND)).thenIt({
      is: 'aborted',
      has: { attempts: 1, result: result('aborted', { at: NOW + SECOND, error: unavailable }) },
      tells: [told('ignored', { at: NOW + SECOND })],
      stops: ['timer'],
      starts: {},
    });
  });

  test('keeps its due time after a restart, and gets the lost time back', () => {
    waiting.when(resumed(NOW + MINUTE, MINUTE)).thenIt({
      is: 'waiting',
      has: { dueAt: DUE, deadlineAt: NOW + 4 * MINUTE, attempts: 1 },
      stops: [],
      starts: {},
    });
  });

  test('gets the time of several restarts back', () => {
    waiting
      .events(resumed(NOW + MINUTE, MINUTE))
      .when(resumed(NOW + 2 * MINUTE, 30 * SECOND))
      .thenIt({ is: 'waiting', has: { deadlineAt: NOW + 3 * MINUTE + 90 * SECOND } });
  });

  test('may be made again after a restart although it must not be made twice', () => {
    request({ once: true })
      .events(failed(askingToWait(SECOND)))
      .when(resumed())
      .thenIt({ is: 'waiting' });
  });

  test('is abandoned after a restart when its function was a caller’s, and nobody is told', () => {
    request({ owned: true })
      .events(failed(unavailable))
      .when(resumed())
      .thenIt({
        is: 'abandoned',
        has: { result: result('abandoned', { at: NOW + MINUTE, error: unavailable }) },
        stops: ['timer'],
      });
  });

  test.for([succeeded(), failed(unavailable), refusedUntil(NOW)])(
    'takes no notice of a late $type',
    (event) => waiting.when(event).thenItIsIgnored(),
  );
});

describe('a waiting request with jitter', () => {
  const jittered = { jitter: 'decorrelated', maxRetries: 3_000, deadlineMs: 1e12 } as const;
  const cycle = (seed: number, tries: number): number[] => {
    let story = request({ policy: policy(jittered), seed });
    const drawn: number[] = [];
    let at = NOW;
    for (let i = 0; i < tries; i++) {
      const { snapshot } = story.events(failed(unavailable, at));
      drawn.push(snapshot.context.delayMs);
      at += snapshot.context.delayMs;
      story = story.events(failed(unavailable, at - snapshot.context.delayMs), fired(at));
    }
    return drawn;
  };

  test('draws the same waits from the same seed', () => {
    expect(cycle(7, 8)).toEqual(cycle(7, 8));
    expect(cycle(7, 8)).not.toEqual(cycle(8, 8));
  });

  test('stores the wait that it has drawn', () => {
    const { context } = requestWith(jittered)
      .events(failed(unavailable), fired(DUE))
      .when(failed(unavailable, DUE)).snapshot;
    expect(context.dueAt).toBe(DUE + context.delayMs);
    expect(context.delayMs).toBeGreaterThanOrEqual(5 * SECOND);
    expect(context.delayMs).toBeLessThanOrEqual(15 * SECOND);
  });
});

test('every transition of a waiting request has a sentence above', () => {
  expect(untriedTransitions(requestMachine, ['request.waiting'])).toEqual([]);
});
