import type { ServiceName } from '../../config.ts';
import type { CampaignContext } from '../../machines/campaign-protocol.ts';
import type { RequestContext } from '../../machines/request-protocol.ts';
import type { Failure } from '../../machines/results.ts';
import type { JournalRecord } from '../../store/record.ts';
import type { World } from '../world/world.ts';

/** What an actor's lines have told of it so far. */
interface Known {
  readonly state: string;
  readonly context: Readonly<Record<string, unknown>>;
  readonly at: number;
  /** How many starts it has been through. */
  readonly resumed: number;
}

/**
 * Looks at every line as it is written, and at what has reached the providers by then, for
 * something that must never be. It lives as long as the journal, over all lives of the agent.
 */
export class Watch {
  readonly problems: string[] = [];
  readonly #actors = new Map<string, Known>();
  readonly #made = new Set<string>();
  readonly #notBefore = new Map<string, number>();
  readonly #seen = new Map<string, number>();
  #world: World | null = null;
  #seq = 0;
  #at = 0;

  get seq(): number {
    return this.#seq;
  }

  get at(): number {
    return this.#at;
  }

  /** The world of the life that has begun. */
  follow(world: World | null): void {
    this.#world = world;
    for (const [name, { work }] of Object.entries(world?.counts ?? {})) this.#seen.set(name, work);
  }

  take(record: JournalRecord): void {
    this.#lookAtRequests();
    const { seq, at, actor, machine, event, to, context, done, from } = record;
    if (seq !== this.#seq + 1) this.#say(record, `comes after ${this.#seq}`);
    if (at < this.#at) this.#say(record, 'goes back in time');
    this.#seq = seq;
    this.#at = at;
    const before = this.#actors.get(actor);
    const known: Known = {
      state: to,
      context: { ...(from === null ? {} : before?.context), ...context },
      at,
      resumed: (from === null ? 0 : (before?.resumed ?? 0)) + (event.type === 'resumed' ? 1 : 0),
    };
    if (event.type === 'timer.fired') this.#checkTimer(record, before);
    if (machine === 'request') this.#checkRequest(record, known);
    if (machine === 'call') this.#checkCall(record);
    if (machine === 'campaign') this.#checkCampaign(record, known);
    if (done) this.#actors.delete(actor);
    else this.#actors.set(actor, known);
  }

  #say({ seq, actor, event }: JournalRecord, what: string): void {
    this.problems.push(`seq ${seq}, ${actor} ${event.type}: ${what}`);
  }

  /** Nothing but a health check goes out to a service whose breaker is open. */
  #lookAtRequests(): void {
    const world = this.#world;
    if (!world) return;
    for (const [name, { work }] of Object.entries(world.counts)) {
      const fresh = work - (this.#seen.get(name) ?? 0);
      this.#seen.set(name, work);
      if (fresh === 0) continue;
      const breaker = this.#actors.get(`breaker:${name}`);
      if (breaker?.state !== 'open' && breaker?.state !== 'isolated') continue;
      const arrived = lastArrival(world, name as ServiceName);
      if (arrived <= breaker.at || this.#isAttempted(name, breaker.at)) continue;
      this.problems.push(`behind seq ${this.#seq}: a request to ${name}, whose breaker is open`);
    }
  }

  /** What was let out while the breaker was not open may take more than one request. */
  #isAttempted(service: string, before: number): boolean {
    return this.#actors
      .values()
      .some(
        ({ state, context, at }) =>
          state === 'attempting' && context['service'] === service && at <= before,
      );
  }

  #checkTimer(record: JournalRecord, before: Known | undefined): void {
    const due = before?.context['dueAt'];
    if (typeof due === 'number' && Number(record.event['at']) < due) {
      this.#say(record, `fires before ${due}`);
    }
  }

  #checkRequest(record: JournalRecord, { context, resumed }: Known): void {
    const { attempts, retries, policy, dueAt } = context as unknown as RequestContext;
    if (retries > policy.maxRetries) this.#say(record, `${retries} retries`);
    if (attempts > policy.maxRetries + 1 + resumed) this.#say(record, `${attempts} attempts`);
    const { event, to, at, actor, from } = record;
    const error = event['error'] as Failure | null | undefined;
    const hintMs = error?.retryAfterMs ?? 0;
    if (event.type === 'attempt.failed' && to === 'waiting' && (dueAt ?? 0) < at + hintMs) {
      this.#say(record, `waits less than the ${hintMs} ms that were asked for`);
    }
    const step = /^(call:\d+)(?:\.\d+)?\/(script|speech)$/.exec(actor);
    if (!step) return;
    const what = `${step[2]} of ${step[1]}`;
    if (from === null && this.#made.has(what)) this.#say(record, `the ${what} is made again`);
    if (to === 'succeeded') this.#made.add(what);
  }

  #checkCall(record: JournalRecord): void {
    const { actor, context, from, at } = record;
    const contact = actor.replace(/^call:/, '').replace(/\.\d+$/, '');
    const result = context?.['result'] as { retryAt?: number | null } | undefined;
    if (from === null && at < (this.#notBefore.get(contact) ?? 0)) {
      this.#say(record, `is called before ${this.#notBefore.get(contact)}`);
    }
    if (result) this.#notBefore.set(contact, result.retryAt ?? 0);
  }

  #checkCampaign(record: JournalRecord, { context }: Known): void {
    const { queued, active, ended, total } = context as unknown as CampaignContext;
    const counts = [queued, active, ...Object.values(ended)];
    const sum = counts.reduce((all, count) => all + count, 0);
    if (sum !== total) this.#say(record, `${sum} contacts of ${total} are somewhere`);
    if (Math.min(...counts) < 0) this.#say(record, 'counts below zero');
  }
}

function lastArrival({ requests }: World, service: ServiceName): number {
  return requests.findLast((request) => request.service === service)?.at ?? 0;
}
