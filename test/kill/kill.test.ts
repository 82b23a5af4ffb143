import { expect, test } from 'vitest';
import { randomFor } from '../../scenarios/world/random.ts';
import { aims, endOfCall } from './aims.ts';
import {
  begin,
  expectAllAccountedFor,
  expectCalledOnce,
  expectKilled,
  finish,
  rough,
  unreliable,
} from './story.ts';

const TIMEOUT_MS = 180_000;

test(
  'killed ten times at the worst moments: nothing is lost, nobody is called twice',
  { timeout: TIMEOUT_MS },
  async () => {
    const CONTACTS = 60;
    const { providers, campaign } = await begin({ contacts: CONTACTS, plans: rough, seed: 7 });
    const random = randomFor(11, 'kills');
    expect(aims).toHaveLength(10);
    for (const aim of aims) {
      const count = 1 + Math.floor(random() * aim.most);
      expectKilled(await campaign.runUntil(aim, count), aim, count);
    }
    const report = expectAllAccountedFor(await finish(campaign), CONTACTS);
    await expectCalledOnce(providers, report);
    expect(await campaign.verify()).toBe(0);
  },
);

test(
  '80 contacts, 30 % failures, killed twice: every contact is accounted for',
  { timeout: TIMEOUT_MS },
  async () => {
    const CONTACTS = 80;
    const { providers, campaign } = await begin({ contacts: CONTACTS, plans: unreliable, seed: 5 });
    for (const count of [25, 30]) {
      expectKilled(await campaign.runUntil(endOfCall, count), endOfCall, count);
    }
    const report = expectAllAccountedFor(await finish(campaign), CONTACTS);
    expect(report.contacts.completed).toBeGreaterThan(CONTACTS / 2);
    await expectCalledOnce(providers, report);
    expect(await campaign.verify()).toBe(0);
  },
);
