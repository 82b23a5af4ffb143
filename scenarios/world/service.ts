import type { ServiceName } from '../../config.ts';
import type { Clock } from '../../runtime/clock.ts';
import { sleep } from './exchange.ts';
import type { FaultPlan } from './fault-plan.ts';
import { perform } from './faults.ts';
import type { Provider } from './provider.ts';
import type { Reply } from './reply.ts';
import type { RequestCounts, RequestLog } from './request-log.ts';

export interface ServiceOptions {
  readonly name: ServiceName;
  readonly provider: Provider;
  readonly plan: FaultPlan;
  readonly log: RequestLog;
  readonly clock: Clock;
  /** Milliseconds before any request is carried out. */
  readonly latencyMs: number;
}

/** A provider as the world runs it: counted, logged, slow and faulty. */
export class Service {
  readonly name: ServiceName;
  readonly provider: Provider;
  readonly plan: FaultPlan;
  readonly counts: RequestCounts = { work: 0, health: 0, other: 0 };
  readonly #log: RequestLog;
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #latencyMs: number;

  constructor({ name, provider, plan, log, clock, latencyMs }: ServiceOptions) {
    this.name = name;
    this.provider = provider;
    this.plan = plan;
    this.#log = log;
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#latencyMs = latencyMs;
  }

  /** Rejects with the signal's reason when it is aborted before the answer is ready. */
  async answer(request: Request, signal: AbortSignal): Promise<Reply> {
    const at = this.#clock.now();
    const { method } = request;
    const path = new URL(request.url).pathname;
    const kind = this.provider.kindOf(method, path);
    this.counts[kind] += 1;
    const entry = this.#log.add({ service: this.name, method, path, at, status: null });

    const { fault, beforeMs, afterMs } = this.plan.draw(kind, at - this.#startedAt);
    await sleep(this.#clock, this.#latencyMs + beforeMs, signal);
    const reply = await perform(fault, request, this.provider, this.#clock);
    await sleep(this.#clock, afterMs, signal);
    if ('response' in reply) entry.status = reply.response.status;
    return reply;
  }
}
