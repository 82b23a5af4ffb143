import { TransientError } from '../errors.ts';
import type { AttemptInput, RequestEvent } from '../machines/request-protocol.ts';
import type { Failure, Ref } from '../machines/results.ts';
import type { Journal } from '../store/journal.ts';
import { isStorageError } from '../store/storage-error.ts';
import type { AdmissionDesk } from './admission.ts';
import type { Clock } from './clock.ts';
import { makeEffect, type EffectScope } from './effect.ts';
import { refusal, toFailure } from './failure.ts';

/** Carries out one attempt: what it returns goes on the journal, so it is small plain JSON. */
export type Operation = (input: AttemptInput, signal: AbortSignal) => Promise<Ref>;

/** Why an attempt is not made now. */
export interface Refusal {
  /** Epoch ms; not before this. */
  readonly retryAt: number;
  readonly error: Failure;
}

export interface AttemptOptions {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly desk: AdmissionDesk;
  readonly operation: (input: AttemptInput) => Operation;
  /** What comes before the attempt's time starts to run: a turn to wait for, a library to load. */
  readonly prepare?: (input: AttemptInput) => Promise<Refusal | undefined>;
  /** Makes what an error says fit for the journal. */
  readonly redact: (text: string, input: AttemptInput) => string;
  readonly onDefect: (error: unknown) => void;
}

type Scope = EffectScope<AttemptInput, RequestEvent>;

/** Runs `work`; when its time is up it is over, also for work that does not heed its signal. */
function withTimeout(
  scope: Scope,
  clock: Clock,
  work: (signal: AbortSignal) => Promise<Ref>,
): Promise<Ref> {
  const { service, timeoutMs, deadlineAt } = scope.input;
  const ms = Math.max(0, Math.min(timeoutMs, deadlineAt - clock.now()));
  return new Promise<Ref>((resolve, reject) => {
    const handle = clock.setTimeLimit(() => {
      const message = `no complete answer within ${ms / 1000} s`;
      const timedOut = new TransientError(message, { service, kind: 'Timeout', ambiguous: true });
      reject(timedOut);
      scope.abort(timedOut);
    }, ms);
    scope.onStop(() => clock.clearTimeout(handle));
    Promise.try(work, scope.signal)
      .then(resolve, reject)
      .finally(() => clock.clearTimeout(handle));
  });
}

/**
 * The effect that a request names `attempt`: asks the breaker for admission, waits for the disk
 * where the attempt can't be taken back, and carries it out.
 */
export function makeAttempt(options: AttemptOptions) {
  const { clock, journal, desk, onDefect } = options;
  return makeEffect<AttemptInput, RequestEvent>(async (scope) => {
    const { input } = scope;
    const refuse = (refused: Refusal): void =>
      scope.send({ type: 'attempt.refused', at: clock.now(), ...refused });
    const begunAt = clock.now();
    const unready = await options.prepare?.(input);
    if (scope.isStopped) return;
    if (unready) return refuse(unready);
    const admission = desk.ask(input.service, input.id, input.corr);
    if ('retryAt' in admission) {
      const { retryAt } = admission;
      return refuse({ retryAt, error: refusal(input.service, retryAt - clock.now()) });
    }
    if (input.once) await journal.onDisk();
    if (scope.isStopped) return;
    const heldMs = clock.now() - begunAt;
    const sent = { ...admission, ...(heldMs > 0 && { heldMs }) };
    const operation = options.operation(input);
    try {
      const ref = await withTimeout(scope, clock, (signal) => operation(input, signal));
      scope.send({ type: 'attempt.succeeded', at: clock.now(), ref, ...sent });
    } catch (error) {
      if (scope.isStopped) return;
      // A full disk is no fault of the service.
      if (isStorageError(error)) return onDefect(error);
      const failure = toFailure(error, input.service, {
        redact: (text) => options.redact(text, input),
        isCallers: input.operation === 'caller',
      });
      scope.send({ type: 'attempt.failed', at: clock.now(), error: failure, ...sent });
    }
  }, onDefect);
}
