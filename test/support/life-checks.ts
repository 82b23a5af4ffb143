import fs from 'node:fs';
import path from 'node:path';
import type { Failure } from '../../machines/results.ts';
import { machines } from '../../machines/registry.ts';
import type { ContactDetails } from '../../store/contacts.ts';
import { Ledger, type Entry } from '../../store/ledger.ts';
import type { JournalRecord } from '../../store/record.ts';
import { verifyJournal } from '../../store/verify.ts';
import type { Life } from './lives.ts';

const jsonLines = (file: string): Record<string, unknown>[] =>
  fs.existsSync(file)
    ? fs
        .readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>)
    : [];

/** What Telephony and CRM remember of all lives. */
function providersMemory({ dir }: Life): { placed: string[]; recorded: string[] } {
  const lines = jsonLines(path.join(dir, 'contacts', 'simulated-providers.log'));
  const calls = lines.flatMap(({ call }) => (call ? [call as { to: string }] : []));
  const records = lines.flatMap(({ record }) =>
    record ? [record as { properties: Record<string, string> }] : [],
  );
  return {
    placed: calls.map(({ to }) => to),
    recorded: records.map(({ properties }) => properties['call_agent_key'] ?? ''),
  };
}

export function contactsOf({ dir }: Pick<Life, 'dir'>): ContactDetails[] {
  const folder = path.join(dir, 'contacts');
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  const files = names.filter((name) => name.endsWith('.jsonl'));
  const rows = files.flatMap((name) => jsonLines(path.join(folder, name)));
  return rows.flatMap((row) => ('id' in row ? [row as unknown as ContactDetails] : []));
}

export function ledgerOf(records: readonly JournalRecord[]): Ledger {
  const ledger = new Ledger();
  for (const record of records) ledger.apply(record);
  return ledger;
}

/** In the order of the list; a contact whose call never began has no status. */
export function statusesOf(life: Life): Entry['status'][] {
  const ledger = ledgerOf(life.records);
  return contactsOf(life).flatMap(({ id }) => ledger.get(id)?.status ?? []);
}

const ended = new Set(['completed', 'failed', 'unknown', 'skipped']);

/** Contacts that are lost, dialled twice, or of whom journal and provider say different things. */
export function contactProblems(life: Life): string[] {
  const ledger = ledgerOf(life.records);
  const { placed, recorded } = providersMemory(life);
  return contactsOf(life).flatMap(({ id, phone }) => {
    const entry = ledger.get(id);
    if (!entry) return [];
    const dialled = placed.filter((to) => to === phone).length;
    const written = recorded.filter(
      (key) => key.replace(/(\.\d+)?@.*$/, '') === `call:${id}`,
    ).length;
    const problems: string[] = [];
    if (!ended.has(entry.status)) problems.push(`${id} is left ${entry.status}`);
    if (dialled > 1) problems.push(`${id} was rung ${dialled} times`);
    if (entry.status === 'completed' && dialled === 0) problems.push(`${id} was never rung`);
    if (entry.status === 'failed' && dialled > 0) problems.push(`${id} was rung and has failed`);
    if (written > 1) problems.push(`${id} stands in the CRM ${written} times`);
    if (entry.crm === 'done' && written === 0) problems.push(`${id} does not stand in the CRM`);
    return problems;
  });
}

interface Armed {
  readonly state: string;
  readonly dueAt: number | null;
  readonly at: number;
}

const timed: { readonly [machine: string]: readonly string[] } = {
  breaker: ['open', 'halfOpen'],
  call: ['settling', 'inCall'],
  campaign: ['holding'],
  health: ['unknown', 'healthy', 'unhealthy'],
  request: ['waiting'],
};

/**
 * Waits that did not last as long as they had to: each ends when it is due, or at the restart when
 * that is later, and none is forgotten.
 */
export function waitProblems({ records }: Pick<Life, 'records'>): string[] {
  const actors = new Map<string, Armed & { machine: string }>();
  const problems: string[] = [];
  // The lines of a start all have its time, and the first of them need not be a machine's own.
  const starts = records.filter(({ event }) => event.type === 'agent.started');
  const startBefore = (at: number): number =>
    starts.findLast((start) => start.at <= at)?.at ?? Number.NEGATIVE_INFINITY;
  for (const { seq, actor, machine, event, to, at, context, done } of records) {
    const before = actors.get(actor);
    if (event.type === 'timer.fired') {
      const due = Math.max(before?.dueAt ?? Infinity, before?.at ?? 0);
      const fired = event['at'] as number;
      if (fired !== due && fired !== Math.max(due, startBefore(at))) {
        problems.push(`seq ${seq}: ${actor} was due at ${due} and woke at ${fired}`);
      }
    }
    const dueAt = (context && 'dueAt' in context ? context['dueAt'] : before?.dueAt) ?? null;
    if (done) actors.delete(actor);
    else actors.set(actor, { machine, state: to, dueAt: dueAt as number | null, at });
  }
  const endAt = records.at(-1)?.at ?? 0;
  for (const [actor, { machine, state, dueAt }] of actors) {
    if (!timed[machine]?.includes(state) || dueAt === null || dueAt >= endAt) continue;
    problems.push(`${actor} was due at ${dueAt} and never woke`);
  }
  return problems;
}

/** Scripts and audio that were made and are asked for once more. */
export function remade(records: readonly JournalRecord[]): string[] {
  const made = new Set<string>();
  return records.flatMap(({ actor, from, to }) => {
    const step = /^(call:\d+)(?:\.\d+)?\/(script|speech)$/.exec(actor);
    if (!step) return [];
    const what = `${step[2]} of ${step[1]}`;
    const isAgain = from === null && made.has(what);
    if (to === 'succeeded') made.add(what);
    return isAgain ? [what] : [];
  });
}

/** Attempts at a service whose end stands in the journal. */
export function settledAttempts(records: readonly JournalRecord[], service: string): number {
  const services = new Map<string, string>();
  let settled = 0;
  for (const { actor, machine, event, context } of records) {
    if (machine !== 'request') continue;
    if (context?.['service']) services.set(actor, context['service'] as string);
    if (!/^attempt\.(succeeded|failed)$/.test(event.type)) continue;
    if (services.get(actor) === service) settled++;
  }
  return settled;
}

/** What is wrong with a life, whatever its story. */
export function problemsOf(life: Life): string[] {
  const { firstDifference } = verifyJournal(`${life.dir}/journal`, machines);
  return [
    ...(firstDifference ? [`verify: ${JSON.stringify(firstDifference)}`] : []),
    ...contactProblems(life),
    ...waitProblems(life),
    ...remade(life.records),
  ];
}

export const failureOf = (record: JournalRecord): Failure | null =>
  (record.event['error'] as Failure | undefined) ?? null;
