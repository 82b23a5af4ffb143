import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { AlertFold } from '../../sinks/alerts/fold.ts';
import { defaultAlertSettings } from '../../sinks/alerts/settings.ts';
import { Reader } from '../../sinks/reading.ts';
import { Ledger } from '../../store/ledger.ts';
import type { JournalRecord } from '../../store/record.ts';
import { forget, liveOut, type Story } from '../support/lives.ts';
import { fullDemo, recovery } from '../support/stories.ts';

// Whole campaigns in virtual time: no wait, but work, and other processes want the machine, too.
vi.setConfig({ testTimeout: 120_000 });

const reading = (): { part: Part; told: (record: JournalRecord) => unknown } => {
  const part = new Reader();
  return { part, told: (record) => part.read(record) };
};
const judging = (): { part: Part; told: (record: JournalRecord) => unknown } => {
  const part = new AlertFold(defaultAlertSettings);
  return {
    part,
    told: (record) => {
      part.apply(record);
      const holds = part.takeDirty().map((key) => part.condition(key, record.at));
      return [part.snapshot(), holds.map((one) => one && [one, one.text(one.since)])];
    },
  };
};
const entering = (): { part: Part; told: (record: JournalRecord) => unknown } => {
  const part = new Ledger();
  return {
    part,
    told: (record) => {
      part.apply(record);
      return part.snapshot();
    },
  };
};

interface Part {
  snapshot(): unknown;
  restore(state: unknown): void;
}

const throughDisk = (state: unknown): unknown => JSON.parse(JSON.stringify(state)) as unknown;

async function recordsOf(story: Story): Promise<readonly JournalRecord[]> {
  const life = await liveOut(story);
  onTestFinished(() => forget(life));
  return life.records;
}

describe.each([
  ['the reader of happenings', reading],
  ['the rules of alerts', judging],
  ['the ledger', entering],
])('%s', (_name, make) => {
  test.for([fullDemo, recovery])(
    'goes on from a snapshot taken after any line of $name as if it had read all',
    async (story) => {
      const records = await recordsOf(story);
      const whole = make();
      const told = records.map((record) => throughDisk(whole.told(record)));
      const growing = make();
      for (const [index, record] of records.entries()) {
        growing.told(record);
        if (index % 7 !== 0) continue;
        const again = make();
        again.part.restore(throughDisk(growing.part.snapshot()));
        const rest = records.slice(index + 1, index + 60);
        expect(rest.map((next) => throughDisk(again.told(next)))).toEqual(
          told.slice(index + 1, index + 60),
        );
      }
    },
  );

  test('gives a snapshot that no later record changes', async () => {
    const records = await recordsOf(recovery);
    const { part, told } = make();
    const half = Math.floor(records.length / 2);
    for (const record of records.slice(0, half)) told(record);
    const snapshot = part.snapshot();
    const before = JSON.stringify(snapshot);
    for (const record of records.slice(half)) told(record);
    expect(JSON.stringify(snapshot)).toBe(before);
  });
});
