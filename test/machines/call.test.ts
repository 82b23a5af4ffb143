/* oxlint-disable vitest/expect-expect -- `thenIt` and `thenItIsIgnored` expect */
import { describe, expect, test } from 'vitest';
import { resultOf } from '../../machines/call-protocol.ts';
import { callMachine } from '../../machines/call.ts';
import { seedOf } from '../../machines/random.ts';
import {
  begin,
  call,
  crashed,
  dialled,
  dialling,
  ended,
  fired,
  internalError,
  placed,
  reported,
  resumed,
  script,
  scripted,
  scripting,
  speaking,
  speech,
  spoken,
  unsettled,
} from './call-story.ts';
import {
  MINUTE,
  NOW,
  SECOND,
  callInput,
  callSettings,
  inDoubt,
  invalid,
  misconfigured,
  refused,
  result,
  unauthorised,
  unavailable,
} from './fixtures.ts';
import { untriedTransitions } from './given.ts';

const LATER = NOW + 3 * SECOND;

describe('a queued call', () => {
  test('knows its contact and nothing else yet', () => {
    const { snapshot } = call();
    expect(snapshot.value).toBe('queued');
    expect(snapshot.context).toEqual({
      ...callInput(),
      at: 0,
      since: 0,
      placed: null,
      reported: null,
      dials: 0,
      doubts: 0,
      lookups: 0,
      dialledAt: null,
      dueAt: null,
      followUntil: null,
      disposition: null,
      durationMs: null,
      error: null,
      attempts: {},
      steps: [],
      result: null,
    });
  });

  test('asks for a script first', () => {
    call()
      .when(begin())
      .thenIt({
        is: 'scripting',
        has: { at: NOW, since: NOW },
        starts: {
          script: {
            id: 'call:0007/script',
            service: 'LLM',
            operation: 'script',
            payload: { contact: '0007', simulated: false },
            once: false,
            owned: false,
            policy: callSettings.policies.default,
            seed: seedOf('call:0007/script/0'),
            corr: 'call:0007',
            at: NOW,
          },
        },
      });
  });

  test('keeps the script that an earlier try has made', () => {
    call({ script })
      .when(begin())
      .thenIt({ is: 'speaking', has: { script, at: NOW, since: NOW } });
  });

  test('keeps the speech that an earlier try has made', () => {
    call({ script, speech })
      .when(begin())
      .thenIt({ is: 'dialling', has: { speech, dials: 1, dialledAt: NOW, at: NOW, since: NOW } });
  });

  test('begins when a crash came before its beginning', () => {
    call()
      .when(resumed())
      .thenIt({ is: 'scripting', has: { at: NOW } });
    call({ script }).when(resumed()).thenIt({ is: 'speaking' });
    call({ script, speech })
      .when(resumed())
      .thenIt({ is: 'dialling', has: { dials: 1 } });
  });
});

describe.for([
  { step: 'script', service: 'LLM', state: 'a scripting call', story: scripting },
  { step: 'speech', service: 'ElevenLabs', state: 'a speaking call', story: speaking },
  { step: 'dial', service: 'Telephony', state: 'a dialling call', story: dialling },
] as const)('$state', ({ step, service, story }) => {
  const noted = (attempts: number) => ({
    attempts: expect.objectContaining({ [service]: attempts }),
    steps: expect.arrayContaining([{ service, ms: 3 * SECOND, ok: false }]),
  });

  test('fails with its contact’s error', () => {
    const { snapshot, ...then } = story.when(
      ended(step, result('failed', { error: invalid, at: LATER })),
    );
    then.thenIt({ is: 'failed', has: noted(1), stops: [step], starts: {} });
    expect(snapshot.output).toEqual({
      status: 'failed',
      at: LATER,
      disposition: null,
      crm: null,
      error: invalid,
      retryAt: null,
    });
  });

  test('fails when its service failed to the last try', () => {
    story
      .when(ended(step, result('failed', { error: unavailable, at: LATER, attempts: 4 })))
      .thenIt({ is: 'failed', has: noted(4) });
  });

  test('is deferred while its service is not let through, and has made no attempt', () => {
    const retryAt = NOW + MINUTE;
    const { snapshot, ...then } = story.when(
      ended(step, result('deferred', { error: refused, at: LATER, retryAt, attempts: 0 })),
    );
    then.thenIt({ is: 'deferred', has: noted(0) });
    expect(snapshot.output).toMatchObject({ status: 'deferred', error: refused, retryAt });
  });

  test.for([
    ['account', unauthorised],
    ['config', misconfigured],
  ] as const)('is deferred at an error of the %s, which is not its contact’s', ([, error]) => {
    story.when(ended(step, result('failed', { error, at: LATER }))).thenIt({
      is: 'deferred',
      has: { result: expect.objectContaining({ status: 'deferred', error, retryAt: null }) },
    });
  });

  test('fails when its request was aborted', () => {
    story.when(ended(step, result('aborted', { at: LATER }))).thenIt({ is: 'failed' });
  });

  test('does not begin again', () => {
    story.when(begin()).thenItIsIgnored();
    story.when(resumed()).thenItIsIgnored();
  });
});

describe('a scripting call', () => {
  test('has its script spoken', () => {
    scripting.when(scripted(LATER)).thenIt({
      is: 'speaking',
      has: {
        script,
        at: LATER,
        since: LATER,
        attempts: { LLM: 1 },
        steps: [{ service: 'LLM', ms: 3 * SECOND, ok: true }],
      },
      stops: ['script'],
      starts: {
        speech: expect.objectContaining({
          id: 'call:0007/speech',
          service: 'ElevenLabs',
          operation: 'speech',
          payload: { contact: '0007', simulated: false, script },
          once: false,
          at: LATER,
        }),
      },
    });
  });

  test('fails when its request dies', () => {
    scripting
      .when(crashed('script'))
      .thenIt({ is: 'failed', has: { result: internalError('failed') as never } });
  });
});

describe('a speaking call', () => {
  test('dials with its speech', () => {
    speaking.when(spoken(LATER)).thenIt({
      is: 'dialling',
      has: { speech, dials: 1, dialledAt: LATER, attempts: { LLM: 1, ElevenLabs: 1 } },
      starts: {
        dial: expect.objectContaining({
          id: 'call:0007/dial',
          service: 'Telephony',
          operation: 'dial',
          payload: { contact: '0007', simulated: false, key: 'call:0007#1', script, speech },
          at: LATER,
        }),
      },
    });
  });

  test('fails when its request dies', () => {
    speaking
      .when(crashed('speech'))
      .thenIt({ is: 'failed', has: { result: internalError('failed') as never } });
  });
});

describe('a dialling call', () => {
  test('asks that it be placed once only, by the policy of telephony', () => {
    speaking.when(spoken()).thenIt({
      is: 'dialling',
      starts: {
        dial: expect.objectContaining({ once: true, policy: callSettings.policies['Telephony'] }),
      },
    });
  });

  test('asks the simulated telephony when it is told to', () => {
    call({ script, speech, simulated: true })
      .when(begin())
      .thenIt({
        is: 'dialling',
        starts: {
          dial: expect.objectContaining({ payload: expect.objectContaining({ simulated: true }) }),
        },
      });
  });

  test('is followed when it has been placed', () => {
    dialling.when(dialled(LATER)).thenIt({
      is: 'inCall',
      has: {
        placed,
        at: LATER,
        dueAt: LATER + 2 * SECOND,
        followUntil: LATER + 240 * MINUTE,
        attempts: { LLM: 1, ElevenLabs: 1, Telephony: 1 },
      },
      starts: { timer: { dueAt: LATER + 2 * SECOND } },
    });
  });

  test('waits before it is looked up when nobody knows whether it rang', () => {
    dialling.when(unsettled(LATER)).thenIt({
      is: 'settling',
      has: { at: LATER, dueAt: LATER + 5 * SECOND, error: inDoubt, dials: 1, lookups: 0 },
      starts: { timer: { dueAt: LATER + 5 * SECOND } },
    });
  });

  test('is looked up also when a restart left the doubt, and there is no error', () => {
    dialling
      .when(ended('dial', result('unsettled', { at: LATER })))
      .thenIt({ is: 'settling', has: { error: null, dueAt: LATER + 5 * SECOND } });
  });

  test('notes what telephony tells before it has answered', () => {
    dialling
      .when(reported('initiated'))
      .thenIt({ is: 'dialling', has: { reported: { ...placed, stage: 'initiated' } }, starts: {} });
    dialling.events(reported('ended')).when(reported('ringing')).thenItIsIgnored();
  });

  test('is in no doubt when the answer is lost but telephony has told of it', () => {
    dialling
      .events(reported('ringing'))
      .when(unsettled(LATER))
      .thenIt({
        is: 'inCall',
        has: { placed, dueAt: LATER + 2 * SECOND, followUntil: LATER + 240 * MINUTE },
      });
  });

  test('is unknown when its request dies, because it may have rung', () => {
    dialling
      .when(crashed('dial'))
      .thenIt({ is: 'unknown', has: { result: internalError('unknown') as never } });
  });

  test('takes no notice of a timer', () => {
    dialling.when(fired()).thenItIsIgnored();
  });
});

describe('a call whose step returns nothing', () => {
  const nothing = (step: string) => ended(step, result('succeeded', { at: LATER }));

  test('goes on with nothing', () => {
    scripting.when(nothing('script')).thenIt({ is: 'speaking', has: { script: null } });
    speaking.when(nothing('speech')).thenIt({ is: 'dialling', has: { speech: null } });
  });

  test('is followed all the same, because it has been placed', () => {
    dialling.when(nothing('dial')).thenIt({ is: 'inCall', has: { placed: null } });
  });
});

test('only the end of a request has a result', () => {
  expect(resultOf(begin())).toBeNull();
  expect(resultOf(ended('dial', result('succeeded')))).toEqual(result('succeeded'));
});

test('every transition of a call before it rings has a sentence above', () => {
  const about = ['queued', 'scripting', 'speaking', 'dialling'].map((state) => `call.${state}`);
  expect(untriedTransitions(callMachine, about)).toEqual([]);
});
