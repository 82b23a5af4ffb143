/**
 * A day of campaign in virtual time: ElevenLabs is down for all of it, the campaign probes and
 * waits, and health checks go on. Afterwards as much is in use as after the first hour.
 *
 * Run by `node --expose-gc scenarios/simulation/day.ts`; prints one JSON value.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setImmediate as nextRound } from 'node:timers/promises';
import { AICallAgent } from '../../index.ts';
import { peopleList } from '../people.ts';
import { VirtualTime } from '../virtual.ts';

const HOUR_MS = 3_600_000;
const START = 1_790_000_000_000;

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'call-agent-day-'));
const time = new VirtualTime(START);
const agent = await AICallAgent.start(
  time.options({
    dataDir: dir,
    simulateAll: true,
    env: {
      LOG_FILE_PATH: path.join(dir, 'log.json'),
      CIRCUIT_BREAKER_TIMEOUT: '300',
      HEALTH_CHECK_INTERVAL: '120',
    },
    world: { plans: { ElevenLabs: [{ until: 24 * HOUR_MS, fault: { status: 503 } }] } },
  }),
);
const { clock } = time;
const campaign = await agent.campaigns.open(peopleList('twenty'), { concurrency: 4 });

/** What is in use when nothing can be collected any more. */
async function inUse() {
  for (let round = 0; round < 3; round++) {
    await nextRound();
    globalThis.gc?.();
  }
  return {
    heapBytes: process.memoryUsage().heapUsed,
    descriptors: fs.existsSync('/proc/self/fd') ? fs.readdirSync('/proc/self/fd').length : null,
    timers: clock.pending,
    resources: process.getActiveResourcesInfo().length,
    records: agent.journal.seq,
  };
}

await clock.advance(HOUR_MS);
const first = await inUse();
await clock.advance(22 * HOUR_MS);
const last = await inUse();
let hasEnded = false;
void agent.campaigns.ended(campaign, { wait: true }).then(() => (hasEnded = true));
await clock.runUntil(() => hasEnded);
const { state, contacts } = agent.campaigns.report(campaign);
await agent.stop();
fs.rmSync(dir, { recursive: true });
process.stdout.write(`${JSON.stringify({ first, last, state, contacts })}\n`);
