import fs from 'node:fs';
import path from 'node:path';
import type { CampaignReport } from '../../actors/report.ts';
import type { FaultRule } from '../../scenarios/world/fault-plan.ts';
import { dataFolder } from './agent.ts';
import type { VirtualAgent } from './virtual-agent.ts';

/** A contact list of that many people. */
export function listOf(count: number): string {
  const file = path.join(dataFolder(), 'people.csv');
  const rows = Array.from({ length: count }, (_, i) => `Person ${i},+1415555010${i}`);
  fs.writeFileSync(file, `name,phone\n${rows.join('\n')}\n`);
  return file;
}

/** The list is read from disk while the clock stands, and worked on in virtual time. */
export async function runAgain(v: VirtualAgent, file: string): Promise<CampaignReport> {
  const campaign = await v.agent.campaigns.open(file, { concurrency: 1 });
  await v.drive(v.agent.campaigns.ended(campaign));
  return v.agent.campaigns.report(campaign);
}

/** Over all lives of the data folder. */
export const placedCalls = ({ dir }: VirtualAgent): number => {
  const memory = path.join(dir, 'contacts', 'simulated-providers.log');
  return fs.readFileSync(memory, 'utf8').match(/"call":/g)?.length ?? 0;
};

/** Befalls that many requests, health checks left out. */
export const always = (fault: FaultRule['fault'], times = Infinity): FaultRule[] => [
  { match: 'work', times, fault },
];
