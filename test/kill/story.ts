import { expect, onTestFinished } from 'vitest';
import type { FaultRule } from '../../scenarios/world/fault-plan.ts';
import { contactList, nameOf, numberOf } from '../cli/support/lists.ts';
import type { CampaignReport } from '../cli/support/report.ts';
import type { Aim } from './aims.ts';
import { KillableCampaign, type Run } from './killable-campaign.ts';
import { Providers } from './providers.ts';

const SPEED = 100;
/** Runs that are not killed: a contact in doubt may need one more. */
const LAST_RUNS = 3;

const failing = (chance: number, fault: FaultRule['fault'] = { status: 503 }): FaultRule => ({
  match: 'work',
  chance,
  fault,
});

/** Every third request fails; some dials are placed, and nobody hears of it. */
export const rough = {
  LLM: [failing(0.3)],
  ElevenLabs: [failing(0.3)],
  Telephony: [
    failing(0.1, { status: 503, after: true }),
    failing(0.2),
    failing(0.05, { reset: true, after: true }),
  ],
  CRM: [failing(0.3)],
};

/** 30 % of all requests fail. */
export const unreliable = {
  LLM: [failing(0.3)],
  ElevenLabs: [failing(0.3)],
  Telephony: [failing(0.3)],
  CRM: [failing(0.3)],
};

export interface Story {
  readonly contacts: number;
  readonly plans: typeof rough;
  readonly seed: number;
}

export async function begin({ contacts, plans, seed }: Story) {
  const providers = await Providers.start({ speed: SPEED, seed, plans });
  const list = contactList(contacts);
  const { urls } = providers;
  const campaign = new KillableCampaign({ list, urls, speed: SPEED, concurrency: 8 });
  onTestFinished(async () => {
    await campaign.close();
    await providers.stop();
  });
  return { providers, campaign };
}

/** Lets it end. Exit code 3 says that a later run can do more. */
export async function finish(campaign: KillableCampaign): Promise<Run> {
  let run = await campaign.run();
  for (let left = LAST_RUNS - 1; run.code === 3 && left > 0; left--) run = await campaign.run();
  return run;
}

export function expectKilled(run: Run, aim: Aim, count: number): void {
  expect(run, `killed where ${aim.name} for the ${count}. time`).toMatchObject({
    wasKilled: true,
    report: null,
    stderr: '',
  });
}

/** Nothing is lost: every contact has come to an end that says what became of it. */
export function expectAllAccountedFor({ code, report }: Run, total: number): CampaignReport {
  if (!report) throw new Error(`no report, exit code ${code}`);
  const { contacts, calls, state } = report;
  const { completed, failed, deferred, skipped, unknown } = contacts;
  expect([0, 3]).toContain(code);
  expect(state).toBe(code === 0 ? 'done' : 'stopped');
  expect(contacts.total).toBe(total);
  expect(completed + failed + deferred + skipped + unknown).toBe(total);
  expect(calls.map(({ name }) => name)).toEqual(Array.from({ length: total }, (_, i) => nameOf(i)));
  for (const call of calls) {
    expect(['completed', 'failed', 'unknown', 'deferred']).toContain(call.status);
    expect(call.attempts['LLM'], `attempts for ${call.name}`).toBeGreaterThan(0);
  }
  const unexplained = calls.filter(({ status, error }) => status === 'failed' && error === null);
  expect(unexplained).toEqual([]);
  return report;
}

/** Nobody is called twice, and a call that counts as completed has rung once and is on record. */
export async function expectCalledOnce(
  providers: Providers,
  { calls }: CampaignReport,
): Promise<void> {
  const dials = await providers.dials();
  expect(dials.filter((to, index) => dials.indexOf(to) !== index)).toEqual([]);
  const numbersOf = (status: string): string[] =>
    calls.flatMap((call, index) => (call.status === status ? [numberOf(index)] : []));
  expect(dials).toEqual(expect.arrayContaining(numbersOf('completed')));
  expect(numbersOf('failed').filter((number) => dials.includes(number))).toEqual([]);
  const records = await providers.records();
  expect(new Set(records).size).toBe(records.length);
  const written = calls.filter(({ crm }) => crm === 'done');
  const owed = calls.filter(({ crm }) => crm === 'pending');
  expect(records.length).toBeGreaterThanOrEqual(written.length);
  expect(records.length).toBeLessThanOrEqual(written.length + owed.length);
}
