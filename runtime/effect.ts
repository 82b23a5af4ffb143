import {
  fromCallback,
  type AnyEventObject,
  type EventObject,
  type NonReducibleUnknown,
} from 'xstate';
import type { TimerInput } from '../machines/placeholders.ts';
import type { Clock } from './clock.ts';

/** What a running effect is given. */
export interface EffectScope<Input, Sent extends EventObject> {
  readonly input: Input;
  /** Aborted when the machine leaves the state, or the agent stops. Made when first asked for. */
  readonly signal: AbortSignal;
  readonly isStopped: boolean;
  /** To the machine that started the effect; silently nothing once it is stopped. */
  send(event: Sent): void;
  /** Ends the work under way, the effect itself goes on: its time is up, say. */
  abort(reason: Error): void;
  onStop(callback: () => void): void;
}

/** Why an effect's signal was aborted: nobody waits for it any more. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** One for all: making an error costs more than the rest of an effect's end. */
const stopped = new Stopped('nobody waits for this any more');

/**
 * The one wrapper that every effect runs in. It starts in a microtask of its own: by then the
 * line that started it is written, and no other actor's turn is under way.
 */
export function makeEffect<Input extends NonReducibleUnknown, Sent extends EventObject>(
  run: (scope: EffectScope<Input, Sent>) => Promise<void> | void,
  onDefect: (error: unknown) => void,
) {
  return fromCallback<AnyEventObject, Input>(({ input, sendBack }) => {
    let controller: AbortController | undefined;
    let isStopped = false;
    let cleanUp: (() => void) | undefined;
    const scope: EffectScope<Input, Sent> = {
      input,
      get signal() {
        controller ??= new AbortController();
        return controller.signal;
      },
      get isStopped() {
        return isStopped;
      },
      send(event) {
        if (!isStopped) sendBack(event);
      },
      abort(reason) {
        controller?.abort(reason);
      },
      onStop(callback) {
        cleanUp = callback;
      },
    };
    queueMicrotask(() => {
      if (isStopped) return;
      Promise.try(run, scope).catch((error: unknown) => {
        if (!isStopped) onDefect(error);
      });
    });
    return () => {
      isStopped = true;
      cleanUp?.();
      controller?.abort(stopped);
    };
  });
}

/** The timer that machines name: tells the time when `dueAt` has come, at once if it has passed. */
export function makeTimer(clock: Clock) {
  return fromCallback<AnyEventObject, TimerInput>(({ input, sendBack }) => {
    if (input.dueAt === null) return undefined;
    const fire = (): void => sendBack({ type: 'timer.fired', at: clock.now() });
    const handle = clock.setTimeout(fire, input.dueAt - clock.now());
    return () => clock.clearTimeout(handle);
  });
}
