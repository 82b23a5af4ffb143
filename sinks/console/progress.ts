import readline from 'node:readline';
import type { JournalRecord } from '../../store/record.ts';
import { Reader, type Happening } from '../reading.ts';
import type { Sink } from '../sink.ts';
import { fit, shortDuration, shortFailure } from './text.ts';

export interface ProgressOptions {
  readonly stream: NodeJS.WriteStream;
  readonly total: () => number;
  /** Epoch ms on the agent's clock. */
  readonly now: () => number;
}

interface ProgressState {
  readonly reader: unknown;
  readonly calls: readonly [string, string][];
  readonly open: readonly [string, number | null][];
  readonly counts: { readonly [status: string]: number };
}

/** A person reads no faster, and a terminal over a network draws no faster. */
const REDRAW_MS = 100;
const SHOWN_CALLS = 8;
const BAR_CELLS = 24;
const FEWEST_BAR_CELLS = 4;
/** What stands behind the bar, where a list is long. */
const COUNTS_CELLS = 28;

const doing: { readonly [state: string]: string } = {
  scripting: 'writing the script',
  speaking: 'making the speech',
  dialling: 'dialling',
  settling: 'in doubt whether it was placed',
  lookingUp: 'looking up the call',
  inCall: 'on the phone',
  following: 'on the phone',
  recording: 'writing to the CRM',
};

/** A display that redraws itself: totals, what is waited for, and the calls under way. */
export class ProgressSink implements Sink {
  readonly name = 'progress';
  readonly #options: ProgressOptions;
  readonly #reader = new Reader();
  readonly #calls = new Map<string, string>();
  readonly #open = new Map<string, number | null>();
  readonly #counts = { completed: 0, failed: 0, deferred: 0, unknown: 0, skipped: 0 };
  #timer: NodeJS.Timeout | null = null;
  #drawn = 0;
  #isClosed = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  prime(record: JournalRecord): void {
    this.#follow(record);
  }

  snapshot(): unknown {
    return {
      reader: this.#reader.snapshot(),
      calls: [...this.#calls],
      open: [...this.#open],
      counts: { ...this.#counts },
    };
  }

  restore(state: unknown): void {
    const { reader, calls, open, counts } = state as ProgressState;
    this.#reader.restore(reader);
    for (const [call, what] of calls) this.#calls.set(call, what);
    for (const [service, dueAt] of open) this.#open.set(service, dueAt);
    Object.assign(this.#counts, counts);
  }

  take(record: JournalRecord): void {
    this.#follow(record);
    if (this.#isClosed) return;
    this.#timer ??= setTimeout(() => this.#draw(), REDRAW_MS);
  }

  /** Leaves the last state on the screen. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#calls.clear();
    this.#draw();
  }

  #follow(record: JournalRecord): void {
    for (const happening of this.#reader.read(record)) this.#note(record.corr ?? '', happening);
  }

  #note(call: string, happening: Happening): void {
    if (happening.type === 'call.moved') {
      const what = doing[happening.to];
      if (what !== undefined) this.#calls.set(call, what);
    } else if (happening.type === 'retry.planned') {
      const { service, error, retry, maxRetries, waitMs } = happening;
      const wait = shortDuration(waitMs);
      this.#calls.set(
        call,
        `${service} ${shortFailure(error)}, retry ${retry}/${maxRetries} in ${wait}`,
      );
    } else if (happening.type === 'call.ended') {
      this.#calls.delete(call);
      const { status } = happening.result;
      if (status !== 'deferred') this.#counts[status]++;
    } else if (happening.type === 'contact.skipped') {
      this.#counts.skipped++;
    } else if (happening.type === 'breaker.moved') {
      if (happening.to === 'closed') this.#open.delete(happening.service);
      else this.#open.set(happening.service, happening.context.dueAt ?? null);
    }
  }

  #lines(width: number): string[] {
    const total = this.#options.total();
    const { completed, failed, unknown, skipped } = this.#counts;
    const ended = completed + failed + unknown + skipped;
    const barCells = Math.max(FEWEST_BAR_CELLS, Math.min(BAR_CELLS, width - COUNTS_CELLS));
    const cells = total === 0 ? 0 : Math.min(barCells, Math.round((ended / total) * barCells));
    const bar = '█'.repeat(cells).padEnd(barCells, '░');
    const counts = `✅ ${completed}  ❌ ${failed}${unknown > 0 ? `  ❓ ${unknown}` : ''}${skipped > 0 ? `  ⏭ ${skipped}` : ''}`;
    const waits = [...this.#open].map(([service, dueAt]) => {
      const wait =
        dueAt === null
          ? ''
          : `, next probe in ${shortDuration(Math.max(0, dueAt - this.#options.now()))}`;
      return `⚡ ${service} is not called: circuit breaker open${wait}`;
    });
    const calls = [...this.#calls]
      .slice(0, SHOWN_CALLS)
      .map(([call, what]) => `  ${call.replace('call:', '')}  ${what}`);
    const more = this.#calls.size - SHOWN_CALLS;
    return [
      `${bar} ${ended}/${total}  ${counts}`,
      ...waits,
      ...calls,
      ...(more > 0 ? [`  … and ${more} more`] : []),
    ];
  }

  #draw(): void {
    this.#timer = null;
    const { stream } = this.#options;
    // A terminal that does not tell its size says 0.
    const width = (stream.columns || 80) - 1;
    const lines = this.#lines(width).map((line) => fit(line, width));
    readline.moveCursor(stream, 0, -this.#drawn);
    readline.cursorTo(stream, 0);
    readline.clearScreenDown(stream);
    stream.write(`${lines.join('\n')}\n`);
    this.#drawn = lines.length;
  }
}
