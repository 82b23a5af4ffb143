import type { BreakerContext } from '../machines/breaker.ts';
import type { CallResult } from '../machines/call-protocol.ts';
import type { CampaignContext } from '../machines/campaign-protocol.ts';
import type { RequestContext, RequestResult } from '../machines/request-protocol.ts';
import type { Failure } from '../machines/results.ts';
import type { JournalRecord } from '../store/record.ts';

/** What a journal line tells a person. Durations in milliseconds. */
export type Happening =
  | {
      readonly type: 'attempt.failed';
      readonly service: string;
      readonly error: Failure;
      readonly retries: number;
    }
  | {
      readonly type: 'retry.planned';
      readonly service: string;
      readonly retry: number;
      readonly maxRetries: number;
      readonly waitMs: number;
      readonly error: Failure;
    }
  | {
      readonly type: 'request.ended';
      readonly service: string;
      readonly operation: string;
      readonly retries: number;
      readonly maxRetries: number;
      readonly result: RequestResult;
    }
  | { readonly type: 'call.moved'; readonly from: string; readonly to: string }
  | { readonly type: 'call.ended'; readonly result: CallResult }
  | { readonly type: 'contact.skipped'; readonly contact: string }
  | {
      readonly type: 'breaker.moved';
      readonly service: string;
      readonly from: string;
      readonly to: string;
      readonly context: Partial<BreakerContext>;
    }
  | {
      readonly type: 'health.changed';
      readonly service: string;
      readonly health: string;
      /** UNKNOWN, HEALTHY or UNHEALTHY. */
      readonly before: string;
      readonly error: Failure | null;
    }
  | {
      readonly type: 'campaign.moved';
      readonly campaign: string;
      readonly to: string;
      readonly context: Partial<CampaignContext>;
    };

interface RequestFacts {
  readonly service: string;
  readonly operation: string;
  readonly retries: number;
  readonly maxRetries: number;
}

const unknownRequest: RequestFacts = { service: '', operation: '', retries: 0, maxRetries: 0 };

/** The service that a long-lived actor's id names. */
const serviceIn = (actor: string): string => actor.slice(actor.indexOf(':') + 1);

/**
 * Reads journal lines as happenings. It keeps what a line leaves out, because a line holds only
 * what its transition changed: a request's service and retries until the request has ended.
 */
export class Reader {
  readonly #requests = new Map<string, RequestFacts>();
  readonly #health = new Map<string, string>();

  /** What it keeps, as plain JSON, for {@link restore}. */
  snapshot(): unknown {
    return { requests: [...this.#requests], health: [...this.#health] };
  }

  restore(state: unknown): void {
    const { requests, health } = state as {
      readonly requests: readonly [string, RequestFacts][];
      readonly health: readonly [string, string][];
    };
    for (const [actor, facts] of requests) this.#requests.set(actor, facts);
    for (const [actor, known] of health) this.#health.set(actor, known);
  }

  read(record: JournalRecord): Happening[] {
    switch (record.machine) {
      case 'request':
        return this.#readRequest(record);
      case 'call':
        return readCall(record);
      case 'breaker':
        return readBreaker(record);
      case 'health':
        return this.#readHealth(record);
      case 'campaign':
        return readCampaign(record);
      default:
        return [];
    }
  }

  #readRequest(record: JournalRecord): Happening[] {
    const { actor, event, from, context = {}, done } = record;
    const changed = context as Partial<RequestContext>;
    const before = this.#requests.get(actor) ?? unknownRequest;
    const now = {
      service: changed.service ?? before.service,
      operation: changed.operation ?? before.operation,
      retries: changed.retries ?? (from === null ? 0 : before.retries),
      maxRetries: changed.policy?.maxRetries ?? before.maxRetries,
    };
    if (done) this.#requests.delete(actor);
    else this.#requests.set(actor, now);
    const { service, operation, retries, maxRetries } = now;
    const happenings: Happening[] = [];
    const error = event.type === 'attempt.failed' ? (event['error'] as Failure) : null;
    if (error) happenings.push({ type: 'attempt.failed', service, error, retries: before.retries });
    if (error && record.to === 'waiting') {
      const waitMs = changed.delayMs ?? (changed.dueAt ?? record.at) - (event['at'] as number);
      happenings.push({
        type: 'retry.planned',
        service,
        retry: retries,
        maxRetries,
        waitMs,
        error,
      });
    }
    if (changed.result) {
      happenings.push({
        type: 'request.ended',
        service,
        operation,
        retries,
        maxRetries,
        result: changed.result,
      });
    }
    return happenings;
  }

  #readHealth({ actor, context = {} }: JournalRecord): Happening[] {
    const health = context['health'] as string | undefined;
    if (health === undefined) return [];
    const before = this.#health.get(actor) ?? 'UNKNOWN';
    this.#health.set(actor, health);
    if (health === before || health === 'UNKNOWN') return [];
    const error = (context['error'] ?? null) as Failure | null;
    return [{ type: 'health.changed', service: serviceIn(actor), health, before, error }];
  }
}

function readCall({ from, to, context = {} }: JournalRecord): Happening[] {
  const happenings: Happening[] = [];
  if (from !== null && from !== to) happenings.push({ type: 'call.moved', from, to });
  const result = context['result'] as CallResult | null | undefined;
  if (result) happenings.push({ type: 'call.ended', result });
  return happenings;
}

function readBreaker({ actor, from, to, context = {} }: JournalRecord): Happening[] {
  if (from === null || from === to) return [];
  return [{ type: 'breaker.moved', service: serviceIn(actor), from, to, context }];
}

function readCampaign({ actor, event, from, to, context = {} }: JournalRecord): Happening[] {
  const happenings: Happening[] = [];
  if (event.type === 'contact.settled' && event['status'] === 'skipped') {
    happenings.push({ type: 'contact.skipped', contact: String(event['contact'] as string) });
  }
  if (from !== null && from !== to) {
    happenings.push({ type: 'campaign.moved', campaign: serviceIn(actor), to, context });
  }
  return happenings;
}
