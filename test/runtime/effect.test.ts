import { createActor, setup, type AnyActorLogic, type AnyEventObject } from 'xstate';
import { describe, expect, test, vi } from 'vitest';
import { makeEffect, makeTimer, type EffectScope } from '../../runtime/effect.ts';
import { VirtualClock } from '../../scenarios/world/virtual-clock.ts';

type Scope = EffectScope<{ readonly n: number }, AnyEventObject>;

/** A machine that runs an effect until it hears `leave`, and keeps what the effect sends. */
function host(logic: AnyActorLogic, input: unknown) {
  const heard: AnyEventObject[] = [];
  const machine = setup({ actors: { effect: logic } }).createMachine({
    initial: 'on',
    states: {
      on: {
        invoke: { id: 'effect', src: 'effect', input: () => input },
        on: { leave: 'off', '*': { actions: ({ event }) => void heard.push(event) } },
      },
      off: { on: { '*': { actions: ({ event }) => void heard.push(event) } } },
    },
  });
  const actor = createActor(machine);
  actor.start();
  return { actor, heard };
}

const turn = (): Promise<void> => Promise.resolve();

describe('an effect', () => {
  test('starts in a turn of its own, after the machine’s', async () => {
    const run = vi.fn<(scope: Scope) => void>();
    host(
      makeEffect<{ n: number }, AnyEventObject>(run, () => {}),
      { n: 1 },
    );
    expect(run).not.toHaveBeenCalled();
    await turn();
    expect(run).toHaveBeenCalledTimes(1);
    expect(run.mock.calls[0]?.[0].input).toEqual({ n: 1 });
  });

  test('never starts when its machine has left before', async () => {
    const run = vi.fn<(scope: Scope) => void>();
    const { actor } = host(
      makeEffect<{ n: number }, AnyEventObject>(run, () => {}),
      { n: 1 },
    );
    actor.send({ type: 'leave' });
    await turn();
    expect(run).not.toHaveBeenCalled();
  });

  test('sends to its machine until that has left, and then nothing', async () => {
    let scope: Scope | undefined;
    const { actor, heard } = host(
      makeEffect<{ n: number }, AnyEventObject>(
        (given) => void (scope = given),
        () => {},
      ),
      { n: 1 },
    );
    await turn();
    scope?.send({ type: 'first' });
    expect(scope?.isStopped).toBe(false);
    actor.send({ type: 'leave' });
    scope?.send({ type: 'second' });
    expect(scope?.isStopped).toBe(true);
    expect(heard.map(({ type }) => type)).toEqual(['first']);
  });

  test('has its signal aborted and is cleaned up when its machine leaves', async () => {
    const cleanUp = vi.fn<() => void>();
    let signal: AbortSignal | undefined;
    const { actor } = host(
      makeEffect<{ n: number }, AnyEventObject>(
        (scope) => {
          ({ signal } = scope);
          scope.onStop(cleanUp);
        },
        () => {},
      ),
      { n: 1 },
    );
    await turn();
    expect(signal?.aborted).toBe(false);
    actor.send({ type: 'leave' });
    expect(signal?.aborted).toBe(true);
    expect(cleanUp).toHaveBeenCalledTimes(1);
  });

  test('has its signal aborted with the reason it gives itself', async () => {
    const reason = new Error('time is up');
    let signal: AbortSignal | undefined;
    host(
      makeEffect<{ n: number }, AnyEventObject>(
        (scope) => {
          ({ signal } = scope);
          scope.abort(reason);
          expect(scope.isStopped).toBe(false);
        },
        () => {},
      ),
      { n: 1 },
    );
    await turn();
    expect(signal?.reason).toBe(reason);
  });

  test.for(['throws', 'rejects'])(
    'that %s has it told as a defect, and nothing dies',
    async (how) => {
      const defects: unknown[] = [];
      const error = new Error('a bug');
      const run = (): Promise<void> => {
        if (how === 'throws') throw error;
        return Promise.reject(error);
      };
      const { actor } = host(
        makeEffect<{ n: number }, AnyEventObject>(run, (defect) => defects.push(defect)),
        { n: 1 },
      );
      for (let i = 0; i < 5; i++) await turn();
      expect(defects).toEqual([error]);
      expect(actor.getSnapshot().status).toBe('active');
    },
  );

  test('that fails after it was stopped is nobody’s business', async () => {
    const defects: unknown[] = [];
    const work = Promise.withResolvers<void>();
    const { actor } = host(
      makeEffect<{ n: number }, AnyEventObject>(
        () => work.promise,
        (defect) => defects.push(defect),
      ),
      { n: 1 },
    );
    await turn();
    actor.send({ type: 'leave' });
    work.reject(new Error('too late to matter'));
    for (let i = 0; i < 5; i++) await turn();
    expect(defects).toEqual([]);
  });
});

describe('a timer', () => {
  test.for([
    [5_000, 5_000],
    [0, 0],
    [-5_000, 0],
  ] as const)('due in %i ms tells the time after %i ms', async ([dueIn, after]) => {
    const clock = new VirtualClock();
    const start = clock.now();
    const { heard } = host(makeTimer(clock), { dueAt: start + dueIn });
    if (after > 0) await clock.advance(after - 1);
    expect(heard).toEqual([]);
    await clock.advance(after > 0 ? 1 : 0);
    expect(heard).toEqual([{ type: 'timer.fired', at: start + after }]);
  });

  test('due at no time never fires', async () => {
    const clock = new VirtualClock();
    const { heard } = host(makeTimer(clock), { dueAt: null });
    expect(clock.pending).toBe(0);
    await clock.advance(1_000_000);
    expect(heard).toEqual([]);
  });

  test('is cleared when its machine leaves', () => {
    const clock = new VirtualClock();
    const { actor } = host(makeTimer(clock), { dueAt: clock.now() + 5_000 });
    expect(clock.pending).toBe(1);
    actor.send({ type: 'leave' });
    expect(clock.pending).toBe(0);
  });
});
