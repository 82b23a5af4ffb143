/* oxlint-disable vitest/expect-expect -- `thenIt` and `thenItIsIgnored` expect */
import { describe, expect, test } from 'vitest';
import { callMachine } from '../../machines/call.ts';
import { seedOf } from '../../machines/random.ts';
import {
  call,
  crashed,
  dialled,
  ended,
  fired,
  following,
  found,
  goesOn,
  hungUp,
  inCall,
  internalError,
  lookingUp,
  notFound,
  placed,
  resumed,
  returned,
  script,
  settling,
  speech,
  begin,
  unsettled,
} from './call-story.ts';
import {
  MINUTE,
  NOW,
  SECOND,
  inDoubt,
  invalid,
  refused,
  result,
  unauthorised,
  unavailable,
} from './fixtures.ts';
import { untriedTransitions } from './given.ts';

const LATER = NOW + 10 * SECOND;
const lookupDeferred = (retryAt: number | null, at = LATER) =>
  ended('lookup', result('deferred', { error: refused, at, retryAt, attempts: 0 }));

describe('a settling call', () => {
  test('is looked up by the key it was dialled with, when telephony has had time', () => {
    settling.when(fired(NOW + 5 * SECOND)).thenIt({
      is: 'lookingUp',
      has: { lookups: 0, at: NOW + 5 * SECOND, dials: 1 },
      stops: ['timer'],
      starts: {
        lookup: expect.objectContaining({
          id: 'call:0007/lookup',
          service: 'Telephony',
          operation: 'lookup',
          payload: { contact: '0007', simulated: false, key: 'call:0007#1', since: NOW },
          once: false,
          at: NOW + 5 * SECOND,
        }),
      },
    });
  });

  test('goes on waiting after a restart', () => {
    settling.when(resumed()).thenItIsIgnored();
  });
});

describe('a call being looked up', () => {
  test('is followed when it was placed', () => {
    lookingUp.when(found(LATER)).thenIt({
      is: 'inCall',
      has: {
        placed: { ...placed, found: true },
        at: LATER,
        dueAt: LATER + 2 * SECOND,
        followUntil: LATER + 240 * MINUTE,
        dials: 1,
      },
      starts: { timer: { dueAt: LATER + 2 * SECOND } },
    });
  });

  test('is dialled again, under a new key, when it was not placed', () => {
    lookingUp.when(notFound(LATER)).thenIt({
      is: 'dialling',
      has: { dials: 2, dialledAt: LATER, at: LATER },
      starts: {
        dial: expect.objectContaining({
          payload: { contact: '0007', simulated: false, key: 'call:0007#2', script, speech },
          seed: seedOf('call:0007/dial/2'),
          once: true,
        }),
      },
    });
  });

  test('fails when it was not placed and has been dialled often enough', () => {
    const { snapshot, ...then } = call({ script, speech }, { maxDials: 2 })
      .events(begin(), unsettled(), fired(), notFound(), unsettled(), fired())
      .when(notFound(LATER));
    then.thenIt({ is: 'failed', has: { dials: 2 }, starts: {} });
    expect(snapshot.output).toMatchObject({ status: 'failed', at: LATER, error: inDoubt });
  });

  test('waits and is looked up again when telephony is not let through', () => {
    lookingUp.when(lookupDeferred(LATER + MINUTE)).thenIt({
      is: 'settling',
      has: { at: LATER, dueAt: LATER + MINUTE, error: refused, dials: 1 },
      starts: { timer: { dueAt: LATER + MINUTE } },
    });
  });

  test('waits at least as long as telephony needs to list it', () => {
    lookingUp
      .when(lookupDeferred(LATER + SECOND))
      .thenIt({ is: 'settling', has: { dueAt: LATER + 5 * SECOND } });
    lookingUp
      .when(ended('lookup', result('failed', { error: unavailable, at: LATER })))
      .thenIt({ is: 'settling', has: { dueAt: LATER + 5 * SECOND, error: unavailable } });
  });

  test('is looked up again, not dialled, when the answer does not say', () => {
    lookingUp.when(returned('lookup', {}, LATER)).thenIt({
      is: 'settling',
      has: { dials: 1, error: inDoubt },
    });
  });

  /** On the wire, and without an answer. */
  const lookupTried = () =>
    ended('lookup', result('deferred', { error: refused, at: LATER, attempts: 1 }));

  test('does not count a look-up that its breaker refuses', () => {
    call({ script, speech }, { maxLookups: 1 })
      .events(begin(), unsettled(), fired())
      .when(lookupDeferred(null))
      .thenIt({ is: 'settling', has: { lookups: 0 } });
  });

  test('is unknown when it could not be looked up often enough', () => {
    const { snapshot, ...then } = call({ script, speech }, { maxLookups: 2 })
      .events(begin(), unsettled(), fired(), lookupTried(), fired(LATER), lookupTried())
      .events(fired(LATER))
      .when(lookupTried());
    then.thenIt({ is: 'unknown', has: { lookups: 2, dials: 1 }, starts: {} });
    expect(snapshot.output).toMatchObject({ status: 'unknown', error: refused, crm: null });
  });

  test.for([
    ['contact', invalid],
    ['account', unauthorised],
  ] as const)('is unknown when looking up is refused for good, scope %s', ([, error]) => {
    lookingUp.when(ended('lookup', result('failed', { error, at: LATER }))).thenIt({
      is: 'unknown',
      has: { result: expect.objectContaining({ status: 'unknown', error }) },
    });
  });

  test('is unknown when its request dies', () => {
    lookingUp
      .when(crashed('lookup'))
      .thenIt({ is: 'unknown', has: { result: internalError('unknown') as never } });
  });

  test('is not counted among the attempts, being no attempt at calling', () => {
    const { context } = lookingUp.when(found(LATER)).snapshot;
    expect(context.attempts).toEqual({ LLM: 1, ElevenLabs: 1, Telephony: 1 });
  });
});

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
    following.when(ended('follow', result('failed', { error: unauthorised }))).thenIt({
      is: 'unknown',
      has: { result: expect.objectContaining({ error: unauthorised }) },
    });
  });

  test('is unknown when its request dies', () => {
    following
      .when(crashed('follow'))
      .thenIt({ is: 'unknown', has: { result: internalError('unknown') as never } });
  });
});

describe('a call that was dialled twice', () => {
  test('counts both dials and both attempts', () => {
    const { context } = lookingUp.events(notFound(LATER)).when(dialled(LATER)).snapshot;
    expect(context).toMatchObject({ dials: 2, attempts: { Telephony: 2 } });
  });
});

test('every transition of a call from its dial on has a sentence above', () => {
  const about = ['settling', 'lookingUp', 'inCall', 'following'];
  expect(
    untriedTransitions(
      callMachine,
      about.map((state) => `call.${state}`),
    ),
  ).toEqual([]);
});
