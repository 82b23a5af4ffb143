import type { RequestContext, RequestResult } from '../../machines/request-protocol.ts';
import type { Failure } from '../../machines/results.ts';
import type { JournalRecord } from '../../store/record.ts';
import { answerMs, isLooking } from '../measuring.ts';
import type { Sums } from './figures.ts';
import { isMeasured, type ServiceNames } from './services.ts';
import type { Tally } from './tally.ts';

interface Open {
  readonly service: string;
  readonly operation: string;
  readonly bornAt: number;
  /** When the attempt under way began. */
  readonly attemptAt: number;
  readonly retries: number;
}

/** Requests under way, and what became of the ones that have ended. */
export class RequestBook {
  readonly #tally: Tally;
  readonly #sums: Sums;
  readonly #names: ServiceNames;
  readonly #open = new Map<string, Open>();

  constructor(tally: Tally, sums: Sums, names: ServiceNames) {
    this.#tally = tally;
    this.#sums = sums;
    this.#names = names;
  }

  apply(record: JournalRecord, isCounted: boolean): void {
    const { actor, at, from, to, done, context = {} } = record;
    const changed = context as Partial<RequestContext>;
    const before = this.#open.get(actor) ?? bornOf(changed, at);
    if (!before || !isMeasured(before.service)) return;
    const retries = changed.retries ?? before.retries;
    const isNewAttempt = to === 'attempting' && from !== null;
    if (done) this.#open.delete(actor);
    else this.#open.set(actor, { ...before, retries, ...(isNewAttempt && { attemptAt: at }) });
    if (!isCounted) return;
    this.#countAttempt(record, before);
    if (from !== null && retries > before.retries) {
      this.#tally.add('retries', { service: this.#names.label(before.service) });
    }
    if (changed.result) this.#countEnd(changed.result, { ...before, retries }, at);
  }

  snapshot(): unknown {
    return [...this.#open];
  }

  restore(state: unknown): void {
    for (const [actor, open] of state as readonly [string, Open][]) this.#open.set(actor, open);
  }

  #countAttempt(record: JournalRecord, { service, operation, attemptAt }: Open): void {
    const { event, from } = record;
    const label = this.#names.label(service);
    const outcome = outcomeOf(event.type, from);
    if (outcome === null) return;
    this.#tally.add('attempts', { service: label, operation, outcome });
    if (outcome !== 'succeeded' && outcome !== 'failed') return;
    if (!isLooking(operation)) {
      const seconds = answerMs(record, attemptAt) / 1000;
      this.#tally.observe('attemptSeconds', { service: label, outcome }, seconds);
    }
    if (outcome !== 'failed') return;
    const { category, kind } = event['error'] as Failure;
    this.#tally.add('errors', { service: label, category, kind });
  }

  #countEnd({ status }: RequestResult, open: Open, at: number): void {
    const { service, operation, bornAt, retries } = open;
    const label = this.#names.label(service);
    this.#tally.add('requests', { service: label, operation, status });
    this.#tally.observe('requestSeconds', { service: label, status }, (at - bornAt) / 1000);
    if (isLooking(operation) || (status !== 'succeeded' && status !== 'failed')) return;
    this.#sums[status]++;
    this.#sums.retries += retries;
    if (retries === 0) return;
    this.#tally.add('retried', { service: label, status });
    this.#sums[status === 'succeeded' ? 'retriedSucceeded' : 'retriedFailed']++;
  }
}

function bornOf({ service, operation }: Partial<RequestContext>, at: number): Open | null {
  if (service === undefined || operation === undefined) return null;
  return { service, operation, bornAt: at, attemptAt: at, retries: 0 };
}

function outcomeOf(event: string, from: string | null): string | null {
  if (event === 'attempt.succeeded') return 'succeeded';
  if (event === 'attempt.failed') return 'failed';
  if (event === 'attempt.refused') return 'refused';
  return event === 'resumed' && from === 'attempting' ? 'interrupted' : null;
}
