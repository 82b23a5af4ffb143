import { defaultRetryPolicy, type RetryPolicy } from '../machines/backoff.ts';
import { defaultBreakerOptions, type BreakerOptions } from '../machines/breaker.ts';
import { seedOf } from '../machines/random.ts';
import type { RequestRef } from '../machines/request.ts';
import type { RequestInput, RequestResult } from '../machines/request-protocol.ts';
import { wordsOf } from '../errors.ts';
import type { Ref } from '../machines/results.ts';
import { refusal, toError } from './failure.ts';
import { plainCopy } from './plain.ts';
import type { Runtime } from './runtime.ts';

export interface GuardOptions {
  /** What differs from {@link defaultRetryPolicy}. */
  readonly retry?: Partial<RetryPolicy>;
  /** What differs from {@link defaultBreakerOptions}; `counts` as in the retry policy. */
  readonly breaker?: Partial<BreakerOptions> & Partial<Pick<RetryPolicy, 'counts'>>;
}

export interface ExecuteOptions {
  /** Ends the request: an attempt under way is aborted, a wait is cut short. */
  readonly signal?: AbortSignal;
  /** What the request carries, as its journal line says: small plain JSON. @default {} */
  readonly payload?: Ref;
}

/** Something asked of a service; its signal ends with the attempt's time. */
export type Guarded<T> = (signal: AbortSignal) => T | Promise<T>;

export type Tried<T> =
  | { readonly ok: true; readonly value: T; readonly attempts: number }
  | { readonly ok: false; readonly error: Error; readonly attempts: number };

/** Two services' actors must not share an id, and a `/` would make a path of it. */
const validName = /^[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}$/;
/** A way to a person is guarded, too, under a name that no provider can have. */
const validChannel = /^channel:[^\s/][^/]{0,119}$/;

/**
 * Retry cycle and circuit breaker around anyone's own function. Each request is a machine in the
 * journal; the value it returns stays in memory.
 */
export class Guard {
  readonly service: string;
  readonly #runtime: Runtime;
  readonly #policy: RetryPolicy;

  /** @throws RangeError when the name or an option is out of range */
  constructor(runtime: Runtime, service: string, options: GuardOptions = {}) {
    if (!validName.test(service) && !validChannel.test(service)) {
      throw new RangeError(
        `service must be 1 to 64 letters, digits, spaces or _.- and begin with a letter or digit, got ${JSON.stringify(service)}`,
      );
    }
    this.service = service;
    this.#runtime = runtime;
    const { counts, ...breaker } = options.breaker ?? {};
    const retry = { ...options.retry, ...(counts && { counts }) };
    this.#policy = checkPolicy(withDefaults('retry', defaultRetryPolicy, retry));
    const breakerOptions = withDefaults('breaker', defaultBreakerOptions, breaker);
    checkBreaker(breakerOptions);
    const isKnown = runtime.desk.get(service) !== undefined;
    // Whoever asks for nothing takes the breaker as it is.
    if (!isKnown || options.breaker) runtime.guardService(service, breakerOptions);
  }

  /**
   * @returns what `work` returns
   * @throws CircuitBreakerOpenError when the breaker does not admit it
   * @throws what `work` threw last, when its retries are used up or an error is permanent
   * @throws TransientError when the last attempt took too long
   * @throws the signal's reason when the caller aborts
   * @throws RangeError when the payload is no plain JSON
   */
  async execute<T>(work: Guarded<T>, options: ExecuteOptions = {}): Promise<T> {
    const tried = await this.tryExecute(work, options);
    if (tried.ok) return tried.value;
    throw tried.error;
  }

  /** As {@link execute}, but the failure is returned: a refusal then costs no exception. */
  async tryExecute<T>(work: Guarded<T>, options: ExecuteOptions = {}): Promise<Tried<T>> {
    const { signal } = options;
    const payload = options.payload ? plainCopy('payload', options.payload) : {};
    if (signal?.aborted) return { ok: false, error: reasonOf(signal), attempts: 0 };
    const retryAt = this.#runtime.desk.retryAt(this.service);
    if (retryAt !== null) return this.#refuse(retryAt);
    return this.#run(work, payload, signal);
  }

  #refuse(retryAt: number): Tried<never> {
    const failure = refusal(this.service, retryAt - this.#runtime.clock.now());
    return { ok: false, error: toError(failure), attempts: 0 };
  }

  async #run<T>(
    work: Guarded<T>,
    payload: Ref,
    signal: AbortSignal | undefined,
  ): Promise<Tried<T>> {
    const { roots, callers, clock, journal } = this.#runtime;
    const id = `request:${this.service}:${journal.seq + 1}`;
    let value: T | undefined;
    let thrown: unknown;
    let current = 0;
    callers.set(id, async ({ attempt }, attemptSignal) => {
      current = attempt;
      thrown = undefined;
      try {
        const made = await work(attemptSignal);
        // An attempt whose time was up may still answer; the request has gone on without it.
        if (current === attempt) value = made;
      } catch (error) {
        if (current === attempt && !attemptSignal.aborted) thrown = error;
        throw error;
      }
      return {};
    });
    const input = this.#input(id, payload);
    const root = roots.start('request', id, input) as RequestRef;
    const abort = (): void =>
      root.send({ type: 'request.abort', at: clock.now(), reason: 'caller' });
    signal?.addEventListener('abort', abort, { once: true });
    const result = await new Promise<RequestResult | undefined>((resolve) => {
      roots.onEnd(id, (output) => resolve(output as RequestResult | undefined));
    });
    signal?.removeEventListener('abort', abort);
    callers.delete(id);
    const attempts = result?.attempts ?? 0;
    if (result?.status === 'succeeded') return { ok: true, value: value as T, attempts };
    return { ok: false, error: errorOf(result, thrown, signal), attempts };
  }

  #input(id: string, payload: Ref): RequestInput {
    return {
      id,
      service: this.service,
      operation: 'caller',
      payload,
      once: false,
      owned: true,
      policy: this.#policy,
      seed: seedOf(id),
      corr: null,
      at: this.#runtime.clock.now(),
    };
  }
}

const reasonOf = ({ reason }: AbortSignal): Error =>
  reason instanceof Error ? reason : new Error(wordsOf(reason));

function errorOf(
  result: RequestResult | undefined,
  thrown: unknown,
  signal: AbortSignal | undefined,
): Error {
  if (result?.status === 'aborted' && signal) return reasonOf(signal);
  const isRefused = result?.error?.category === 'CIRCUIT_BREAKER_OPEN';
  if (!isRefused && thrown instanceof Error) return thrown;
  if (result?.error) return toError(result.error, thrown);
  return new Error('the request ended without a result');
}

/** @throws RangeError for an option that there is not: a typing error would otherwise go unseen */
function withDefaults<T extends object>(group: string, defaults: T, given: Partial<T>): T {
  const stranger = Object.keys(given).find((name) => !(name in defaults));
  if (stranger !== undefined) {
    const known = Object.keys(defaults).join(', ');
    throw new RangeError(`${group} options must be among ${known}, got ${stranger}`);
  }
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(set) };
}

function check(option: string, value: number, least: number, isWhole = false): void {
  const isGood = Number.isFinite(value) && value >= least && (!isWhole || Number.isInteger(value));
  if (isGood) return;
  const rule = `a ${isWhole ? 'whole ' : ''}number of at least ${least}`;
  throw new RangeError(`${option} must be ${rule}, got ${value}`);
}

/** @throws RangeError naming option, rule and value */
export function checkPolicy(policy: RetryPolicy): RetryPolicy {
  check('maxRetries', policy.maxRetries, 0, true);
  check('initialDelayMs', policy.initialDelayMs, 0);
  check('multiplier', policy.multiplier, 1);
  check('maxDelayMs', policy.maxDelayMs, 0);
  check('hintCapMs', policy.hintCapMs, 0);
  check('attemptTimeoutMs', policy.attemptTimeoutMs, 1);
  check('deadlineMs', policy.deadlineMs, 1);
  return policy;
}

/** @throws RangeError naming option, rule and value */
export function checkBreaker(options: BreakerOptions): BreakerOptions {
  check('failureThreshold', options.failureThreshold, 1, true);
  check('openForMs', options.openForMs, 1);
  check('halfOpenProbes', options.halfOpenProbes, 1, true);
  check('probeTimeoutMs', options.probeTimeoutMs, 1);
  return options;
}
