import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Metrics } from '../../../sinks/metrics/projection.ts';
import { registryOf, type Live } from '../../../sinks/metrics/registry.ts';
import type { JournalRecord } from '../../../store/record.ts';

/** Journals whose every line is known. */
export function goldenRecords(name: string): JournalRecord[] {
  const file = fileURLToPath(new URL(`../../golden/${name}.jsonl`, import.meta.url));
  const lines = fs.readFileSync(file, 'utf8').trimEnd().split('\n').slice(1);
  return lines.map((line) => JSON.parse(line) as JournalRecord);
}

export function measured(records: readonly JournalRecord[], since = 0): Metrics {
  const metrics = new Metrics({ since });
  for (const record of records) metrics.apply(record);
  return metrics;
}

const noSinks: Live = {
  sinks: () => [{ name: 'file', queued: 3, behind: 4, dropped: 1, failed: 2 }],
};

export const exposition = (metrics: Metrics): Promise<string> =>
  registryOf(metrics, noSinks).metrics();
