import { replayJournal, type Until } from '../../store/replay.ts';
import type { Command } from '../command.ts';
import { EXIT, UsageError } from '../exit.ts';
import { existingJournalOf } from '../session.ts';

/** @throws UsageError when it is neither a seq nor a time */
function parseUntil(text: string | undefined): Until | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,12}$/.test(text)) return { seq: Number(text) };
  const at = /^\d{13,}$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isFinite(at)) return { at };
  throw new UsageError(
    `--until must be a seq or a time such as 2026-01-31T10:00:00Z, got "${text}"`,
  );
}

export const replay: Command = {
  name: 'replay',
  usage: 'replay [--until SEQ|TIME]',
  summary: 'The state of every actor at a moment, rebuilt from the journal',
  details:
    'TIME is ISO 8601 or epoch milliseconds; both ends are inclusive. Actors that had ended by\n' +
    'then are left out.\n\nExamples\n  npx call-agent replay\n  npx call-agent replay --until 120 --json',
  flags: ['until'],
  positionals: { least: 0, most: 0 },
  run(invocation) {
    const { flags, io } = invocation;
    const until = parseUntil(flags.until);
    const moment = replayJournal(existingJournalOf(invocation), until);
    if (flags.json) {
      io.result(JSON.stringify(moment));
      return Promise.resolve(EXIT.done);
    }
    const { seq, at, actors } = moment;
    io.result(seq === 0 ? 'The journal is empty.' : `seq ${seq} at ${new Date(at).toISOString()}`);
    const width = Math.max(0, ...Object.keys(actors).map((id) => id.length));
    for (const [id, { state, context }] of Object.entries(actors)) {
      io.result(`${id.padEnd(width)}  ${state}  ${JSON.stringify(context)}`);
    }
    return Promise.resolve(EXIT.done);
  },
};
