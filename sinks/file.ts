import fs from 'node:fs';
import path from 'node:path';
import type { JournalRecord } from '../store/record.ts';
import { Reader, type Happening } from './reading.ts';
import type { Sink } from './sink.ts';

/** One line of the error log, for engineers. */
export interface LogEntry {
  /** ISO 8601. */
  readonly timestamp: string;
  readonly service_name: string;
  readonly error_category: string | null;
  readonly retry_count: number;
  readonly circuit_breaker_state: 'CLOSED' | 'OPEN' | 'HALF_OPEN' | 'ISOLATED';
  readonly message: string;
  readonly call: string | null;
  readonly seq: number;
}

type BreakerName = LogEntry['circuit_breaker_state'];

const breakerNames: { readonly [state: string]: BreakerName } = {
  closed: 'CLOSED',
  open: 'OPEN',
  halfOpen: 'HALF_OPEN',
  isolated: 'ISOLATED',
};

interface Told {
  readonly service: string;
  readonly category: string | null;
  readonly retries: number;
  readonly message: string;
}

/** Writes what went wrong, and what came back, as one JSON object per line. */
export class FileSink implements Sink {
  readonly name = 'file';
  readonly #file: string;
  readonly #reader = new Reader();
  readonly #breakers = new Map<string, BreakerName>();
  #fd: number | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  prime(record: JournalRecord): void {
    this.#read(record);
  }

  take(record: JournalRecord): void {
    for (const happening of this.#read(record)) {
      const told = tell(happening);
      if (told) this.#write(record, told);
    }
  }

  snapshot(): unknown {
    return { reader: this.#reader.snapshot(), breakers: [...this.#breakers] };
  }

  restore(state: unknown): void {
    const { reader, breakers } = state as {
      readonly reader: unknown;
      readonly breakers: readonly [string, BreakerName][];
    };
    this.#reader.restore(reader);
    for (const [service, name] of breakers) this.#breakers.set(service, name);
  }

  close(): void {
    if (this.#fd !== null) fs.closeSync(this.#fd);
    this.#fd = null;
  }

  #read(record: JournalRecord): Happening[] {
    const happenings = this.#reader.read(record);
    for (const happening of happenings) {
      if (happening.type !== 'breaker.moved') continue;
      this.#breakers.set(happening.service, breakerNames[happening.to] ?? 'CLOSED');
    }
    return happenings;
  }

  #write(record: JournalRecord, { service, category, retries, message }: Told): void {
    const entry: LogEntry = {
      timestamp: new Date(record.at).toISOString(),
      service_name: service,
      error_category: category,
      retry_count: retries,
      circuit_breaker_state: this.#breakers.get(service) ?? 'CLOSED',
      message,
      call: record.corr ?? null,
      seq: record.seq,
    };
    if (this.#fd === null) {
      fs.mkdirSync(path.dirname(this.#file), { recursive: true });
      this.#fd = fs.openSync(this.#file, 'a', 0o600);
    }
    fs.writeSync(this.#fd, `${JSON.stringify(entry)}\n`);
  }
}

function tell(happening: Happening): Told | null {
  switch (happening.type) {
    case 'attempt.failed': {
      const { service, error, retries } = happening;
      return { service, category: error.category, retries, message: error.message };
    }
    case 'request.ended':
      return tellEnd(happening);
    case 'breaker.moved': {
      const { service, from, to } = happening;
      const message = `circuit breaker: ${breakerNames[from] ?? from} → ${breakerNames[to] ?? to}`;
      return { service, category: null, retries: 0, message };
    }
    case 'health.changed': {
      const { service, health, before, error } = happening;
      if (before === 'UNKNOWN' && health === 'HEALTHY') return null;
      const why = error ? `: ${error.message}` : '';
      const message = `health: ${before} → ${health}${why}`;
      return { service, category: error?.category ?? null, retries: 0, message };
    }
    case 'call.ended': {
      const { status, error } = happening.result;
      if (status !== 'failed' && status !== 'unknown') return null;
      const message = `call ${status}: ${error?.message ?? 'no reason given'}`;
      return {
        service: error?.service ?? 'agent',
        category: error?.category ?? null,
        retries: 0,
        message,
      };
    }
    case 'campaign.moved': {
      const { campaign, to, context } = happening;
      if (to !== 'paused' || !context.pausedBy) return null;
      const { service, category, message } = context.pausedBy;
      return { service, category, retries: 0, message: `campaign ${campaign} paused: ${message}` };
    }
    case 'retry.planned':
    case 'call.moved':
    case 'contact.skipped':
      return null;
  }
}

function tellEnd({ service, retries, result }: Happening & { type: 'request.ended' }): Told | null {
  const { status, error } = result;
  if (status === 'succeeded') {
    if (retries === 0) return null;
    return { service, category: null, retries, message: 'recovered after retries' };
  }
  const category = error?.category ?? null;
  const what = status === 'failed' && retries > 0 ? 'max retries exceeded' : status;
  return { service, category, retries, message: `request ${what}: ${error?.message ?? ''}` };
}
