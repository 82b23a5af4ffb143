/*
 * Makes the journal of a data folder as this version of the program writes it:
 *   node test/journals/make.ts v2
 * A campaign meets an outage: a breaker opens, people are told, it closes again, a contact is busy;
 * that is archived. Then a second outage: a breaker is open, an alert is open, something is
 * silenced, and one campaign waits with nobody under way. See README.md.
 */
import fs from 'node:fs';
import path from 'node:path';
import { archiveOffline } from '../../runtime/archive.ts';
import { replayJournal } from '../../store/replay.ts';
import { TestChannel } from '../support/test-channel.ts';
import { startVirtualAgent, temporaryFolder, type VirtualAgent } from '../support/virtual-agent.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const [name = ''] = process.argv.slice(2);
if (!/^v\d+$/.test(name)) throw new Error('usage: node test/journals/make.ts vN');
const target = path.join(import.meta.dirname, name);
if (fs.existsSync(target)) throw new Error(`${target} is there: a released journal never changes`);

const dataDir = temporaryFolder();

function listOf(list: string, count: number): string {
  const file = path.join(dataDir, `${list}.csv`);
  const rows = Array.from({ length: count }, (_, i) => `Person ${i},+1415555010${i}`);
  fs.writeFileSync(file, `name,phone\n${rows.join('\n')}\n`);
  return file;
}

const start = (startAt?: number): Promise<VirtualAgent> =>
  startVirtualAgent({
    dataDir,
    simulateAll: true,
    healthChecks: true,
    channels: [new TestChannel()],
    onUnheard: () => {},
    world: { latencyMs: 200 },
    ...(startAt !== undefined && { startAt }),
  });

const isOpen = ({ agent }: VirtualAgent) =>
  agent.status().services['ElevenLabs']?.breaker === 'OPEN';

async function firstLife(): Promise<number> {
  const v = await start();
  const { world, campaigns } = v.agent;
  world?.setOutcome('+14155550101', 'busy');
  world?.plan('ElevenLabs', [{ match: 'work', times: 12, fault: { status: 503 } }]);
  const spring = await campaigns.open(listOf('spring', 4), { concurrency: 1 });
  await v.drive(campaigns.ended(spring, { wait: true }));
  await v.clock.advance(15 * MINUTE);
  await v.agent.stop();
  return v.clock.now();
}

async function secondLife(startAt: number): Promise<void> {
  const v = await start(startAt);
  const { world, campaigns } = v.agent;
  world?.plan('ElevenLabs', [{ match: 'work', fault: { status: 503 } }]);
  await campaigns.open(listOf('summer', 6), { concurrency: 1 });
  await v.clock.runUntil(() => isOpen(v));
  await v.clock.advance(5 * SECOND);
  v.agent.command({ type: 'alerts.silence', match: ['CRM'], durationMs: 60 * MINUTE, by: 'make' });
  await v.clock.advance(0);
  await v.agent.stop();
}

await secondLife((await firstLife()) + MINUTE + archived());

function archived(): number {
  archiveOffline(dataDir, null);
  return 0;
}

const journal = path.join(dataDir, 'journal');
fs.cpSync(journal, path.join(target, 'journal'), { recursive: true });
const moment = `${JSON.stringify(replayJournal(journal), null, 2)}\n`;
fs.writeFileSync(path.join(target, 'replay.json'), moment);
fs.rmSync(dataDir, { recursive: true });
