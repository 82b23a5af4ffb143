import assert from 'node:assert/strict';
import { STAGES, type CallEvent, type CallInput } from '../../../machines/call-protocol.ts';
import { callMachine } from '../../../machines/call.ts';
import * as story from '../call-story.ts';
import {
  MINUTE,
  callInput,
  callSettings,
  inDoubt,
  invalid,
  misconfigured,
  refused,
  result,
  unauthorised,
  unavailable,
} from '../fixtures.ts';
import type { Model } from './model.ts';

const settings = { ...callSettings, maxDials: 2, maxLookups: 2 };
const input = (more: Partial<CallInput>) => callInput({ settings, ...more });

const unlisted = { ...misconfigured, status: 404, code: 20404 };

const usual: Readonly<Record<string, (at: number) => CallEvent[]>> = {
  script: (at) => [story.scripted(at)],
  speech: (at) => [story.spoken(at)],
  dial: (at) => [
    story.dialled(at),
    story.unsettled(at),
    story.unsettled(at),
    story.ended('dial', result('unsettled', { at })),
  ],
  lookup: (at) => [
    story.found(at),
    story.notFound(at),
    story.notFound(at),
    story.returned('lookup', {}, at),
  ],
  follow: (at) => [
    story.goesOn(at),
    story.hungUp(at),
    story.nobodyAnswered(at),
    story.returned('follow', { ended: true, durationMs: 'long' }, at),
    story.returned('follow', {}, at),
  ],
  record: (at) => [story.returned('record', {}, at)],
};

/** What can go wrong with any step. */
const unusual = (step: string, at: number): CallEvent[] => [
  ...[invalid, unauthorised, unlisted, unavailable].map((error) =>
    story.ended(step, result('failed', { at, error, attempts: 4 })),
  ),
  story.ended(step, result('deferred', { at, error: refused, retryAt: at + MINUTE, attempts: 0 })),
  story.ended(step, result('deferred', { at, error: unavailable })),
  story.ended(step, result('aborted', { at, error: inDoubt })),
  story.crashed(step),
];

export const callModel: Model<typeof callMachine> = {
  machine: callMachine,
  explored: [
    input({}),
    input({ script: story.script }),
    input({ script: story.script, speech: story.speech, id: 'call:0007.2' }),
  ],

  events: ({ children, context }, at) => {
    const steps = Object.keys(children).filter((id) => id !== 'timer');
    const usually = steps.flatMap((step) => usual[step]?.(at) ?? []);
    const tooLong = story.goesOn(Math.max(at, context.followUntil ?? 0));
    return [
      story.begin(at),
      ...STAGES.map((stage) => story.reported(stage, { at, dial: context.dials })),
      story.reported('ended', { at, dial: context.dials + 1 }),
      story.reported('ended', { at, dial: context.dials, sid: 'CA99' }),
      story.resumed(at),
      ...usually,
      ...usually,
      ...usually,
      ...steps.flatMap((step) => unusual(step, at)),
      ...('follow' in children ? [tooLong] : []),
      ...('timer' in children ? [story.fired(Math.max(at, context.dueAt ?? 0))] : []),
    ];
  },

  fingerprint: ({
    value,
    context: { dials, doubts, lookups, reported, disposition, result: end },
  }) => [
    value,
    reported !== null,
    // Without an end where our own end cuts them off: beyond some, more make no difference.
    Math.min(dials, 3),
    doubts,
    lookups,
    end?.status,
    disposition,
  ],

  check: ({ before, event, after }) => {
    const {
      dials,
      doubts,
      lookups,
      dueAt,
      followUntil,
      result: end,
      steps,
      placed,
    } = after.context;
    const { maxDials, maxLookups } = after.context.settings;
    assert.ok(doubts <= Math.min(dials, maxDials), 'no more dials in doubt than allowed');
    assert.ok(lookups <= maxLookups + dials, 'no more look-ups than allowed');
    assert.ok(
      steps.every(({ ms }) => ms >= 0),
      'no step takes less than no time',
    );
    const output = 'output' in event ? event.output : null;
    if (dials > before.context.dials && before.context.dials > 0) {
      assert.equal(before.value, 'lookingUp');
      assert.equal(output?.ref?.['found'], false, 'dialled again only when not placed');
      assert.equal(before.context.reported, null, 'never dialled again once it was told of');
    }
    if (before.value === 'dialling' && output?.status === 'unsettled') {
      const isTold = before.context.reported !== null;
      assert.equal(after.value, isTold ? 'inCall' : 'settling', 'doubt is looked up');
    }
    if (event.type === 'call.reported' && before.context.reported && after.context.reported) {
      const [was, is] = [before, after].map((it) => STAGES.indexOf(it.context.reported!.stage));
      assert.ok(is! >= was!, 'what was told never goes back');
    }
    if (['following', 'lookingUp'].includes(String(before.value)) && end?.status === 'unknown') {
      const scope = output?.error?.scope;
      const isRefused = scope === 'account' || scope === 'config';
      const hasEnded =
        output?.error?.status === 404 ||
        lookups >= maxLookups ||
        end.at >= Number(followUntil ?? Infinity);
      assert.ok(!isRefused || hasEnded, 'a refusal to everybody makes nobody unknown before time');
    }
    const isTimed = after.value === 'settling' || after.value === 'inCall';
    assert.ok(!isTimed || dueAt !== null, 'waits until a moment');
    assert.ok(after.value !== 'inCall' || (placed !== null && followUntil !== null));
    if (before.value === 'recording' && end) {
      assert.ok(['completed', 'deferred'].includes(end.status), 'a call that is over is no doubt');
    }
    assert.equal(end !== null, after.status === 'done', 'an end has a result');
    assert.deepEqual(after.output ?? null, end);
    if (end) assert.equal(end.status, after.value);
    assert.ok(end?.status !== 'failed' || end.error !== null, 'a failure has a reason');
  },
};
