import { batch, computed, effect, signal } from '@preact/signals';
import { clock, date, isSameDay, time } from './format.ts';
import { remote } from './remote.ts';
import { route } from './route.ts';
import type { JournalRecord, Order, Overview, Source } from './types.ts';

/** New records that the events screen keeps at hand. */
const MOST_FRESH = 500;
/** A page that is told of every record still asks no more often than this. */
const REFRESH_MS = 400;

export const source = signal<Source>(remote);
export const overview = signal<Overview | null>(null);
/** When the overview came, on the page's own clock. */
const receivedAt = signal(0);
export const isConnected = signal(true);
export const failure = signal<string | null>(null);
/** Records that have come while the page was open, oldest first. */
export const fresh = signal<readonly JournalRecord[]>([]);
/** Rises whenever there is something new to ask for. */
export const version = signal(0);

/** The moment that is looked at; null is now. */
export const moment = computed(() => route.value.at);

const tick = signal(performance.now());
// Of an agent that can't be reached nobody knows whether its clock still runs.
setInterval(() => isConnected.peek() && (tick.value = performance.now()), 250);

/** The agent's own time at the moment that is looked at, epoch ms. */
export const now = computed(() => {
  const seen = overview.value;
  if (!seen) return 0;
  if (moment.value !== null || !seen.time || seen.isReading) return seen.at;
  return seen.time.now + (tick.value - receivedAt.value) * seen.time.speed;
});

/** Nobody works on the folder: what is shown is how things stood when somebody last did. */
export const isAgentGone = computed(() => {
  const seen = overview.value;
  if (!seen || moment.value !== null || seen.isReading) return false;
  return seen.canCommand && seen.time === null;
});

/** When something is due, in words: without an agent no clock runs. */
export const untilDue = (at: number): string =>
  isAgentGone.value ? 'as soon as an agent runs' : `in ${clock(at - now.value)}`;

/** A time of day, with its date where that is not the one that is looked at. */
export const when = (at: number): string =>
  isSameDay(at, overview.value?.at ?? at) ? time(at) : date(at);

/** What is being asked for: one question at a time, or a slow program would never be heard out. */
let asking: { readonly from: Source; readonly until: number | null } | null = null;
let isStale = false;

async function refresh(): Promise<void> {
  const question = { from: source.value, until: moment.value };
  if (asking?.from === question.from && asking.until === question.until) {
    isStale = true;
    return;
  }
  asking = question;
  isStale = false;
  try {
    const seen = await question.from.overview(question.until);
    // A slider moves faster than answers come: only the last moment asked for counts.
    if (asking !== question) return;
    batch(() => {
      overview.value = seen;
      receivedAt.value = performance.now();
      failure.value = null;
      version.value++;
    });
    if (seen.isReading) isStale = true;
  } catch (error) {
    if (asking === question) failure.value = error instanceof Error ? error.message : String(error);
  } finally {
    if (asking === question) {
      asking = null;
      if (isStale) refreshSoon();
    }
  }
}

let timer: ReturnType<typeof setTimeout> | null = null;
function refreshSoon(): void {
  timer ??= setTimeout(() => {
    timer = null;
    void refresh();
  }, REFRESH_MS);
}

export function start(): void {
  effect(() => {
    const from = source.value;
    fresh.value = [];
    const stop = from.follow(
      (record) => {
        fresh.value = [...fresh.value.slice(1 - MOST_FRESH), record];
        if (moment.peek() === null) refreshSoon();
      },
      (connected) => {
        isConnected.value = connected;
        if (connected) refreshSoon();
      },
    );
    return stop;
  });
  effect(() => {
    void [source.value, moment.value];
    void refresh();
  });
  // Countdowns and the agent's clock need to be set right now and then, also when nothing happens.
  setInterval(() => moment.peek() === null && !document.hidden && void refresh(), 5_000);
}

/** Asks the agent for something, and says what came of it. */
export async function command(what: Order): Promise<string | null> {
  try {
    await source.value.command(what);
    refreshSoon();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Alert channels have breakers too; they stand with the alerts. */
export const isProvider = ({ name }: { readonly name: string }): boolean => !name.includes(':');
