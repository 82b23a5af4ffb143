import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { machines } from '../../machines/registry.ts';
import { encodeHeader, encodeRecord, type JournalRecord } from '../../store/record.ts';
import { verifyJournal } from '../../store/verify.ts';
import { forget, folder, liveOut, recordsIn, type Life } from '../support/lives.ts';
import { normalCall, recovery } from '../support/stories.ts';
import { EPOCH, journalFile, startVirtualAgent } from '../support/virtual-agent.ts';

// Whole campaigns in virtual time: no wait, but work, and other processes want the machine, too.
vi.setConfig({ testTimeout: 120_000 });

type Edit = (record: JournalRecord) => JournalRecord;

/** The journal's lines up to `seq` in a folder of their own, edited, and sealed anew. */
function rewritten(records: readonly JournalRecord[], seq: number, edit: Edit): string {
  const dir = folder();
  onTestFinished(() => forget({ dir }));
  let previous = 0;
  const texts = [encodeHeader(1, 0)];
  for (const record of records.slice(0, seq)) {
    const { v: _v, seq: number, at, crc: _crc, ...line } = edit(record);
    const { text, crc } = encodeRecord(line, number, at, previous);
    previous = crc;
    texts.push(text);
  }
  fs.mkdirSync(path.join(dir, 'journal'));
  fs.writeFileSync(journalFile(dir), texts.join(''));
  return dir;
}

async function uncut(): Promise<Life> {
  const life = await liveOut(normalCall);
  onTestFinished(() => forget(life));
  return life;
}

const redefined =
  (machine: string): Edit =>
  (record) => {
    const { event } = record;
    if (event.type !== 'agent.started') return record;
    const definitions = { ...(event['definitions'] as object), [machine]: '000000000000' };
    return {
      ...record,
      event: { ...event, definitions },
      context: { ...record.context, definitions },
    };
  };

const started = (dir: string, startAt = EPOCH + 60_000) =>
  startVirtualAgent({ simulateAll: true, dataDir: dir, startAt });

describe('a journal whose machines are not those of this program', () => {
  test.for(['call', 'request'])(
    'refuses the start when the %s machine has changed and is at work, and changes nothing',
    async (machine) => {
      const { records } = await uncut();
      const dir = rewritten(records, 25, redefined(machine));
      const before = fs.readFileSync(journalFile(dir));
      const refusal = await started(dir).then(
        () => null,
        (error: Error) => error,
      );
      expect(refusal?.message).toContain(
        `The ${machine} machine has changed since this journal was written, and it has unfinished work`,
      );
      expect(refusal?.message).not.toContain('\n');
      expect(fs.readFileSync(journalFile(dir))).toEqual(before);
      // The folder is free again.
      await expect(started(dir)).rejects.toThrow('machine has changed');
    },
  );

  test('starts when only a machine without unfinished work has changed', async () => {
    const { records } = await uncut();
    const dir = rewritten(records, 25, redefined('campaign'));
    const v = await started(dir);
    await v.agent.stop();
    expect(recordsIn(dir).length).toBeGreaterThan(25);
  });

  test('starts when the changed machine has finished all it had begun', async () => {
    const { records } = await uncut();
    const dir = rewritten(records, records.length, redefined('call'));
    const v = await started(dir);
    await v.agent.stop();
    expect(recordsIn(dir).length).toBeGreaterThan(records.length);
  });

  test('refuses the start when a live machine would not do what a line says', async () => {
    const { records } = await uncut();
    const dir = rewritten(records, 25, (record) =>
      record.event.type === 'call.begin' ? { ...record, to: 'speaking' } : record,
    );
    await expect(started(dir)).rejects.toThrow(
      "call:0001 can't go on: this version of the program does something else at this line",
    );
  });
});

describe('a service that is simulated at one start and real at the next', () => {
  async function open(): Promise<{ dir: string; at: number; seq: number }> {
    const life = await liveOut(recovery);
    onTestFinished(() => forget(life));
    const moved = life.records.find(({ machine, to }) => machine === 'breaker' && to === 'open');
    const seq = moved?.seq ?? 0;
    const dir = rewritten(life.records, seq, (record) => record);
    return { dir, at: moved?.at ?? 0, seq };
  }
  const since = (dir: string, seq: number): string[] =>
    recordsIn(dir)
      .filter((record) => record.seq > seq)
      .map(({ actor, event, to }) => `${actor} ${event.type} → ${to}`);

  test('has its breaker and its health start afresh, and the journal says so', async () => {
    const { dir, at, seq } = await open();
    const v = await startVirtualAgent({
      dataDir: dir,
      startAt: at + 1_000,
      env: { ELEVENLABS_API_KEY: 'a-real-key' },
    });
    onTestFinished(() => v.agent.stop());
    expect(v.agent.simulated).toEqual(['LLM', 'Telephony', 'CRM']);
    expect(v.agent.status().services['ElevenLabs']).toEqual({
      breaker: 'CLOSED',
      failures: 0,
      retryAt: null,
      health: 'UNKNOWN',
    });
    const lines = since(dir, seq);
    expect(lines).toContain('breaker:ElevenLabs breaker.reset → closed');
    expect(lines).toContain('health:ElevenLabs health.restart → unknown');
    expect(lines.filter((line) => / (breaker\.reset|health\.restart) /.test(line))).toHaveLength(2);
    await v.agent.stop();
    expect(verifyJournal(path.join(dir, 'journal'), machines).firstDifference).toBeNull();
  });

  test('is left alone when it is the same as before', async () => {
    const { dir, at, seq } = await open();
    const v = await started(dir, at + 1_000);
    onTestFinished(() => v.agent.stop());
    expect(v.agent.status().services['ElevenLabs']).toMatchObject({ breaker: 'OPEN', failures: 3 });
    expect(since(dir, seq).join()).not.toContain('breaker.reset');
  });

  test('is reset once, not at every later start', async () => {
    const { dir, at } = await open();
    const env = { ELEVENLABS_API_KEY: 'a-real-key' };
    const first = await startVirtualAgent({ dataDir: dir, startAt: at + 1_000, env });
    await first.agent.stop();
    const { length } = recordsIn(dir);
    const second = await startVirtualAgent({ dataDir: dir, startAt: at + 2_000, env });
    await second.agent.stop();
    expect(since(dir, length).join()).not.toContain('breaker.reset');
  });

  test('is reset also when the start that noticed was killed before it could', async () => {
    const { dir, at } = await open();
    const env = { ELEVENLABS_API_KEY: 'a-real-key' };
    const first = await startVirtualAgent({ dataDir: dir, startAt: at + 1_000, env });
    await first.agent.stop();
    const records = recordsIn(dir);
    const noted = records.findLast(({ event }) => event.type === 'agent.started');
    const cut = rewritten(records, noted?.seq ?? 0, (record) => record);
    const second = await startVirtualAgent({ dataDir: cut, startAt: at + 2_000, env });
    onTestFinished(() => second.agent.stop());
    expect(second.agent.status().services['ElevenLabs']?.breaker).toBe('CLOSED');
  });
});
