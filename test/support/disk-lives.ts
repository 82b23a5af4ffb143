import fs from 'node:fs';
import path from 'node:path';
import { AICallAgent } from '../../index.ts';
import { machines } from '../../machines/registry.ts';
import { VirtualTime } from '../../scenarios/virtual.ts';
import { ContactTable } from '../../store/contacts.ts';
import type { Durability } from '../../store/durability.ts';
import { Ledger } from '../../store/ledger.ts';
import type { JournalRecord } from '../../store/record.ts';
import { readJournal } from '../../store/segments.ts';
import { verifyJournal } from '../../store/verify.ts';
import type { FaultyDisk } from './faulty-disk.ts';
import { EPOCH } from './virtual-agent.ts';

const TWO_PEOPLE = 'name,phone\nAda Lovelace,+14155550101\nGrace Hopper,+14155550102\n';

/** One life of an agent on a disk in memory: it ends with its campaign, or as the disk wants it. */
export interface DiskLife {
  /** What it was told about a record before it went on: these must never be lost to a kill. */
  readonly told: readonly JournalRecord[];
  /** Up to here the agent was promised that all is on disk. */
  readonly promised: number;
  /** What made it end before its work was done. */
  readonly fatal: Error | null;
}

/** A folder with a campaign of two, one after the other; ElevenLabs fails once at the first. */
export class DiskStory {
  readonly dir: string;
  readonly list: string;
  readonly #durability: Durability;

  constructor(dir: string, durability: Durability) {
    this.dir = dir;
    this.#durability = durability;
    this.list = path.join(dir, 'two.csv');
    fs.writeFileSync(this.list, TWO_PEOPLE);
  }

  get journalDir(): string {
    return path.join(this.dir, 'journal');
  }

  async live(disk: FaultyDisk, startAt: number): Promise<DiskLife> {
    const told: JournalRecord[] = [];
    let promised = 0;
    let fatal: Error | null = null;
    const end = (error: unknown): void => void (fatal ??= error as Error);
    const time = new VirtualTime(startAt);
    let agent: AICallAgent | undefined;
    const sync = async (fd: number): Promise<void> => {
      const seq = told.at(-1)?.seq ?? 0;
      await disk.sync(fd);
      promised = Math.max(promised, seq);
    };
    try {
      agent = await AICallAgent.start(
        time.options({
          dataDir: this.dir,
          env: { LOG_FILE_PATH: path.join(this.dir, 'log.json') },
          simulateAll: true,
          healthChecks: false,
          onFatal: end,
          storage: {
            disk,
            sync,
            durability: this.#durability,
            later: queueMicrotask,
            snapshots: {
              every: 25,
              later: queueMicrotask,
              pause: () => Promise.resolve(),
              sync: (fd) => disk.sync(fd),
            },
          },
          sinks: () => [],
        }),
      );
      agent.journal.on('record', (record) => void told.push(record));
      let isDone = false;
      const ended = await this.#begin(agent);
      void ended().then(() => (isDone = true), end);
      await time.clock.runUntil(() => isDone || fatal !== null, { withinMs: 3 * 3_600_000 });
    } catch (error) {
      end(error);
    } finally {
      await agent?.stop().catch(end);
    }
    if (this.#durability === 'strict') promised = told.at(-1)?.seq ?? 0;
    return { told, promised, fatal };
  }

  /** A person starts the same command again, unless it has come to its end by itself. */
  async #begin({ campaigns }: AICallAgent): Promise<() => Promise<void>> {
    const hasEnded = campaigns.size('two') > 0 && !campaigns.unfinished().includes('two');
    // Real files are read here; from then on all is in virtual time.
    const campaign = hasEnded ? 'two' : await campaigns.open(this.list, { concurrency: 1 });
    return () => campaigns.ended(campaign);
  }

  /** What is wrong with how it ended, when nothing has gone wrong in the last life. */
  problems(disk: FaultyDisk, before: DiskLife, isKill: boolean): string[] {
    const records: JournalRecord[] = [];
    readJournal(this.journalDir, (record) => void records.push(record), { disk });
    const { firstDifference } = verifyJournal(this.journalDir, machines, { disk });
    const kept = isKill ? (before.told.at(-1)?.seq ?? 0) : before.promised;
    const lost = before.told.filter(({ seq, crc }) => seq <= kept && records[seq - 1]?.crc !== crc);
    return [
      ...(firstDifference ? [`verify: ${JSON.stringify(firstDifference)}`] : []),
      ...lost.map(({ seq }) => `record ${seq} was acknowledged and is lost`),
      ...this.#contactProblems(disk, records),
    ];
  }

  #contactProblems(disk: FaultyDisk, records: readonly JournalRecord[]): string[] {
    const ledger = new Ledger();
    for (const record of records) ledger.apply(record);
    const people = [...ContactTable.open(path.join(this.dir, 'contacts'), disk).list('two')];
    const dials = this.#dials();
    return [
      ...(people.length === 2 ? [] : [`${people.length} contacts are left of 2`]),
      ...people.flatMap(({ id, phone }) => {
        const status = ledger.get(id)?.status;
        const count = dials.filter((to) => to === phone).length;
        return status === 'completed' && count === 1
          ? []
          : [`${id} is ${status}, rung ${count} times`];
      }),
    ];
  }

  /** As the provider counts them, over all lives. */
  #dials(): string[] {
    const file = path.join(this.dir, 'contacts', 'simulated-providers.log');
    if (!fs.existsSync(file)) return [];
    const lines = fs.readFileSync(file, 'utf8').split('\n').filter(Boolean);
    return lines.flatMap((line) => {
      const { call } = JSON.parse(line) as { call?: { to: string } };
      return call ? [call.to] : [];
    });
  }
}

export const HOUR_LATER = EPOCH + 3_600_000;
