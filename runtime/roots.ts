import { createActor, type AnyActorRef, type AnyStateMachine, type Snapshot } from 'xstate';
import type { Logic } from '../store/fold.ts';
import type { RootState } from '../store/live-roots.ts';
import type { Recorder } from './recorder.ts';

interface Running {
  readonly machine: string;
  readonly ref: AnyActorRef;
  readonly onEnd: ((output: unknown) => void)[];
}

/**
 * The running roots by id. Every call is a root of its own, because one system for all would make
 * each spawn cost O(calls).
 */
export class Roots {
  readonly #running = new Map<string, Running>();
  readonly #logic: Logic;
  readonly #recorder: Recorder;
  /** What may be begun. */
  #isSpared: (id: string) => boolean = () => true;

  readonly #onDefect: (error: unknown) => void;

  /** @param onDefect is told what somebody throws who waits for a root's end */
  constructor(logic: Logic, recorder: Recorder, onDefect: (error: unknown) => void) {
    this.#onDefect = onDefect;
    this.#logic = logic;
    this.#recorder = recorder;
  }

  /**
   * Begins a life: its birth is journalled.
   * @throws Error when the agent is stopping, and this is none of what goes on for now
   */
  start(machine: string, id: string, input: unknown): AnyActorRef {
    if (!this.#isSpared(id)) throw new Error(`The agent is stopping: ${id} is not begun`);
    const ref = this.#create(machine, id, { input });
    ref.start();
    return ref;
  }

  /** Prepares to go on with a life that the journal holds; {@link startAdopted} begins it. */
  adopt(machine: string, id: string, snapshot: unknown): AnyActorRef {
    return this.#create(machine, id, { snapshot: snapshot as Snapshot<unknown> });
  }

  startAdopted(id: string): void {
    this.#recorder.restoring(() => this.#running.get(id)?.ref.start());
  }

  get(id: string): AnyActorRef | undefined {
    return this.#running.get(id)?.ref;
  }

  ids(): string[] {
    return [...this.#running.keys()];
  }

  /** What each root is now, with all below it, as {@link adopt} takes it. */
  states(isWanted: (id: string) => boolean = () => true): RootState[] {
    return [...this.#running]
      .filter(([id]) => isWanted(id))
      .map(([id, { ref, machine }]) => ({ id, machine, state: ref.getPersistedSnapshot() }));
  }

  /** Calls back with the root's output when it has ended; undefined when it died of a defect. */
  onEnd(id: string, callback: (output: unknown) => void): void {
    this.#running.get(id)?.onEnd.push(callback);
  }

  /**
   * A stopped root is not a finished one: the next start goes on with it.
   * @param isSpared goes on for now
   */
  stopAll(isSpared: (id: string) => boolean = () => false): void {
    this.#isSpared = isSpared;
    for (const [id, { ref }] of this.#running) {
      if (isSpared(id)) continue;
      ref.stop();
      this.#running.delete(id);
    }
  }

  #create(
    machine: string,
    id: string,
    options: { input?: unknown; snapshot?: Snapshot<unknown> },
  ): AnyActorRef {
    const logic = this.#logic[machine];
    if (!logic) throw new Error(`No machine is called ${machine}`);
    if (this.#running.has(id)) throw new Error(`A root called ${id} is running`);
    const ref = createActor(logic as AnyStateMachine, {
      id,
      inspect: this.#recorder.inspect,
      ...(options as object),
    }) as AnyActorRef;
    const running: Running = { machine, ref, onEnd: [] };
    this.#running.set(id, running);
    const end = (output: unknown): void => {
      if (!this.#running.delete(id)) return;
      try {
        for (const callback of running.onEnd) callback(output);
      } catch (error) {
        // XState would only report it, from a timer of its own.
        this.#onDefect(error);
      }
    };
    ref.subscribe({
      complete: () => end((ref.getSnapshot() as { output?: unknown }).output),
      error: () => end(undefined),
    });
    return ref;
  }
}
