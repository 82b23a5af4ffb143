import type { Figure, Figures } from '../../sinks/metrics/figures.ts';
import { Metrics } from '../../sinks/metrics/projection.ts';
import { baseOf } from '../../store/base.ts';
import { realFileSystem } from '../../store/file-system.ts';
import { readJournal } from '../../store/segments.ts';
import type { Command } from '../command.ts';
import { EXIT, UsageError } from '../exit.ts';
import type { Io } from '../io.ts';
import { existingJournalOf } from '../session.ts';

const UNITS: { readonly [unit: string]: number } = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

type Since = { readonly at: number } | { readonly agoMs: number };

/** @throws UsageError when it is neither a span nor a time */
function parseSince(text = '1970-01-01T00:00:00Z'): Since {
  const [, count, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const unitMs = UNITS[unit];
  if (count !== undefined && unitMs !== undefined) return { agoMs: Number(count) * unitMs };
  const at = Date.parse(text);
  if (Number.isFinite(at)) return { at };
  throw new UsageError(
    `--since must be a span such as 30m, 24h or 7d, or a time such as 2026-01-31T10:00:00Z, got "${text}"`,
  );
}

const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;
const plain = (value: number): string => String(Number(value.toFixed(2)));
const seconds = (value: number): string => `${Number(value.toFixed(1))} s`;

const rows: readonly {
  readonly key: keyof Figures;
  readonly title: string;
  readonly sign: '<' | '>';
  readonly show: (value: number) => string;
}[] = [
  { key: 'errorRate', title: 'Error rate', sign: '<', show: percent },
  { key: 'retrySuccessRate', title: 'Retry success rate', sign: '>', show: percent },
  { key: 'circuitBreakerOpensPerHour', title: 'Circuit breaker opens/h', sign: '<', show: plain },
  { key: 'averageRetryCount', title: 'Average retry count', sign: '<', show: plain },
  { key: 'recoveryTimeSeconds', title: 'Recovery time', sign: '<', show: seconds },
];

function table(figures: Figures, io: Io): string[] {
  return rows.map(({ key, title, sign, show }) => {
    const { value, threshold, ok }: Figure = figures[key];
    const mark = ok ? io.paint('green', '✓') : io.paint('red', '✗');
    const shown = value === null ? '–' : show(value);
    return `${mark} ${title.padEnd(24)} ${shown.padStart(9)}   ${sign} ${show(threshold)}`;
  });
}

export const metrics: Command = {
  name: 'metrics',
  usage: 'metrics [--since SPAN|TIME]',
  summary: 'Error rate, retries, breaker openings and recovery, with what they should stay under',
  details:
    'Read from the journal, beside a running agent too. --since 24h (or 30m, 7d) counts back from\n' +
    'its last record; a time is ISO 8601. Polls, look-ups and deliveries of alerts are left out.\n' +
    'A figure without anything to be of is – (null in JSON), and good.\n\n' +
    'Examples\n  call-agent metrics --since 24h\n  call-agent metrics --json | jq .errorRate',
  flags: ['since'],
  positionals: { least: 0, most: 0 },
  run(invocation) {
    const { flags, io } = invocation;
    const asked = parseSince(flags.since);
    const dir = existingJournalOf(invocation);
    const since = 'at' in asked ? asked.at : readJournal(dir).at - asked.agoMs;
    const projection = new Metrics({ since });
    readJournal(dir, (record) => projection.apply(record));
    const base = baseOf(dir, realFileSystem);
    if (base && base.at >= since) {
      const from = new Date(base.at).toISOString();
      io.talk(`Counted from ${from} on: what was before it was removed from the journal.`);
    }
    const figures = projection.figures();
    if (flags.json) io.result(JSON.stringify(figures));
    else for (const line of table(figures, io)) io.result(line);
    return Promise.resolve(EXIT.done);
  },
};
