import type { Command, Invocation } from '../command.ts';
import { UsageError } from '../exit.ts';
import { silenceLine, type ListedSilence } from '../silence-line.ts';
import { answer, ask } from './alerts.ts';

const units: { readonly [unit: string]: number } = { s: 1e3, m: 6e4, h: 36e5, d: 864e5 };

/** @throws UsageError when it is no duration */
function durationMsOf(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  const ms = Number(number) * (units[unit ?? ''] ?? 0);
  if (ms > 0 && Number.isFinite(ms)) return ms;
  throw new UsageError(`A duration is a number with s, m, h or d, such as 30m, got "${text}"`);
}

/** A date alone is its midnight here, as a time without offset is the time here. */
const momentOf = (text: string): number =>
  Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text);

/** When it begins, from now. @throws UsageError when that is no time, or over */
function startsInMsOf({ flags }: Invocation): number {
  if (flags.in !== undefined && flags.from !== undefined) {
    throw new UsageError('Say either --in or --from, not both');
  }
  if (flags.in !== undefined) return durationMsOf(flags.in);
  if (flags.from === undefined) return 0;
  const at = momentOf(flags.from);
  const startsInMs = at - Date.now();
  if (startsInMs >= 0) return startsInMs;
  throw new UsageError(
    Number.isNaN(at)
      ? `--from must be a time such as 2026-12-24T22:00, got "${flags.from}"`
      : `--from must be a time to come, got "${flags.from}"`,
  );
}

async function list(invocation: Invocation): Promise<number> {
  const silences = (await ask(invocation, { type: 'alerts.silences' })) as ListedSilence[];
  const lines = silences.map(silenceLine);
  return answer(invocation, silences, lines.join('\n') || 'Nothing is silenced.');
}

export const alertsSilence: Command = {
  name: 'alerts silence',
  usage:
    'alerts silence [SERVICE|RULE...] [DURATION] [--in DURATION | --from TIME] [--for DURATION]',
  summary: 'Tell nobody of some alerts for a while; without a word, list the silences',
  details:
    'What fits one of the services and one of the rules is silenced; "all" fits everything. The end\n' +
    'of what people know of is told all the same. --in or --from make a maintenance window of it.\n' +
    'A --from without offset is local time, a date alone its midnight; at most a year from now.\n\n' +
    'Examples\n  npx call-agent alerts silence\n  npx call-agent alerts silence ElevenLabs 2h\n' +
    '  npx call-agent alerts silence latency.high retry.rate 1d\n' +
    '  npx call-agent alerts silence all --in 2h --for 30m\n' +
    '  npx call-agent alerts silence CRM --from 2026-12-24T22:00 --for 4h',
  flags: ['in', 'from', 'for'],
  positionals: { least: 0, most: 20 },
  async run(invocation) {
    const { positionals, flags } = invocation;
    const startsInMs = startsInMsOf(invocation);
    const isPlain = flags.for === undefined;
    if (positionals.length === 0 && isPlain && startsInMs === 0) return list(invocation);
    const match = isPlain ? positionals.slice(0, -1) : positionals;
    if (match.length === 0) throw new UsageError(`Usage: call-agent ${alertsSilence.usage}`);
    const durationMs = durationMsOf(flags.for ?? positionals.at(-1) ?? '');
    const order = { type: 'alerts.silence', match, durationMs, startsInMs };
    const done = (await ask(invocation, order)) as {
      silenced: string;
      from: string;
      until: string;
    };
    const start = startsInMs > 0 ? `from ${done.from} ` : '';
    const sentence = `Silence ${done.silenced}: nobody is told of ${match.join(' ')} ${start}until ${done.until}.`;
    return answer(invocation, done, sentence);
  },
};
