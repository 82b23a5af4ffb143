import { expect } from 'vitest';
import type {
  CallEvent,
  CallInput,
  CallReported,
  CallSettings,
  Stage,
} from '../../machines/call-protocol.ts';
import { callMachine } from '../../machines/call.ts';
import type { RequestResult } from '../../machines/request-protocol.ts';
import type { Ref } from '../../machines/results.ts';
import { MINUTE, NOW, SECOND, callInput, callSettings, inDoubt, result } from './fixtures.ts';
import { given } from './given.ts';

export const begin = (at = NOW): CallEvent => ({ type: 'call.begin', at });
export const resumed = (at = NOW): CallEvent => ({ type: 'resumed', at, downMs: MINUTE });
export const fired = (at = NOW): CallEvent => ({ type: 'timer.fired', at });

/** A step's request has ended. */
export const ended = (step: string, output: RequestResult): CallEvent => ({
  type: `xstate.done.actor.${step}`,
  output,
});

/** A step's request has returned something. */
export const returned = (step: string, ref: Ref, at = NOW, attempts = 1): CallEvent =>
  ended(step, result('succeeded', { ref, at, attempts }));

/** A step's request has died of a defect. */
export const crashed = (step: string): CallEvent =>
  ({
    type: `xstate.error.actor.${step}`,
    error: 'TypeError: of ours',
    actorId: step,
  }) as unknown as CallEvent;

export const script: Ref = { artefact: 'sha256-script' };
export const speech: Ref = { artefact: 'sha256-speech' };
export const placed = { sid: 'CA07' } satisfies Ref;

export const scripted = (at = NOW) => returned('script', script, at);
export const spoken = (at = NOW) => returned('speech', speech, at);
export const dialled = (at = NOW) => returned('dial', placed, at);
export const unsettled = (at = NOW) => ended('dial', result('unsettled', { error: inDoubt, at }));

const lookup = (found: boolean, at: number) =>
  returned('lookup', found ? { ...placed, found } : { found }, at);
export const found = (at = NOW) => lookup(true, at);
export const notFound = (at = NOW) => lookup(false, at);

/** Telephony has told of the first dial. */
export const reported = (stage: Stage, more: Partial<CallReported> = {}): CallReported => ({
  type: 'call.reported',
  at: NOW,
  dial: 1,
  sid: 'CA07',
  stage,
  ...more,
});

export const goesOn = (at = NOW) => returned('follow', { ended: false }, at);
export const hungUp = (at = NOW) =>
  returned('follow', { ended: true, disposition: 'voicemail', durationMs: 42_000 }, at);

export const nobodyAnswered = (at = NOW) =>
  returned('follow', { ended: true, disposition: 'no_answer', durationMs: 0 }, at);

export const call = (more: Partial<CallInput> = {}, settings: Partial<CallSettings> = {}) =>
  given(callMachine, callInput({ settings: { ...callSettings, ...settings }, ...more }));

export const scripting = call().events(begin());
export const speaking = scripting.events(scripted());
export const dialling = speaking.events(spoken());
export const settling = dialling.events(unsettled());
export const lookingUp = settling.events(fired(NOW + 5 * SECOND));
export const inCall = dialling.events(dialled());
export const following = inCall.events(fired(NOW + 2 * SECOND));
export const recording = following.events(hungUp(NOW + 3 * SECOND));

/** The result of a call whose request died. */
export const internalError = (status: string) => ({
  status,
  at: expect.any(Number),
  disposition: null,
  crm: null,
  error: expect.objectContaining({
    category: 'PERMANENT_ERROR',
    service: 'agent',
    message: 'internal error: a request ended without a result',
  }),
  retryAt: null,
});
