/* oxlint-disable vitest/expect-expect -- `thenIt` and `thenItIsIgnored` expect */
import { describe, expect, test } from 'vitest';
import type { CallInput } from '../../machines/call-protocol.ts';
import { callMachine } from '../../machines/call.ts';
import {
  call,
  crashed,
  dialled,
  ended,
  fired,
  recording,
  returned,
  script,
  speech,
  begin,
} from './call-story.ts';
import { MINUTE, NOW, SECOND, refused, result, unauthorised, unavailable } from './fixtures.ts';
import { untriedTransitions } from './given.ts';

const LATER = NOW + 10 * SECOND;

describe('a call being recorded', () => {
  const completed = {
    status: 'completed',
    at: LATER,
    disposition: 'voicemail',
    error: null,
    retryAt: null,
  };

  test('is completed when the CRM has it', () => {
    const { snapshot, ...then } = recording.when(returned('record', { id: 'note-1' }, LATER, 2));
    then.thenIt({
      is: 'completed',
      has: { attempts: { LLM: 1, ElevenLabs: 1, Telephony: 1, CRM: 2 } },
      stops: ['record'],
    });
    expect(snapshot.status).toBe('done');
    expect(snapshot.output).toEqual({ ...completed, crm: 'done' });
  });

  test('lists its steps and how long each took', () => {
    const { context } = recording.when(returned('record', {}, LATER)).snapshot;
    expect(context.steps).toEqual([
      { service: 'LLM', ms: 0, ok: true },
      { service: 'ElevenLabs', ms: 0, ok: true },
      { service: 'Telephony', ms: 0, ok: true },
      { service: 'CRM', ms: 7 * SECOND, ok: true },
    ]);
  });

  test.for([
    ['failed', unavailable],
    ['failed', unauthorised],
    ['deferred', refused],
  ] as const)('is completed with the CRM pending when that has %s', ([status, error]) => {
    const { snapshot, ...then } = recording.when(
      ended('record', result(status, { error, at: LATER })),
    );
    then.thenIt({ is: 'completed' });
    expect(snapshot.output).toEqual({ ...completed, crm: 'pending' });
  });

  test('is completed with the CRM pending when its request dies, because it is over', () => {
    const { snapshot, ...then } = recording.when(crashed('record'));
    then.thenIt({ is: 'completed', stops: ['record'] });
    expect(snapshot.output).toEqual({ ...completed, at: NOW + 3 * SECOND, crm: 'pending' });
  });
});

describe('a call being recorded that nobody answered', () => {
  const unanswered = (disposition: string, more: Partial<CallInput> = {}) =>
    call({ script, speech, ...more }).events(
      begin(),
      dialled(),
      fired(),
      returned('follow', { ended: true, disposition, durationMs: 0 }),
    );

  test.for(['busy', 'no_answer'])('is due later when it belongs to a list: %s', (disposition) => {
    const { snapshot, ...then } = unanswered(disposition).when(returned('record', {}, LATER));
    then.thenIt({
      is: 'deferred',
      has: { attempts: { Telephony: 1, CRM: 1 } },
      stops: ['record'],
    });
    expect(snapshot.output).toEqual({
      status: 'deferred',
      at: LATER,
      disposition,
      crm: 'done',
      error: null,
      retryAt: LATER + 30 * MINUTE,
    });
  });

  test('is due later also when the CRM is', () => {
    const { snapshot } = unanswered('busy').when(
      ended('record', result('deferred', { error: refused, at: LATER })),
    );
    expect(snapshot.output).toMatchObject({ status: 'deferred', crm: 'pending', error: null });
  });

  test('is due even later the second time', () => {
    const { snapshot } = unanswered('busy', { redials: 1 }).when(returned('record', {}, LATER));
    expect(snapshot.output).toMatchObject({ status: 'deferred', retryAt: LATER + 60 * MINUTE });
  });

  test('is completed when it has been called often enough', () => {
    const { snapshot } = unanswered('no_answer', { redials: 2 }).when(
      returned('record', {}, LATER),
    );
    expect(snapshot.output).toMatchObject({ status: 'completed', disposition: 'no_answer' });
  });

  test('is completed when it belongs to no list', () => {
    const { snapshot } = unanswered('busy', { campaign: null }).when(returned('record', {}, LATER));
    expect(snapshot.output).toMatchObject({ status: 'completed', disposition: 'busy' });
  });
});

test('every transition of a call being recorded has a sentence above', () => {
  expect(untriedTransitions(callMachine, ['call.recording'])).toEqual([]);
});
