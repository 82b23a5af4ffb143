import type { JournalRecord } from '../store/record.ts';
import type { Checkpoint } from './cursor.ts';
import { breakerName, tell, type BreakerName, type LogEntry, type Told } from './file/entry.ts';
import { lastLines } from './file/last-lines.ts';
import { RotatingFile, type RotatingFileOptions } from './file/rotating-file.ts';
import { isTold, type Level } from './level.ts';
import { Reader, type Happening } from './reading.ts';
import type { Sink } from './sink.ts';

export type { LogEntry } from './file/entry.ts';

export interface FileSinkOptions extends RotatingFileOptions {
  /** What is less than this is not written. @default 'info' */
  readonly level?: Level;
}

/** Writes what went wrong, and what came back, as one JSON object per line. */
export class FileSink implements Sink {
  readonly name = 'file';
  readonly isDurable = true;
  readonly #file: string;
  readonly #out: RotatingFile;
  readonly #level: Level;
  readonly #reader = new Reader();
  readonly #breakers = new Map<string, BreakerName>();
  /** Lines that were there at the start: what came behind the cursor must not be written again. */
  #known: ReadonlySet<string> | null = null;
  /** The time of the last of them: what is later is new. */
  #knownUntil = '';

  constructor(file: string, options: FileSinkOptions = {}) {
    this.#file = file;
    this.#level = options.level ?? 'info';
    this.#out = new RotatingFile(file, options);
  }

  take(record: JournalRecord): void {
    for (const happening of this.#read(record)) {
      const told = tell(happening);
      if (told && isTold(told.level, this.#level)) this.#write(record, told);
    }
  }

  async settle(now: Checkpoint): Promise<Checkpoint> {
    await this.#out.sync();
    return now;
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
    this.#out.close();
  }

  #read(record: JournalRecord): Happening[] {
    const happenings = this.#reader.read(record);
    for (const happening of happenings) {
      if (happening.type !== 'breaker.moved') continue;
      this.#breakers.set(happening.service, breakerName(happening.to));
    }
    return happenings;
  }

  #write(record: JournalRecord, { service, category, retries, message, level }: Told): void {
    const entry: LogEntry = {
      timestamp: new Date(record.at).toISOString(),
      service_name: service,
      error_category: category,
      retry_count: retries,
      circuit_breaker_state: this.#breakers.get(service) ?? 'CLOSED',
      message,
      call: record.corr ?? null,
      seq: record.seq,
      level,
    };
    const line = JSON.stringify(entry);
    if (!this.#isKnown(line, entry.timestamp)) this.#out.write(line, record.at);
  }

  #isKnown(line: string, timestamp: string): boolean {
    if (!this.#known) {
      const { lines } = lastLines(this.#file);
      this.#known = new Set(lines);
      this.#knownUntil = lines.map(timeIn).reduce((a, b) => (a > b ? a : b), '');
    }
    if (timestamp > this.#knownUntil) this.#known = new Set();
    return this.#known.has(line);
  }
}

const timeIn = (line: string): string => /"timestamp":"([^"]+)"/.exec(line)?.[1] ?? '';
