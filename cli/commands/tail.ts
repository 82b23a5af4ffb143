import { setTimeout as sleep } from 'node:timers/promises';
import { JournalFollower } from '../../store/follow.ts';
import type { JournalRecord } from '../../store/record.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { dataDirOf, existingJournalOf, journalDirOf } from '../session.ts';

const POLL_MS = 200;
const LONGEST_CONTEXT = 120;

function lineOf({ seq, at, actor, event, from, to, context, done }: JournalRecord, io: Io): string {
  const time = new Date(at).toISOString().slice(11, 23);
  const move = from === null ? `✱ ${to}` : from === to ? to : `${from} → ${to}`;
  const text = event.type === 'xstate.init' ? '' : JSON.stringify(context ?? {});
  const short = text.length > LONGEST_CONTEXT ? `${text.slice(0, LONGEST_CONTEXT)}…` : text;
  const ended = done ? ' ■' : '';
  return `${String(seq).padStart(6)} ${time} ${io.paint('bold', actor)} ${event.type}: ${io.paint('cyan', move)}${ended} ${io.paint('dim', short)}`;
}

export const tail: Command = {
  name: 'tail',
  usage: 'tail [--follow]',
  summary: 'The journal, readable; with --follow, also what is still to come',
  details:
    'With --json one record a line.\n\nExamples\n  npx call-agent tail --follow\n  npx call-agent tail --json | jq .event.type',
  flags: ['follow'],
  positionals: { least: 0, most: 0 },
  async run(invocation) {
    const { flags, io } = invocation;
    const follower = new JournalFollower(
      flags.follow ? journalDirOf(dataDirOf(invocation)) : existingJournalOf(invocation),
    );
    const show = (record: JournalRecord): void =>
      io.result(flags.json ? JSON.stringify(record) : lineOf(record, io));
    for (;;) {
      for (const record of follower.read()) show(record);
      if (!flags.follow || !io.hasReader()) return EXIT.done;
      await sleep(POLL_MS);
    }
  },
};
