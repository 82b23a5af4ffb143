/**
 * A real `kill -9`: the agent runs as a process of its own and is killed while it dials the third
 * contact. Then it is started again with the same command.
 *
 * Expect: the second run goes on with the list. All contacts are completed, nobody was dialled
 * twice, as the provider's own book shows, and `verify` finds every line of the journal in order.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { CampaignReport } from '../actors/report.ts';
import { makeFolder } from '../store/make-folder.ts';
import { callAgent, type ChildEnd } from './child.ts';
import { peopleList } from './people.ts';
import { expect, expectAll, type Scenario } from './scenario.ts';

const CONTACTS = 12;
/** Labels are contacts' numbers. */
const MOMENT = /^\[0003\] 📞/;

/** A folder that no earlier crash has used. */
function newFolder(dataDir: string): string {
  for (let number = 1; ; number++) {
    const dir = path.resolve(dataDir, `crash-${number}`);
    if (fs.existsSync(dir)) continue;
    makeFolder(dir);
    return dir;
  }
}

/** The numbers that the simulated provider has placed calls to, in both lives. */
function dialled(dir: string): string[] {
  const book = path.join(dir, 'contacts', 'simulated-providers.log');
  const lines = fs.readFileSync(book, 'utf8').split('\n').filter(Boolean);
  return lines.flatMap((line) => {
    const { call } = JSON.parse(line) as { call?: { to: string } };
    return call ? [call.to] : [];
  });
}

function reportIn({ stdout }: ChildEnd): Pick<CampaignReport, 'calls' | 'state'> {
  return stdout === '' ? { calls: [], state: 'stopped' } : (JSON.parse(stdout) as CampaignReport);
}

export const crashAndResume: Scenario = {
  name: 'crash-and-resume',
  summary: 'kill -9 in the middle of a list: the next start finishes it and dials nobody twice',
  view: 'steps',
  contacts: CONTACTS,
  spawns: true,
  async run({ dataDir, speed, say }) {
    const cwd = newFolder(dataDir);
    const common = ['--data', cwd, '--json'];
    const campaign = ['campaign', 'run', peopleList('twelve'), '--concurrency', '2'];
    const args = [...campaign, '--speed', String(speed), ...common];
    const first = await callAgent(args, { cwd, say, killAt: MOMENT });
    say('💥 kill -9. The same command again:');
    const second = await callAgent(args, { cwd, say });
    const verified = await callAgent(['verify', ...common], { cwd, say });
    const { calls, state } = reportIn(second);
    const numbers = dialled(cwd);
    return {
      calls,
      facts: {
        first: first.signal,
        second: [second.code, state],
        dials: [numbers.length, new Set(numbers).size],
        verify: verified.code,
      },
    };
  },
  check(outcome) {
    const { facts } = outcome;
    return [
      ...expect('the first run was ended by', 'SIGKILL', facts['first']),
      ...expect('the second run', [0, 'done'], facts['second']),
      ...expectAll('completed', CONTACTS, outcome),
      ...expect('calls placed, and numbers', [CONTACTS, CONTACTS], facts['dials']),
      ...expect('exit code of verify', 0, facts['verify']),
    ];
  },
};
