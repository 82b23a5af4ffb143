/* oxlint-disable vitest/expect-expect -- `thenIt` and `thenItIsIgnored` expect */
import { describe, expect, test } from 'vitest';
import { callMachine } from '../../machines/call.ts';
import { seedOf } from '../../machines/random.ts';
import {
  begin,
  call,
  crashed,
  dialled,
  ended,
  fired,
  found,
  internalError,
  lookingUp,
  notFound,
  placed,
  reported,
  resumed,
  returned,
  script,
  settling,
  speech,
  unsettled,
} from './call-story.ts';
import {
  MINUTE,
  NOW,
  SECOND,
  inDoubt,
  invalid,
  misconfigured,
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

  test('is followed, and not looked up, once telephony tells of it', () => {
    settling.when(reported('ringing', { at: LATER })).thenIt({
      is: 'inCall',
      has: {
        placed,
        reported: { ...placed, stage: 'ringing' },
        dueAt: LATER + 2 * SECOND,
        followUntil: LATER + 240 * MINUTE,
        dials: 1,
      },
      stops: ['timer'],
      starts: { timer: { dueAt: LATER + 2 * SECOND } },
    });
  });

  test('hears nothing of a dial that is not the last', () => {
    settling.when(reported('ended', { dial: 2 })).thenItIsIgnored();
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

  test('is never dialled again once telephony has told of it, whatever the look-up says', () => {
    const told = lookingUp.events(reported('initiated'));
    told.when(notFound(LATER)).thenIt({
      is: 'inCall',
      has: { placed, dials: 1, dueAt: LATER + 2 * SECOND, followUntil: LATER + 240 * MINUTE },
    });
    told.when(ended('lookup', result('failed', { error: unavailable, at: LATER }))).thenIt({
      is: 'inCall',
      has: { placed, lookups: 0 },
    });
  });

  test('notes what telephony tells, and lets the look-up end', () => {
    lookingUp.when(reported('answered')).thenIt({
      is: 'lookingUp',
      has: { reported: { ...placed, stage: 'answered' }, placed: null },
      starts: {},
      stops: [],
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

  test('is dialled again however often our own end cut the dial off', () => {
    const cutOff = () => [ended('dial', result('unsettled', { at: LATER })), fired(), notFound()];
    const { snapshot, ...then } = call({ script, speech }, { maxDials: 2 })
      .events(begin(), ...cutOff(), ...cutOff(), ...cutOff(), unsettled(), fired(), notFound())
      .events(...cutOff(), unsettled(), fired())
      .when(notFound(LATER));
    then.thenIt({ is: 'failed', has: { dials: 6, doubts: 2 }, starts: {} });
    expect(snapshot.output).toMatchObject({ status: 'failed', error: inDoubt });
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

  test('is unknown when looking up is refused for good', () => {
    lookingUp.when(ended('lookup', result('failed', { error: invalid, at: LATER }))).thenIt({
      is: 'unknown',
      has: { result: expect.objectContaining({ status: 'unknown', error: invalid }) },
    });
  });

  test.for([
    ['account', unauthorised],
    ['config', misconfigured],
    ['config', { ...misconfigured, status: 404, code: 20404 }],
  ] as const)('is looked up a minute later while everybody is refused, scope %s', ([, error]) => {
    const event = ended('lookup', result('failed', { error, at: LATER }));
    lookingUp.when(event).thenIt({
      is: 'settling',
      has: { error, lookups: 1, dials: 1, dueAt: LATER + MINUTE },
    });
    call({ script, speech }, { maxLookups: 0 })
      .events(begin(), unsettled(), fired())
      .when(event)
      .thenIt({ is: 'unknown', has: { result: expect.objectContaining({ error }) } });
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

describe('a call that was dialled twice', () => {
  test('counts both dials and both attempts', () => {
    const { context } = lookingUp.events(notFound(LATER)).when(dialled(LATER)).snapshot;
    expect(context).toMatchObject({ dials: 2, attempts: { Telephony: 2 } });
  });

  test('no longer hears of the first dial', () => {
    const again = lookingUp.events(notFound(LATER));
    again.when(reported('ended', { dial: 1 })).thenItIsIgnored();
    again
      .when(reported('ringing', { dial: 2 }))
      .thenIt({ is: 'dialling', has: { reported: { ...placed, stage: 'ringing' } } });
  });

  test('forgets what was told of the dial before', () => {
    const { context } = lookingUp.when(notFound(LATER)).snapshot;
    expect(context.reported).toBeNull();
  });
});

test('every transition of a call in doubt has a sentence above', () => {
  const about = ['settling', 'lookingUp'].map((state) => `call.${state}`);
  expect(untriedTransitions(callMachine, about)).toEqual([]);
});
