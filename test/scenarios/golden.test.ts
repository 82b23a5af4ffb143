import fs from 'node:fs';
import os from 'node:os';
import { describe, expect, test, vi } from 'vitest';
import { machines } from '../../machines/registry.ts';
import { play } from '../../scenarios/play.ts';
import { fullDemo } from '../../scenarios/full-demo.ts';
import { normalCall } from '../../scenarios/normal-call.ts';
import { outage503 } from '../../scenarios/outage-503.ts';
import { recovery } from '../../scenarios/recovery.ts';
import { simulated503 } from '../../scenarios/simulated-503.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { verifyJournal } from '../../store/verify.ts';
import { dataFolder, openAgent } from '../support/agent.ts';
import { journalFile } from '../support/virtual-agent.ts';

// Whole campaigns in virtual time: no wait, but work, and other processes want the machine, too.
vi.setConfig({ testTimeout: 120_000 });

const scenarios: readonly Scenario[] = [normalCall, simulated503, outage503, fullDemo, recovery];

interface Run {
  readonly dir: string;
  /** As it stands on disk. */
  readonly journal: string;
  /** What reached the providers, and who was dialled. */
  readonly counts: unknown;
  readonly problems: readonly string[];
}

/** A scenario as the command line plays it, but in virtual time. */
async function run(scenario: Scenario): Promise<Run> {
  const dir = dataFolder();
  const world = { latencyMs: {}, ...scenario.world };
  const v = await openAgent({ dataDir: dir, healthChecks: true, world });
  const { problems } = await v.drive(play(scenario, v.agent, () => {}));
  const requests = v.agent.world?.counts;
  const dials = v.agent.world?.dials;
  await v.agent.stop();
  const journal = fs.readFileSync(journalFile(dir), 'utf8');
  return { dir, journal, counts: { requests, dials }, problems };
}

/** Changed on purpose? `npx vitest run test/scenarios/golden.test.ts -u`, and read the difference. */
describe('a scenario in virtual time', () => {
  test.for(scenarios)('$name writes the journal that it always writes', async (scenario) => {
    const { dir, journal, counts, problems } = await run(scenario);
    expect(problems).toEqual([]);
    expect(verifyJournal(`${dir}/journal`, machines).firstDifference).toBeNull();
    await expect(journal).toMatchFileSnapshot(`../golden/${scenario.name}.jsonl`);
    await expect(`${JSON.stringify(counts, null, 2)}\n`).toMatchFileSnapshot(
      `../golden/${scenario.name}.counts.json`,
    );
  });

  test.for(scenarios)('$name is the same twice, byte for byte', async (scenario) => {
    const [first, second] = [await run(scenario), await run(scenario)];
    expect(second.journal).toBe(first.journal);
    expect(second.counts).toEqual(first.counts);
  });

  test.for(scenarios)('$name leaves nothing of this machine in its journal', async (scenario) => {
    const { dir, journal } = await run(scenario);
    for (const own of [dir, os.tmpdir(), process.cwd(), os.hostname(), `"pid"`, process.version]) {
      expect(journal).not.toContain(own);
    }
    expect(journal).not.toMatch(/"(?:at|dueAt|since)":(?!0\b|179\d{10}\b)\d/);
  });
});
