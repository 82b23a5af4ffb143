import { expect, test } from 'vitest';
import { randomFor } from '../../scenarios/world/random.ts';
import { aims, anything } from './aims.ts';
import {
  begin,
  expectAllAccountedFor,
  expectCalledOnce,
  expectKilled,
  finish,
  rough,
} from './story.ts';

/** The long form of the kill tests: `npm run test:kill`. */
const TIMEOUT_MS = 900_000;
const ROUNDS = 5;

test(
  'killed fifty times at the worst moments: nothing is lost, nobody is called twice',
  { timeout: TIMEOUT_MS },
  async () => {
    const CONTACTS = 300;
    const { providers, campaign } = await begin({ contacts: CONTACTS, plans: rough, seed: 7 });
    const random = randomFor(50, 'kills');
    for (let round = 0; round < ROUNDS; round++) {
      for (const aim of aims) {
        const count = 1 + Math.floor(random() * aim.most);
        expectKilled(await campaign.runUntil(aim, count), aim, count);
      }
    }
    const report = expectAllAccountedFor(await finish(campaign), CONTACTS);
    await expectCalledOnce(providers, report);
    expect(await campaign.verify()).toBe(0);
  },
);

test(
  '1000 contacts, killed 20 times at random: every one is accounted for, nobody is called twice',
  { timeout: TIMEOUT_MS },
  async () => {
    const [CONTACTS, KILLS, MOST_LINES] = [1_000, 20, 1_500];
    const { providers, campaign } = await begin({ contacts: CONTACTS, plans: rough, seed: 11 });
    const random = randomFor(20, 'kills');
    for (let kill = 0; kill < KILLS; kill++) {
      const count = 1 + Math.floor(random() * MOST_LINES);
      expectKilled(await campaign.runUntil(anything, count), anything, count);
    }
    const report = expectAllAccountedFor(await finish(campaign), CONTACTS);
    expect(report.contacts.completed).toBeGreaterThan(CONTACTS / 2);
    await expectCalledOnce(providers, report);
    expect(await campaign.verify()).toBe(0);
  },
);
