import fs from 'node:fs';
import path from 'node:path';
import { readFolder } from '../../actors/reading.ts';
import { contactOfKey } from '../../actors/record-key.ts';

export interface RememberedCall {
  readonly to: string;
  readonly at: number;
  readonly outcome: string;
}

export interface ProvidersMemory {
  readonly calls: readonly RememberedCall[];
  /** Keys of the results in the CRM. */
  readonly records: readonly string[];
}

type MemoryLine =
  | { readonly call: RememberedCall }
  | { readonly record: { readonly properties: Readonly<Record<string, string>> } };

/** What the simulated Telephony and CRM remember of all lives. */
export function providersMemory(dir: string): ProvidersMemory {
  const file = path.join(dir, 'contacts', 'simulated-providers.log');
  const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as MemoryLine);
  return {
    calls: lines.flatMap((line) => ('call' in line ? [line.call] : [])),
    records: lines.flatMap((line) =>
      'record' in line ? [line.record.properties['call_agent_key'] ?? ''] : [],
    ),
  };
}

const LEAST_REDIAL_MS = 30 * 60_000;
const unanswered = new Set(['busy', 'no-answer']);
const ended = new Set(['completed', 'failed', 'skipped']);

/**
 * Contacts that are lost, dialled twice or failed without a reason, and results that stand in the
 * CRM twice or not at all.
 * @param mayFail a service has failed
 */
export function problemsAtTheEnd(dir: string, mayFail: boolean): string[] {
  const { contacts, ledger } = readFolder(dir);
  const { calls, records } = providersMemory(dir);
  const problems: string[] = [];
  for (const { campaign } of contacts.campaigns()) {
    for (const { id, phone } of contacts.list(campaign)) {
      const entry = ledger.get(id);
      const dials = calls.filter(({ to }) => to === phone);
      if (!entry || !ended.has(entry.status)) problems.push(`${id} is left ${entry?.status}`);
      if (entry?.status === 'completed' && dials.length === 0) problems.push(`${id} never rang`);
      if (entry?.status === 'failed' && dials.some(({ outcome }) => !unanswered.has(outcome))) {
        problems.push(`${id} was reached and has failed`);
      }
      if (entry?.status === 'failed' && (!mayFail || entry.error === null))
        problems.push(`${id} has failed without a reason`);
      const written = records.filter((key) => contactOfKey(key) === id);
      if (entry?.crm === 'done' && written.length === 0) problems.push(`${id} is not in the CRM`);
      problems.push(...twice(dials).map((what) => `${id} ${what}`));
    }
  }
  if (new Set(records).size < records.length) problems.push('a result stands in the CRM twice');
  return problems;
}

/** Dialled again without having been busy or away, or too soon. */
function twice(dials: readonly RememberedCall[]): string[] {
  return dials.slice(1).flatMap(({ at }, index) => {
    const before = dials[index];
    if (!before) return [];
    if (!unanswered.has(before.outcome)) return [`was dialled again after ${before.outcome}`];
    return at - before.at < LEAST_REDIAL_MS ? ['was dialled again within half an hour'] : [];
  });
}
