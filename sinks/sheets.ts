import { isProviderError } from '../errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { JournalRecord } from '../store/record.ts';
import type { Checkpoint } from './cursor.ts';
import { Reader } from './reading.ts';
import { AlertRows } from './sheets/alert-rows.ts';
import { rowOf, type Row } from './sheets/row.ts';
import type { Sheet } from './sheets/sheet.ts';
import type { Sink } from './sink.ts';

export interface SheetsSinkOptions {
  readonly sheet: Sheet;
  /** One that runs as fast as Google's, whatever clock the agent lives by. */
  readonly clock: Clock;
}

/** Rows are gathered this long before they are sent. */
const GATHER_MS = 5_000;
/** In one request; as many again may wait. */
const MAX_ROWS = 500;
const MINUTE_MS = 60_000;
const LONGEST_WAIT_MS = 15 * MINUTE_MS;
/** A setting that is wrong: a person has to do something, and may have done it. */
const MISSET_WAIT_MS = 10 * MINUTE_MS;
/** A stop does not wait longer for the last rows. */
const LAST_ROWS_MS = 4_000;

/** Tells everybody who can read a spreadsheet what happens, a row each, in batches. */
export class SheetsSink implements Sink {
  readonly name = 'sheets';
  readonly isDurable = true;
  readonly #sheet: Sheet;
  readonly #clock: Clock;
  readonly #reader = new Reader();
  readonly #alerts = new AlertRows();
  readonly #abort = new AbortController();
  #rows: Row[] = [];
  #taken = 0;
  /** Up to where every row is in the sheet; null before any is. */
  #settled: Checkpoint | null = null;
  #timer: ReturnType<Clock['setTimeout']> | null = null;
  #sending: Promise<void> | null = null;
  #failures = 0;
  #error: Error | null = null;
  #onRoom: (() => void)[] = [];
  #isClosing = false;

  constructor({ sheet, clock }: SheetsSinkOptions) {
    this.#sheet = sheet;
    this.#clock = clock;
  }

  take(record: JournalRecord): void | Promise<void> {
    const row = this.#alerts.rowOf(record) ?? rowOf(record, this.#reader.read(record));
    this.#taken = record.seq;
    if (!row) return;
    this.#rows.push(row);
    const isFull = this.#rows.length >= MAX_ROWS;
    if (isFull && this.#failures === 0) this.#send();
    else if (!this.#sending) this.#plan(GATHER_MS);
    if (!isFull || this.#rows.length === 0 || this.#isClosing) return;
    return new Promise((resolve) => this.#onRoom.push(resolve));
  }

  settle(now: Checkpoint): Checkpoint | null {
    const isDone = this.#rows.length === 0 && !this.#sending && now.seq === this.#taken;
    return isDone ? now : this.#settled;
  }

  snapshot(): unknown {
    return { reader: this.#reader.snapshot(), alerts: this.#alerts.snapshot() };
  }

  restore(state: unknown): void {
    const { reader, alerts } = state as { readonly reader: unknown; readonly alerts?: unknown };
    this.#reader.restore(reader);
    this.#alerts.restore(alerts);
  }

  /** What keeps rows from the sheet now. */
  trouble(): string | null {
    if (this.#error === null) return null;
    return `${this.#error.message}. ${this.#rows.length} rows wait for the spreadsheet.`;
  }

  /** Sends the last rows, unless the sheet can't be reached: then the next start does. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#makeRoom();
    const timer = setTimeout(() => this.#abort.abort(), LAST_ROWS_MS);
    await this.#sending;
    if (this.#failures === 0 && this.#rows.length > 0) this.#send();
    await this.#sending;
    clearTimeout(timer);
    this.#abort.abort();
    if (this.#timer) this.#clock.clearTimeout(this.#timer);
  }

  #plan(ms: number): void {
    if (this.#timer || this.#abort.signal.aborted) return;
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = null;
      this.#send();
    }, ms);
  }

  #send(): void {
    this.#sending ??= this.#sendAll().finally(() => (this.#sending = null));
  }

  async #sendAll(): Promise<void> {
    if (this.#timer) this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
    while (this.#rows.length > 0 && !this.#abort.signal.aborted) {
      const batch = this.#rows;
      this.#rows = [];
      // All that was taken up to now is in this batch or in the sheet.
      const here = { seq: this.#taken, state: this.snapshot() };
      this.#makeRoom();
      try {
        await this.#sheet.add(batch, this.#abort.signal);
        this.#settled = here;
        this.#failures = 0;
        this.#error = null;
      } catch (error) {
        this.#rows = [...batch, ...this.#rows];
        this.#fail(error);
        return;
      }
      if (!this.#isClosing && this.#rows.length < MAX_ROWS) break;
    }
    if (this.#rows.length > 0) this.#plan(GATHER_MS);
  }

  #fail(error: unknown): void {
    this.#sheet.doubt();
    if (this.#abort.signal.aborted) return;
    this.#failures++;
    this.#error = error instanceof Error ? error : new Error('The spreadsheet failed');
    this.#plan(this.#waitMs(error));
  }

  /** Google counts by the minute, so the next one is worth a try. */
  #waitMs(error: unknown): number {
    if (isProviderError(error) && error.category === 'PERMANENT_ERROR') return MISSET_WAIT_MS;
    const hintMs = isProviderError(error) ? (error.retryAfterMs ?? 0) : 0;
    const toNextMinute = MINUTE_MS - (this.#clock.now() % MINUTE_MS);
    const more = Math.min(LONGEST_WAIT_MS, (2 ** (this.#failures - 1) - 1) * MINUTE_MS);
    return Math.max(hintMs, toNextMinute + more);
  }

  #makeRoom(): void {
    for (const resolve of this.#onRoom.splice(0)) resolve();
  }
}
