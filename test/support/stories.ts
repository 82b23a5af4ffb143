import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AICallAgent } from '../../index.ts';
import { ada } from '../../scenarios/people.ts';
import type { FaultRule } from '../../scenarios/world/fault-plan.ts';
import type { JournalRecord } from '../../store/record.ts';
import type { Story } from './lives.ts';

export const list = (name: string): string =>
  fileURLToPath(new URL(`../../scenarios/contacts/${name}.csv`, import.meta.url));

/** A person starts the same command again, unless the campaign has come to its end by itself. */
const again =
  (file: string, concurrency: number): NonNullable<Story['goOn']> =>
  async (agent) => {
    const name = path.basename(file, '.csv');
    const hasEnded = agent.campaigns.size(name) > 0 && !agent.campaigns.unfinished().includes(name);
    if (!hasEnded) await agent.campaigns.open(file, { concurrency });
  };

/** A call that was never begun is asked for once more. */
async function callAgain(agent: AICallAgent, past: readonly JournalRecord[]): Promise<void> {
  if (!past.some(({ machine }) => machine === 'call')) void agent.makeSingleCall(ada);
  return Promise.resolve();
}

const failedAttempts = (past: readonly JournalRecord[]): number =>
  past.filter(({ event }) => event.type === 'attempt.failed').length;

/** ElevenLabs fails four times and then comes back; what was seen of it does not come again. */
function fourFailures(past: readonly JournalRecord[]): { plans: { ElevenLabs: FaultRule[] } } {
  const times = 4 - failedAttempts(past);
  const rule: FaultRule = { match: 'work', times: Math.max(1, times), fault: { status: 503 } };
  return { plans: { ElevenLabs: times > 0 ? [rule] : [] } };
}

export const normalCall: Story = {
  name: 'normal-call',
  begin: (agent) => agent.makeSingleCall(ada),
  goOn: callAgain,
};

export const outage503: Story = {
  name: 'outage-503',
  world: fourFailures,
  begin: (agent) => agent.makeSingleCall(ada),
  goOn: callAgain,
};

export const fullDemo: Story = {
  name: 'full-demo',
  world: fourFailures,
  begin: (agent) => agent.runCampaign(list('three'), { concurrency: 1 }),
  goOn: again(list('three'), 1),
};

const OUTAGE_MS = 200_000;

export const recovery: Story = {
  name: 'recovery',
  world: (past, at) => {
    const left = (past[0]?.at ?? at) + OUTAGE_MS - at;
    return { plans: { ElevenLabs: left > 0 ? [{ until: left, fault: { status: 503 } }] : [] } };
  },
  begin: (agent) => agent.runCampaign(list('six'), { concurrency: 1 }),
  goOn: again(list('six'), 1),
};

/** Twelve contacts, three at a time, and every service fails by chance in every way. */
export function chaos(folder: string, seed: number): Story {
  const file = path.join(folder, 'dozen.csv');
  const rows = Array.from({ length: 12 }, (_, i) => `Person ${i},+141555501${10 + i}`);
  fs.writeFileSync(file, `name,phone\n${rows.join('\n')}\n`);
  return {
    name: `chaos, seed ${seed}`,
    options: { world: { seed } },
    world: () => ({
      plans: {
        LLM: [{ match: 'work', chance: 0.2, fault: { status: 503 } }],
        ElevenLabs: [
          { match: 'work', chance: 0.2, fault: { status: 503 } },
          { match: 'work', chance: 0.1, fault: { reset: true } },
        ],
        Telephony: [
          { match: 'work', chance: 0.2, fault: { status: 503, after: true } },
          { match: 'work', chance: 0.1, fault: { reset: true, after: true } },
          { match: 'work', chance: 0.1, fault: { reset: true } },
          { match: 'work', chance: 0.1, fault: { status: 429 } },
        ],
        CRM: [{ match: 'work', chance: 0.3, fault: { status: 500, after: true } }],
      },
    }),
    begin: (agent) => agent.runCampaign(file, { concurrency: 3 }),
    goOn: again(file, 3),
  };
}
