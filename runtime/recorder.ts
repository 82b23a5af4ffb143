import type { AnyActorRef, AnyMachineSnapshot, InspectionEvent } from 'xstate';
import type { Emitted } from '../store/fold.ts';
import type { Journal } from '../store/journal.ts';
import { birthLine, stateName, transitionLine } from '../store/line.ts';
import type { Line, RecordedEvent } from '../store/record.ts';
import type { Clock } from './clock.ts';

/** Somebody who watches the actors beside the journal; what it throws is its own affair. */
export type Observer = (event: InspectionEvent) => void;

export interface RecorderOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  /** What a machine tells the world, after its line is written. */
  readonly onEmitted: (emitted: Emitted) => void;
  /** The journal can't be written, or a line can't be made: nothing may go on. */
  readonly onFatal: (error: unknown) => void;
  readonly observers: readonly Observer[];
}

interface Microstep {
  readonly ref: AnyActorRef;
  readonly snapshot: AnyMachineSnapshot;
  /** What came in; an event that the machine raised itself follows from it. */
  readonly input: RecordedEvent;
  readonly step: number;
}

interface MachineLike {
  readonly id: string;
  readonly states?: object;
}

const machineOf = (ref: AnyActorRef): MachineLike | null => {
  const { logic } = ref as unknown as { logic: MachineLike };
  return logic.states ? logic : null;
};

const parentOf = (ref: AnyActorRef): AnyActorRef | undefined =>
  (ref as unknown as { _parent?: AnyActorRef })._parent;

/**
 * Turns what XState tells its inspectors into journal lines: births, and every microstep that
 * changed something. The microstep is announced before the actors it starts, so an effect's line
 * is always written before the effect.
 */
export class Recorder {
  /** Events that no state handled, by machine and event type. */
  readonly ignored = new Map<string, number>();
  readonly #options: RecorderOptions;
  readonly #paths = new WeakMap<AnyActorRef, string>();
  /** The last microstep of the event under way; the next one starts from there. */
  #last: Microstep | null = null;
  /** XState repeats the births of a tree that it restores. */
  #restoring = false;
  #broken = false;
  /** Those whose line is written, and whose turn is not over yet. */
  readonly #inTurn = new Set<AnyActorRef>();

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** To be given to `createActor` as `inspect`. */
  readonly inspect = (event: InspectionEvent): void => {
    if (this.#broken) return;
    try {
      this.#record(event);
    } catch (error) {
      this.#broken = true;
      this.#options.onFatal(error);
    }
    for (const observe of this.#options.observers) {
      try {
        observe(event);
      } catch {
        this.#count('observer threw');
      }
    }
  };

  /** Nobody is in the middle of a turn: what the actors are is what the journal says of them. */
  get isAtRest(): boolean {
    return this.#inTurn.size === 0;
  }

  /** Runs `start`, which starts a tree that was born in an earlier life. */
  restoring(start: () => void): void {
    this.#restoring = true;
    try {
      start();
    } finally {
      this.#restoring = false;
    }
  }

  path(ref: AnyActorRef): string {
    const known = this.#paths.get(ref);
    if (known !== undefined) return known;
    const parent = parentOf(ref);
    const path = parent ? `${this.path(parent)}/${ref.id}` : ref.id;
    this.#paths.set(ref, path);
    return path;
  }

  #record(event: InspectionEvent): void {
    const ref = event.actorRef as AnyActorRef;
    const machine = ref && machineOf(ref);
    if (!machine) return;
    if (event.type === '@xstate.actor') this.#listen(ref, machine);
    else if (event.type === '@xstate.event') this.#birth(ref, machine, event.event);
    else if (event.type === '@xstate.microstep') {
      const { _transitions } = event as unknown as { _transitions: unknown[] };
      this.#microstep(ref, machine, event.event, event.snapshot, _transitions.length > 0);
    } else if (event.type === '@xstate.snapshot') {
      this.#inTurn.delete(ref);
      if (this.#last?.ref === ref) this.#last = null;
    }
  }

  #listen(ref: AnyActorRef, machine: MachineLike): void {
    ref.on('*' as never, (emitted: Emitted) => this.#options.onEmitted(emitted));
    ref.subscribe({ error: (error: unknown) => this.#failed(ref, machine, error) });
  }

  #birth(ref: AnyActorRef, machine: MachineLike, event: { type: string }): void {
    if (event.type !== 'xstate.init' || this.#restoring) return;
    const born = ref.getSnapshot() as AnyMachineSnapshot;
    const { input } = event as { input?: unknown };
    this.#inTurn.add(ref);
    this.#append(birthLine(this.path(ref), machine.id, { type: 'xstate.init', input }, born));
  }

  #microstep(
    ref: AnyActorRef,
    machine: MachineLike,
    event: { type: string },
    snapshot: unknown,
    isHandled: boolean,
  ): void {
    if (event.type === 'xstate.stop' || event.type === 'xstate.init') return;
    if (!isHandled) this.#count(`${machine.id} ${event.type}`);
    const after = snapshot as AnyMachineSnapshot;
    // Death has a line of its own, written when XState tells the actor's observers.
    if (after.status === 'error') return;
    const last = this.#last?.ref === ref ? this.#last : null;
    const before = last?.snapshot ?? (ref.getSnapshot() as AnyMachineSnapshot);
    const step = (last?.step ?? 0) + 1;
    const input = last?.input ?? (event as RecordedEvent);
    this.#last = { ref, snapshot: after, input, step };
    this.#inTurn.add(ref);
    const line = transitionLine(this.path(ref), machine.id, input, step, before, after);
    if (line) this.#append(line);
  }

  /** Inspection says nothing when an actor dies of an exception. */
  #failed(ref: AnyActorRef, machine: MachineLike, error: unknown): void {
    const { value } = ref.getSnapshot() as AnyMachineSnapshot;
    const message = error instanceof Error ? error.message : String(error);
    this.#inTurn.delete(ref);
    try {
      this.#append({
        actor: this.path(ref),
        machine: machine.id,
        event: { type: 'actor.failed', message },
        from: stateName(value),
        to: 'error',
        done: true,
      });
    } catch (cause) {
      this.#options.onFatal(cause);
    }
  }

  #append(line: Line): void {
    this.#options.journal.append(line, this.#options.clock.now());
  }

  #count(what: string): void {
    this.ignored.set(what, (this.ignored.get(what) ?? 0) + 1);
  }
}
