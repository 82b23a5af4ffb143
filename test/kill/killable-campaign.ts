import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { JournalFollower } from '../../store/follow.ts';
import type { JournalRecord } from '../../store/record.ts';
import { accountsAt } from '../cli/support/providers.ts';
import { bareEnvironment, patience } from '../cli/support/surroundings.ts';
import type { CampaignReport } from '../cli/support/report.ts';
import type { World } from '../../scenarios/world/world.ts';
import type { Aim } from './aims.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

export interface KillableOptions {
  readonly list: string;
  readonly urls: World['urls'];
  readonly speed: number;
  readonly concurrency: number;
}

/** How one run of the program ended. */
export interface Run {
  readonly code: number | null;
  readonly wasKilled: boolean;
  readonly report: CampaignReport | null;
  readonly stderr: string;
}

/** A campaign that can be killed where its journal has come to a certain line, and run again. */
export class KillableCampaign {
  readonly dir: string;
  readonly #options: KillableOptions;
  readonly #journalDir: string;
  readonly #follower: JournalFollower;
  #child: ChildProcess | null = null;

  constructor(options: KillableOptions) {
    this.#options = options;
    this.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'call-agent-kill-'));
    fs.writeFileSync(path.join(this.dir, 'list.csv'), options.list);
    this.#journalDir = path.join(this.dir, 'data', 'journal');
    // There before the program is, so that it can be watched from the first line on.
    fs.mkdirSync(this.#journalDir, { recursive: true });
    this.#follower = new JournalFollower(this.#journalDir);
  }

  /** Runs it to its end. */
  run(): Promise<Run> {
    return this.#run(null);
  }

  /** Runs it until the journal holds `count` more lines of a kind, and kills it at once. */
  runUntil(aim: Aim, count: number): Promise<Run> {
    let left = count;
    return this.#run((record) => aim.fits(record) && --left === 0);
  }

  async verify(): Promise<number | null> {
    const [code] = (await once(this.#spawn(['verify']), 'close')) as [number | null];
    return code;
  }

  async close(): Promise<void> {
    if (this.#child && this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL');
      await once(this.#child, 'close');
    }
    fs.rmSync(this.dir, { recursive: true, force: true });
  }

  async #run(isTheEnd: ((record: JournalRecord) => boolean) | null): Promise<Run> {
    const { speed, concurrency } = this.#options;
    const watcher = fs.watch(this.#journalDir);
    const words = ['campaign', 'run', 'list.csv', '--json', '--quiet'];
    const child = this.#spawn([...words, '--speed', `${speed}`, '--concurrency', `${concurrency}`]);
    this.#child = child;
    let wasKilled = false;
    watcher.on('change', () => {
      for (const record of this.#follower.read()) {
        if (wasKilled || isTheEnd?.(record) !== true) continue;
        wasKilled = child.kill('SIGKILL');
      }
    });
    let [stdout, stderr] = ['', ''];
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    watcher.close();
    // What was written since the last look belongs to this run, not to the next.
    for (const _ of this.#follower.read());
    const report = stdout === '' ? null : (JSON.parse(stdout) as CampaignReport);
    return { code, wasKilled: wasKilled && signal === 'SIGKILL', report, stderr };
  }

  #spawn(args: readonly string[]): ChildProcess {
    const { urls, speed } = this.#options;
    return spawn(process.execPath, [MAIN, ...args], {
      cwd: this.dir,
      env: {
        ...bareEnvironment(),
        ...accountsAt(urls),
        ...patience(speed),
        // So often that kills come in the middle of one.
        JOURNAL_SNAPSHOT_RECORDS: '20',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
}
