/* oxlint-disable vitest/expect-expect -- `thenIt` and `thenItIsIgnored` expect */
import { describe, expect, test } from 'vitest';
import { STAGES } from '../../machines/call-protocol.ts';
import { callMachine } from '../../machines/call.ts';
import type { Failure } from '../../machines/results.ts';
import {
  call,
  crashed,
  dialled,
  begin,
  ended,
  fired,
  following,
  goesOn,
  hungUp,
  inCall,
  internalError,
  placed,
  reported,
  resumed,
  returned,
  script,
  speech,
} from './call-story.ts';
import {
  MINUTE,
  NOW,
  SECOND,
  invalid,
  misconfigured,
  refused,
  result,
  unauthorised,
  unavailable,
} from './fixtures.ts';
import { untriedTransitions } from './given.ts';

const LATER = NOW + 10 * SECOND;
/** Where telephony tells how calls stand, they are rarely asked after. */
const inReportedCall = call({ script, speech }, { pollMs: 30 * SECOND }).events(begin(), dialled());

describe('a call that is ringing or answered', () => {
  test('is asked after when its time has come', () => {
    inCall.when(fired(NOW + 2 * SECOND)).thenIt({
      is: 'following',
      has: { at: NOW + 2 * SECOND },
      stops: ['timer'],
      starts: {
        follow: expect.objectContaining({
          id: 'call:0007/follow',
          service: 'Telephony',
          operation: 'follow',
          payload: { contact: '0007', simulated: false, placed },
          once: false,
        }),
      },
    });
  });

  test('goes on after a restart', () => {
    inCall.when(resumed()).thenItIsIgnored();
  });
});

describe('a call that telephony tells of', () => {
  test('is asked after at once', () => {
    inReportedCall.when(reported('answered', { at: LATER })).thenIt({
      is: 'following',
      has: { at: LATER, reported: { ...placed, stage: 'answered' } },
      stops: ['timer'],
      starts: { follow: expect.objectContaining({ payload: expect.objectContaining({ placed }) }) },
    });
  });

  test('is asked after once for each step that it takes, and never for one it had taken', () => {
    let seen = inReportedCall;
    for (const [step, stage] of STAGES.entries()) {
      seen.when(reported(stage)).thenIt({ is: 'following' });
      seen = seen.events(reported(stage), goesOn());
      for (const known of STAGES.slice(0, step + 1)) {
        seen.when(reported(known)).thenItIsIgnored();
      }
    }
  });

  test('is another when its id is', () => {
    inReportedCall.when(reported('ended', { sid: 'CA99' })).thenItIsIgnored();
  });

  test('is asked after again soon while its record lags behind its end', () => {
    const told = inReportedCall.events(reported('ended'));
    told.when(goesOn(LATER)).thenIt({ is: 'inCall', has: { dueAt: LATER + 5 * SECOND } });
    inReportedCall
      .events(reported('answered'))
      .when(goesOn(LATER))
      .thenIt({ is: 'inCall', has: { dueAt: LATER + 30 * SECOND } });
  });

  test('is asked after in the end when telephony tells nothing', () => {
    inReportedCall.when(fired(NOW + 30 * SECOND)).thenIt({ is: 'following' });
  });

  test('ends the question under way first, and remembers', () => {
    following.when(reported('ended')).thenIt({
      is: 'following',
      has: { reported: { ...placed, stage: 'ended' } },
      starts: {},
      stops: [],
    });
    following.events(reported('ended')).when(reported('ringing')).thenItIsIgnored();
  });
});

describe('a call being asked after', () => {
  test('is recorded when it has ended', () => {
    following.when(hungUp(LATER)).thenIt({
      is: 'recording',
      has: { disposition: 'voicemail', durationMs: 42_000, at: LATER, since: LATER },
      starts: {
        record: expect.objectContaining({
          id: 'call:0007/record',
          service: 'CRM',
          operation: 'record',
          payload: {
            contact: '0007',
            simulated: false,
            key: 'call:0007',
            disposition: 'voicemail',
            durationMs: 42_000,
            placed,
            at: NOW,
          },
          once: false,
          at: LATER,
        }),
      },
    });
  });

  test('was answered, for no time, when its end says nothing else', () => {
    following
      .when(returned('follow', { ended: true }))
      .thenIt({ is: 'recording', has: { disposition: 'answered', durationMs: 0 } });
    following
      .when(returned('follow', { ended: true, disposition: 7 }))
      .thenIt({ is: 'recording', has: { disposition: 'answered' } });
  });

  test.for(['long', Number.NaN, null, {}])('took no time when its end says %o', (durationMs) => {
    following
      .when(returned('follow', { ended: true, durationMs }))
      .thenIt({ is: 'recording', has: { durationMs: 0 } });
  });

  test('is asked after again while it goes on', () => {
    following.when(goesOn(LATER)).thenIt({
      is: 'inCall',
      has: { dueAt: LATER + 2 * SECOND, at: LATER, placed },
      starts: { timer: { dueAt: LATER + 2 * SECOND } },
    });
  });

  test('is asked after when telephony is let through again', () => {
    const deferred = result('deferred', { error: refused, at: LATER, retryAt: LATER + MINUTE });
    following
      .when(ended('follow', deferred))
      .thenIt({ is: 'inCall', has: { dueAt: LATER + MINUTE } });
  });

  test('is asked after again when that failed for now', () => {
    following
      .when(ended('follow', result('failed', { error: unavailable, at: LATER })))
      .thenIt({ is: 'inCall', has: { dueAt: LATER + 2 * SECOND } });
  });

  test('is unknown when it has not ended after four hours', () => {
    const { snapshot, ...then } = following.when(goesOn(NOW + 240 * MINUTE));
    then.thenIt({ is: 'unknown', starts: {} });
    expect(snapshot.output).toMatchObject({ status: 'unknown', disposition: null, crm: null });
    following.when(goesOn(NOW + 240 * MINUTE - 1)).thenIt({ is: 'inCall' });
  });

  test('is recorded when it has ended after all, however late', () => {
    following.when(hungUp(NOW + 300 * MINUTE)).thenIt({ is: 'recording' });
  });

  test('is unknown when asking after it is refused for good', () => {
    following.when(ended('follow', result('failed', { error: invalid }))).thenIt({
      is: 'unknown',
      has: { result: expect.objectContaining({ error: invalid }) },
    });
  });

  const refusedWith = (error: Failure, at: number) =>
    ended('follow', result('failed', { error, at }));

  test.for([
    ['account', unauthorised],
    ['config', misconfigured],
  ] as const)('is asked after a minute later while everybody is refused, scope %s', ([, error]) => {
    following.when(refusedWith(error, LATER)).thenIt({
      is: 'inCall',
      has: { placed, error, dueAt: LATER + MINUTE },
      starts: { timer: { dueAt: LATER + MINUTE } },
    });
  });

  test('forgets that once it is told how the call goes on, and is unknown after four hours', () => {
    const again = following.events(refusedWith(unauthorised, LATER), fired(LATER + MINUTE));
    again.when(goesOn(LATER + MINUTE)).thenIt({ is: 'inCall', has: { error: null } });
    again.when(hungUp(LATER + MINUTE)).thenIt({ is: 'recording' });
    again
      .when(refusedWith(unauthorised, NOW + 240 * MINUTE))
      .thenIt({ is: 'unknown', has: { result: expect.objectContaining({ error: unauthorised }) } });
  });

  test('is asked after again, as usual, while telephony does not list it yet: five minutes', () => {
    const unlisted = { ...misconfigured, status: 404, code: 20404 };
    following
      .when(refusedWith(unlisted, NOW + 5 * MINUTE - 1))
      .thenIt({ is: 'inCall', has: { dueAt: NOW + 5 * MINUTE - 1 + 2 * SECOND } });
    following
      .when(refusedWith(unlisted, NOW + 5 * MINUTE))
      .thenIt({ is: 'unknown', has: { result: expect.objectContaining({ error: unlisted }) } });
    following
      .when(refusedWith(misconfigured, NOW + 5 * MINUTE))
      .thenIt({ is: 'inCall', has: { dueAt: NOW + 6 * MINUTE } });
  });

  test('is unknown when its request dies', () => {
    following
      .when(crashed('follow'))
      .thenIt({ is: 'unknown', has: { result: internalError('unknown') as never } });
  });
});

test('every transition of a call that was placed has a sentence above', () => {
  const about = ['inCall', 'following'].map((state) => `call.${state}`);
  expect(untriedTransitions(callMachine, about)).toEqual([]);
});
