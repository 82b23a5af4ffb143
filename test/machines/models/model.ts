import type { AnyStateMachine, EmittedFrom, EventFromLogic, InputFrom, SnapshotFrom } from 'xstate';

/** One event and what it led to. */
export interface Step<M extends AnyStateMachine> {
  readonly before: SnapshotFrom<M>;
  readonly event: EventFromLogic<M>;
  readonly after: SnapshotFrom<M>;
  readonly emitted: readonly EmittedFrom<M>[];
  /** The events since its birth, this one included. */
  readonly life: readonly EventFromLogic<M>[];
}

/** What can happen to a machine, and what must hold whatever happens. */
export interface Model<M extends AnyStateMachine> {
  readonly machine: M;
  /** Inputs with which every state is gone through: small numbers only. */
  readonly explored: readonly InputFrom<M>[];
  /** Inputs with which it is walked by chance. @default explored */
  readonly walked?: readonly InputFrom<M>[];
  /** The events that can come next, at the moment `at` or, where a timer fires, at its own. */
  readonly events: (snapshot: SnapshotFrom<M>, at: number) => EventFromLogic<M>[];
  /** What tells states apart while exploring: it must have few values, or there is no end to it. */
  readonly fingerprint: (snapshot: SnapshotFrom<M>) => unknown;
  /** Asserts what must hold after every step. By `node:assert`, being fifty times as fast as expect. */
  readonly check: (step: Step<M>) => void;
}
