import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readFolder, readReports, readUnknown } from '../../actors/reading.ts';
import { SERVICES } from '../../config.ts';
import { readStanding } from '../../runtime/standing.ts';
import { statusOf } from '../../runtime/status.ts';
import { JournalError } from '../../store/journal-error.ts';
import { decodeHead } from '../../store/snapshot-format.ts';
import { openAgent } from '../support/agent.ts';
import { always, listOf } from '../support/campaigns.ts';
import { asJson, keepingSnapshots } from '../support/snapshots.ts';
import { journalFile } from '../support/virtual-agent.ts';

/** A contact failed, one whose call nobody knows the end of, and an account that pauses the campaign. */
async function troubled() {
  const { disk, kept } = keepingSnapshots();
  const v = await openAgent({
    storage: { disk, snapshots: { every: 1, pause: () => Promise.resolve() } },
    world: {
      plans: {
        LLM: [
          ...always({ status: 503 }, 4),
          { match: 'work', from: 38_000, fault: { status: 401 } },
        ],
        Telephony: [...always({ status: 503, after: true }, 1), ...always({ status: 400 }, 1)],
      },
    },
  });
  const campaign = await v.agent.campaigns.open(listOf(5), { concurrency: 1 });
  await v.drive(v.agent.campaigns.ended(campaign));
  await v.agent.stop();
  return { dir: v.dir, kept };
}

/** All that commands tell of a folder. */
function told(dir: string): unknown {
  const reading = readFolder(dir);
  const { root, roots } = readStanding(dir);
  return asJson({
    reports: readReports(reading, false),
    unknown: readUnknown(reading),
    status: statusOf(SERVICES, root),
    roots: roots().toSorted(),
  });
}

function withSnapshots(dir: string, texts: readonly string[]): unknown {
  const folder = path.join(dir, 'snapshots');
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder);
  for (const text of texts) {
    const { seq } = decodeHead(Buffer.from(text));
    fs.writeFileSync(path.join(folder, `${String(seq).padStart(20, '0')}.jsonl`), text);
  }
  return told(dir);
}

describe('how things stand in a folder', () => {
  test('is told the same from any snapshot on as from the whole journal', async () => {
    const { dir, kept } = await troubled();
    const whole = withSnapshots(dir, []);
    expect(whole).toMatchObject({ reports: [{ state: 'paused' }], unknown: [{ contact: '0002' }] });
    expect(kept.length).toBeGreaterThan(5);
    for (const text of kept) expect(withSnapshots(dir, [text])).toEqual(whole);
  });

  test('is read behind the newest snapshot only, and all of it where there is none', async () => {
    const { dir, kept } = await troubled();
    const whole = told(dir);
    const file = journalFile(dir);
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('"seq":9,', '"seq":8,'));
    expect(withSnapshots(dir, kept.slice(-1))).toEqual(whole);
    expect(() => withSnapshots(dir, [])).toThrow(JournalError);
  });
});
