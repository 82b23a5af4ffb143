import type { JournalRecord } from '../store/record.ts';
import { Reader, type Happening } from './reading.ts';

export interface Alert {
  readonly rule: 'breaker.opened' | 'call.failed' | 'campaign.paused';
  readonly severity: 'critical' | 'warning';
  readonly state: 'firing' | 'resolved';
  readonly service: string | null;
  /** The same incident has the same key. */
  readonly key: string;
  readonly text: string;
  /** Epoch ms. */
  readonly at: number;
}

/** Which happenings a person must hear of: a pure fold over the journal. */
export class AlertRules {
  readonly #reader = new Reader();
  readonly #firing = new Map<string, Alert>();

  /** @returns the alerts that this record raises or resolves */
  apply(record: JournalRecord): Alert[] {
    return this.#reader
      .read(record)
      .flatMap((happening) => this.#judge(happening, record))
      .map((alert) => {
        if (alert.state === 'firing') this.#firing.set(alert.key, alert);
        else this.#firing.delete(alert.key);
        return alert;
      });
  }

  /** The incidents that are open and what its reader keeps, as plain JSON, for {@link restore}. */
  snapshot(): unknown {
    return { reader: this.#reader.snapshot(), firing: [...this.#firing] };
  }

  restore(state: unknown): void {
    const { reader, firing } = state as {
      readonly reader: unknown;
      readonly firing: readonly [string, Alert][];
    };
    this.#reader.restore(reader);
    for (const [key, alert] of firing) this.#firing.set(key, alert);
  }

  #judge(happening: Happening, { at, corr }: JournalRecord): Alert[] {
    if (happening.type === 'breaker.moved') return this.#judgeBreaker(happening, at);
    if (happening.type === 'call.ended' && happening.result.status === 'failed') {
      const { error } = happening.result;
      const text = `${corr ?? 'call'} failed: ${error?.message ?? 'no reason given'}`;
      return [raise('call.failed', error?.service ?? null, `call.failed ${corr}`, text, at)];
    }
    if (happening.type === 'campaign.moved') return this.#judgeCampaign(happening, at);
    return [];
  }

  #judgeBreaker(moved: Happening & { type: 'breaker.moved' }, at: number): Alert[] {
    const { service, to, context } = moved;
    const key = `breaker.opened ${service}`;
    if (to === 'closed') return this.#resolve(key, `${service} is back`, at);
    if (to !== 'open' || this.#firing.has(key)) return [];
    const until = context.dueAt ? ` Next try at ${new Date(context.dueAt).toISOString()}.` : '';
    const text = `the circuit breaker of ${service} opened.${until}`;
    return [raise('breaker.opened', service, key, text, at)];
  }

  #judgeCampaign(moved: Happening & { type: 'campaign.moved' }, at: number): Alert[] {
    const { campaign, to, context } = moved;
    const key = `campaign.paused ${campaign}`;
    const error = context.pausedBy;
    if (to === 'paused' && error) {
      const text = `campaign ${campaign} paused itself: ${error.message}`;
      return [raise('campaign.paused', error.service, key, text, at)];
    }
    return to === 'running' ? this.#resolve(key, `campaign ${campaign} goes on`, at) : [];
  }

  #resolve(key: string, text: string, at: number): Alert[] {
    const alert = this.#firing.get(key);
    return alert ? [{ ...alert, state: 'resolved', text, at }] : [];
  }
}

function raise(
  rule: Alert['rule'],
  service: string | null,
  key: string,
  text: string,
  at: number,
): Alert {
  return { rule, severity: 'critical', state: 'firing', service, key, text, at };
}
