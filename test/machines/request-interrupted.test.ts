/* oxlint-disable vitest/expect-expect -- `thenIt` and `thenItIsIgnored` expect */
import { describe, expect, test } from 'vitest';
import { requestMachine } from '../../machines/request.ts';
import { MINUTE, NOW, SECOND, result, unavailable } from './fixtures.ts';
import { untriedTransitions } from './given.ts';
import { abort, failed, fired, request, requestWith, resumed, told } from './request-story.ts';

describe('an attempting request that is interrupted', () => {
  test('ends at an abort, and counts its attempt', () => {
    request()
      .when(abort(NOW + SECOND))
      .thenIt({
        is: 'aborted',
        has: { attempts: 1, result: result('aborted', { at: NOW + SECOND }) },
        tells: [told('ignored', { generation: null, at: NOW + SECOND })],
        stops: ['attempt'],
      });
  });

  test('is unsettled at an abort when it must not be made twice, because it may have been', () => {
    request({ once: true })
      .when(abort(NOW + SECOND))
      .thenIt({
        is: 'unsettled',
        has: { attempts: 1, result: result('unsettled', { at: NOW + SECOND }) },
        tells: [told('ignored', { generation: null, at: NOW + SECOND })],
        stops: ['attempt'],
      });
  });

  test('attempts again after a restart, and counts both attempts', () => {
    request()
      .when(resumed())
      .thenIt({
        is: 'attempting',
        has: { attempts: 1, retries: 0, deadlineAt: NOW + 4 * MINUTE },
        stops: ['attempt'],
        starts: { attempt: expect.objectContaining({ attempt: 2, deadlineAt: NOW + 4 * MINUTE }) },
      });
  });

  test('has lost no retry and no time to a restart', () => {
    requestWith({ deadlineMs: 6 * SECOND })
      .events(resumed(NOW + MINUTE, MINUTE))
      .when(failed(unavailable, NOW + MINUTE))
      .thenIt({ is: 'waiting', has: { attempts: 2, retries: 1, delayMs: 5 * SECOND } });
  });

  test('is abandoned after a restart when its function was a caller’s, and nobody is told', () => {
    request({ owned: true })
      .when(resumed())
      .thenIt({
        is: 'abandoned',
        has: { attempts: 1, result: result('abandoned', { at: NOW + MINUTE }) },
      });
  });

  test('is unsettled after a restart when it must not be made twice, and nobody is told', () => {
    request({ once: true })
      .when(resumed())
      .thenIt({
        is: 'unsettled',
        has: { attempts: 1, result: result('unsettled', { at: NOW + MINUTE }) },
      });
  });

  test('is abandoned rather than unsettled', () => {
    request({ owned: true, once: true }).when(resumed()).thenIt({ is: 'abandoned' });
  });

  test('takes no notice of a timer', () => {
    request().when(fired(NOW)).thenItIsIgnored();
  });
});

test('every transition of an interrupted request has a sentence above', () => {
  const interruptions = ['request.attempting on request.abort', 'request.attempting on resumed'];
  expect(untriedTransitions(requestMachine, interruptions)).toEqual([]);
});
