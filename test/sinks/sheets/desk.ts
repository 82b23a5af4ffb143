import { setImmediate as nextRound } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Clock, TimerHandle } from '../../../runtime/clock.ts';
import { AccessTokens } from '../../../sinks/sheets/access-token.ts';
import { Budget } from '../../../sinks/sheets/budget.ts';
import { SheetsClient } from '../../../sinks/sheets/client.ts';
import { readCredentials } from '../../../sinks/sheets/credentials.ts';
import { Sheet } from '../../../sinks/sheets/sheet.ts';
import { SheetsSink } from '../../../sinks/sheets.ts';
import { dataFolder } from '../../support/agent.ts';
import { Google } from '../../peers/google.ts';

/** Time that moves only when it is told to. */
export class StillClock implements Clock {
  #now = Date.parse('2026-09-21T10:00:30Z');
  readonly #timers = new Map<TimerHandle, { at: number; callback: () => void }>();

  readonly speed = 1;

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    const handle: TimerHandle = {};
    this.#timers.set(handle, { at: this.#now + delayMs, callback });
    return handle;
  }

  setTimeLimit(callback: () => void, delayMs: number): TimerHandle {
    return this.setTimeout(callback, delayMs);
  }

  clearTimeout(handle: TimerHandle): void {
    this.#timers.delete(handle);
  }

  /** Moves on to the next timer and lets it fire. */
  next(): void {
    const [first] = [...this.#timers].toSorted(([, a], [, b]) => a.at - b.at);
    if (!first) return;
    const [handle, { at, callback }] = first;
    this.#timers.delete(handle);
    this.#now = Math.max(this.#now, at);
    callback();
  }
}

export interface SheetsDesk {
  readonly google: Google;
  readonly clock: StillClock;
  readonly dir: string;
  readonly sheetFor: (spreadsheet?: string, tab?: string) => Sheet;
  readonly sinkFor: (spreadsheet?: string) => SheetsSink;
  /** Rows of a tab without the header. */
  readonly rows: (tab?: string) => unknown[][];
  /** Moves time until it is so. */
  readonly until: (happened: () => boolean) => Promise<void>;
}

/** A spreadsheet at a Google of our own. */
export async function sheetsDesk(timeoutMs = 20_000): Promise<SheetsDesk> {
  const clock = new StillClock();
  const google = await Google.start(() => clock.now());
  const dir = dataFolder();
  const keyFile = google.keyFile(dir);
  const sheetFor = (spreadsheet = google.id, tab = 'Calls'): Sheet => {
    const tokens = new AccessTokens(readCredentials(keyFile), fetch, Date.now);
    const budget = new Budget(clock);
    const client = new SheetsClient({ tokens, fetch, budget, timeoutMs, baseUrl: google.origin });
    return new Sheet({ client, spreadsheet, tab });
  };
  return {
    google,
    clock,
    dir,
    sheetFor,
    sinkFor: (spreadsheet) => {
      const sink = new SheetsSink({ sheet: sheetFor(spreadsheet), clock });
      onTestFinished(() => sink.close());
      return sink;
    },
    rows: (tab = 'Calls') => (google.tabs.get(tab) ?? []).slice(1),
    until: async (happened) => {
      while (!happened()) {
        // What is on its way arrives before time moves on.
        for (let round = 0; round < 20; round++) await nextRound();
        if (google.open === 0 && !happened()) clock.next();
      }
    },
  };
}
