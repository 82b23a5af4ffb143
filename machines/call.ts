import type { ActorRefFrom } from 'xstate';
import { callSetup } from './call-logic.ts';
import type { CallContext, CallResult } from './call-protocol.ts';
import { seedOf } from './random.ts';
import type { RequestInput, RequestResult } from './request-protocol.ts';
import type { Ref } from './results.ts';

interface Ask {
  readonly child: string;
  readonly service: string;
  readonly operation: string;
  readonly payload: Ref;
  readonly once?: boolean;
}

/** One step's request. The child's name is the step's, so that a path reads `call:0007/speech`. */
const ask = (context: CallContext, { child, once = false, ...what }: Ask): RequestInput => ({
  id: `${context.id}/${child}`,
  ...what,
  payload: { contact: context.contact, simulated: context.simulated, ...what.payload },
  once,
  owned: false,
  policy: context.settings.policies[what.service] ?? context.settings.policies.default,
  seed: seedOf(`${context.id}/${child}/${context.dials}`),
  corr: `call:${context.contact}`,
  at: context.at,
});

/** Our own name for this dial, so that the provider's record of it can be told from another's. */
const dialKey = (context: CallContext): string => `${context.id}#${context.dials}`;

const note = (service: string) =>
  ({
    type: 'note',
    params: ({ event }: { event: { output: RequestResult } }) => ({
      service,
      result: event.output,
    }),
  }) as const;

/** What a step that did not succeed means for the call. */
const otherwise = (service: string) =>
  [
    {
      guard: 'mustWait',
      target: 'deferred',
      actions: [note(service), { type: 'end', params: { status: 'deferred' } }],
    },
    {
      target: 'failed',
      actions: [note(service), { type: 'end', params: { status: 'failed' } }],
    },
  ] as const;

const crashed = (status: CallResult['status']) =>
  ({ target: status, actions: { type: 'crash', params: { status } } }) as const;

/** Where to begin: what an earlier try has made is kept. */
const begin = [
  { guard: 'hasSpeech', target: 'dialling', actions: ['begin', 'startDial'] },
  { guard: 'hasScript', target: 'speaking', actions: 'begin' },
  { target: 'scripting', actions: 'begin' },
] as const;

/** Told of its own accord, while something is asked: it counts when that has been answered. */
const noteReport = { guard: 'isNews', actions: 'keepReport' } as const;

/**
 * All the work for one contact: script, speech, dial, record. A dial in doubt is looked up, and
 * never repeated before the provider has said that it was not placed, or once it has told of it.
 */
export const callMachine = callSetup.createMachine({
  id: 'call',
  initial: 'queued',
  context: ({ input }) => ({
    ...input,
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
  }),
  output: ({ context }) => context.result as CallResult,
  states: {
    queued: {
      on: {
        'call.begin': begin,
        resumed: begin,
      },
    },
    scripting: {
      invoke: {
        id: 'script',
        src: 'request',
        input: ({ context }) =>
          ask(context, { child: 'script', service: 'LLM', operation: 'script', payload: {} }),
        onDone: [
          {
            guard: 'succeeded',
            target: 'speaking',
            actions: ['tick', note('LLM'), 'keepScript'],
          },
          ...otherwise('LLM'),
        ],
        onError: crashed('failed'),
      },
    },
    speaking: {
      invoke: {
        id: 'speech',
        src: 'request',
        input: ({ context }) =>
          ask(context, {
            child: 'speech',
            service: 'ElevenLabs',
            operation: 'speech',
            payload: { script: context.script },
          }),
        onDone: [
          {
            guard: 'succeeded',
            target: 'dialling',
            actions: [note('ElevenLabs'), 'keepSpeech', 'startDial'],
          },
          ...otherwise('ElevenLabs'),
        ],
        onError: crashed('failed'),
      },
    },
    dialling: {
      invoke: {
        id: 'dial',
        src: 'request',
        input: ({ context }) =>
          ask(context, {
            child: 'dial',
            service: 'Telephony',
            operation: 'dial',
            payload: { key: dialKey(context), script: context.script, speech: context.speech },
            once: true,
          }),
        onDone: [
          {
            guard: 'succeeded',
            target: 'inCall',
            actions: ['tick', note('Telephony'), 'keepPlaced'],
          },
          {
            guard: 'wasReported',
            target: 'inCall',
            actions: ['tick', note('Telephony'), 'keepReported'],
          },
          {
            guard: 'isUnsettled',
            target: 'settling',
            actions: ['tick', note('Telephony'), 'countDoubt', 'planLookup'],
          },
          ...otherwise('Telephony'),
        ],
        onError: crashed('unknown'),
      },
      on: { 'call.reported': noteReport },
    },
    settling: {
      invoke: { id: 'timer', src: 'timer', input: ({ context }) => ({ dueAt: context.dueAt }) },
      on: {
        'timer.fired': { target: 'lookingUp', actions: 'tick' },
        'call.reported': { guard: 'isNews', target: 'inCall', actions: ['tick', 'keepReported'] },
      },
    },
    lookingUp: {
      invoke: {
        id: 'lookup',
        src: 'request',
        input: ({ context }) =>
          ask(context, {
            child: 'lookup',
            service: 'Telephony',
            operation: 'lookup',
            payload: { key: dialKey(context), since: context.dialledAt },
          }),
        onDone: [
          { guard: 'wasFound', target: 'inCall', actions: ['tick', 'keepPlaced'] },
          { guard: 'wasReported', target: 'inCall', actions: ['tick', 'keepReported'] },
          { guard: 'mayDialAgain', target: 'dialling', actions: 'startDial' },
          {
            guard: 'wasNotPlaced',
            target: 'failed',
            actions: { type: 'end', params: { status: 'failed' } },
          },
          {
            guard: 'canBeLookedUp',
            target: 'settling',
            actions: ['tick', 'countLookup', 'planLookup'],
          },
          { target: 'unknown', actions: { type: 'end', params: { status: 'unknown' } } },
        ],
        onError: crashed('unknown'),
      },
      on: { 'call.reported': noteReport },
    },
    inCall: {
      invoke: { id: 'timer', src: 'timer', input: ({ context }) => ({ dueAt: context.dueAt }) },
      on: {
        'timer.fired': { target: 'following', actions: 'tick' },
        'call.reported': { guard: 'isNews', target: 'following', actions: ['tick', 'keepReport'] },
      },
    },
    following: {
      invoke: {
        id: 'follow',
        src: 'request',
        input: ({ context }) =>
          ask(context, {
            child: 'follow',
            service: 'Telephony',
            operation: 'follow',
            payload: { placed: context.placed },
          }),
        onDone: [
          { guard: 'hasEnded', target: 'recording', actions: ['begin', 'keepOutcome'] },
          { guard: 'canBeFollowed', target: 'inCall', actions: ['tick', 'planPoll'] },
          { target: 'unknown', actions: { type: 'end', params: { status: 'unknown' } } },
        ],
        onError: crashed('unknown'),
      },
      on: { 'call.reported': noteReport },
    },
    recording: {
      invoke: {
        id: 'record',
        src: 'request',
        input: ({ context }) =>
          ask(context, {
            child: 'record',
            service: 'CRM',
            operation: 'record',
            payload: {
              key: context.id,
              disposition: context.disposition,
              durationMs: context.durationMs,
              placed: context.placed,
              at: context.dialledAt,
            },
          }),
        onDone: [
          {
            guard: 'isDueLater',
            target: 'deferred',
            actions: [note('CRM'), 'endForNow'],
          },
          {
            target: 'completed',
            actions: [note('CRM'), { type: 'end', params: { status: 'completed' } }],
          },
        ],
        onError: { target: 'completed', actions: 'endOwing' },
      },
    },
    completed: { type: 'final' },
    failed: { type: 'final' },
    deferred: { type: 'final' },
    unknown: { type: 'final' },
  },
});

export type CallRef = ActorRefFrom<typeof callMachine>;
