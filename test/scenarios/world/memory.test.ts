import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { UserError } from '../../../errors.ts';
import { VirtualClock } from '../../../scenarios/world/virtual-clock.ts';
import type { WorldOptions } from '../../../scenarios/world/world.ts';
import {
  ACCOUNT,
  crm,
  dial,
  type OpenedWorld,
  openWorld,
  rejectionOf,
  telephone,
} from './support.ts';

const TO = '+14155550111';
const START = Date.UTC(2026, 8, 21, 14, 13, 20);
const PROPERTIES = { hs_timestamp: '2026-09-21T14:13:20.000Z', call_agent_key: 'call:0007' };

function newMemoryFile(): string {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'call-agent-world-'));
  onTestFinished(() => fs.rmSync(dir, { recursive: true }));
  return path.join(dir, 'deep', 'world', 'memory.jsonl');
}

/** A life of the world; the one before is not closed, as after a kill. */
function live(
  memoryFile: string,
  afterMs = 0,
  options: Partial<WorldOptions> = {},
): Promise<OpenedWorld> {
  const clock = new VirtualClock({ startAt: START + afterMs });
  return openWorld('in process', { clock, memoryFile, ...options });
}

async function placed(opened: OpenedWorld, to = TO): Promise<{ sid: string; uri: string }> {
  return (await (await dial(opened, to)).json()) as { sid: string; uri: string };
}

async function callsTo(opened: OpenedWorld, to = TO): Promise<unknown> {
  return (await telephone(opened, `${ACCOUNT}/Calls.json?To=${encodeURIComponent(to)}`))['calls'];
}

describe('after a kill', () => {
  test('a call is found by its number and has moved on with the time', async () => {
    const file = newMemoryFile();
    const first = await live(file);
    first.world.setOutcome(TO, 'voicemail');
    const { sid, uri } = await placed(first);
    expect(await callsTo(first)).toMatchObject([{ sid, status: 'queued' }]);

    expect(await callsTo(await live(file, 3_000))).toMatchObject([{ sid, status: 'in-progress' }]);
    const third = await live(file, 60_000);
    const ended = {
      sid,
      to: TO,
      from: '+14155550100',
      status: 'completed',
      answered_by: 'machine_end_beep',
      date_created: 'Mon, 21 Sep 2026 14:13:20 +0000',
      end_time: 'Mon, 21 Sep 2026 14:13:27 +0000',
    };
    expect(await callsTo(third)).toMatchObject([ended]);
    expect(await telephone(third, uri)).toMatchObject(ended);
  });

  test('a call is known although its answer never came', async () => {
    const file = newMemoryFile();
    const plans = { Telephony: [{ fault: { status: 500, after: true } }] };
    expect((await dial(await live(file, 0, { plans }), TO)).status).toBe(500);
    expect(await callsTo(await live(file, 1_000))).toMatchObject([{ status: 'ringing' }]);
  });

  test('only the dials of its own life are counted, and new calls come first', async () => {
    const file = newMemoryFile();
    const { sid: old } = await placed(await live(file));
    const second = await live(file, 60_000);
    expect(second.world.dials).toEqual([]);
    const { sid } = await placed(second);
    expect(second.world.dials).toEqual([{ to: TO, sid, at: START + 60_000 }]);
    expect(await callsTo(second)).toMatchObject([{ sid }, { sid: old }]);
  });

  test('no id is given out twice', async () => {
    const file = newMemoryFile();
    const sids: string[] = [];
    for (let life = 0; life < 4; life += 1) {
      const opened = await live(file, life * 60_000);
      for (let i = 0; i < 5; i += 1) sids.push((await placed(opened)).sid);
    }
    expect(new Set(sids).size).toBe(20);
  });

  test('the records are known, and a second one is a conflict', async () => {
    const file = newMemoryFile();
    const record = (await (await crm(await live(file), '', PROPERTIES)).json()) as { id: string };
    const second = await live(file, 60_000);
    const conflict = await crm(second, '', PROPERTIES);
    expect(conflict.status).toBe(409);
    expect(await conflict.json()).toMatchObject({
      message: expect.stringContaining(`Existing ID: ${record.id}`),
    });
    const byKey = await crm(second, '/call%3A0007?idProperty=call_agent_key');
    expect(await byKey.json()).toEqual(record);
    const other = await crm(second, '', { ...PROPERTIES, call_agent_key: 'call:0008' });
    expect(((await other.json()) as { id: string }).id).not.toBe(record.id);
  });

  test('faults count from the start of the new life', async () => {
    const file = newMemoryFile();
    await placed(await live(file));
    const plans = { Telephony: [{ fault: { status: 503 }, until: 1_000 }] };
    expect((await dial(await live(file, 60_000, { plans }), TO)).status).toBe(503);
  });
});

describe('a line that a kill has cut', () => {
  test('is forgotten, at whatever byte, and the next one begins afresh', async () => {
    const file = newMemoryFile();
    const first = await live(file);
    const { sid } = await placed(first);
    const keptLength = fs.statSync(file).size;
    await crm(first, '', { ...PROPERTIES, hs_call_title: 'Zoë' });
    const whole = fs.readFileSync(file);
    for (let length = keptLength + 1; length < whole.length - 1; length += 1) {
      fs.writeFileSync(file, whole.subarray(0, length));
      const second = await live(file, 60_000);
      expect(await callsTo(second)).toMatchObject([{ sid }]);
      expect((await crm(second, '', PROPERTIES)).status).toBe(201);
      const third = await live(file, 120_000);
      expect(await callsTo(third)).toMatchObject([{ sid }]);
      expect((await crm(third, '', PROPERTIES)).status).toBe(409);
    }
  });

  test('counts when only its end of line is missing', async () => {
    const file = newMemoryFile();
    const { sid } = await placed(await live(file));
    fs.truncateSync(file, fs.statSync(file).size - 1);
    const second = await live(file, 60_000);
    const { sid: next } = await placed(second);
    expect(await callsTo(await live(file, 120_000))).toMatchObject([{ sid: next }, { sid }]);
  });
});

describe('the file', () => {
  test('comes with the first call, for its owner only', async () => {
    const file = newMemoryFile();
    const opened = await live(file);
    await callsTo(opened);
    expect(fs.existsSync(path.dirname(file))).toBe(false);
    const { sid } = await placed(opened);
    expect(fs.readFileSync(file, 'utf8')).toBe(
      `{"call":{"sid":"${sid}","to":"${TO}","from":"+14155550100","at":${START},"outcome":"answered"}}\n`,
    );
    if (process.platform === 'win32') return;
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    for (const dir of [path.dirname(file), path.dirname(path.dirname(file))]) {
      expect(fs.statSync(dir).mode & 0o777).toBe(0o700);
    }
  });

  test('that cannot be written places no call', async () => {
    const file = newMemoryFile();
    const opened = await live(file);
    fs.mkdirSync(file, { recursive: true });
    await expect(dial(opened, TO)).rejects.toThrow('EISDIR');
    expect(opened.world.dials).toEqual([]);
    expect(await callsTo(opened)).toEqual([]);
    await expect(live(file)).rejects.toThrow('EISDIR');
  });

  test('is refused when it is something else', async () => {
    const file = newMemoryFile();
    await placed(await live(file));
    fs.appendFileSync(file, '{"v":1,"seq":1}\n');
    const error = await rejectionOf(live(file));
    expect(error).toBeInstanceOf(UserError);
    expect(error.message).toBe(`${file}:2 is not a line of the simulated world's memory.`);
    await expect(live('')).rejects.toThrow(
      new RangeError('memoryFile must be a path, got an empty string'),
    );
  });
});
