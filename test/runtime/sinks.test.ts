import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { simulated503 } from '../../scenarios/simulated-503.ts';
import { ada } from '../../scenarios/people.ts';
import { play } from '../../scenarios/play.ts';
import { recovery } from '../../scenarios/recovery.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { FileSink, type LogEntry } from '../../sinks/file.ts';
import { attach, type Sink } from '../../sinks/sink.ts';
import type { JournalRecord } from '../../store/record.ts';
import { deferred, journalOf, openAgent, watch } from '../support/agent.ts';
import type { VirtualAgent } from '../support/virtual-agent.ts';

async function played(scenario: Scenario): Promise<VirtualAgent> {
  const v = await openAgent({ healthChecks: true });
  await v.drive(play(scenario, v.agent, () => {}));
  await v.agent.flush();
  return v;
}

describe('a sink behind the journal', () => {
  test('gets every record once, in order, and after the journal has it', async () => {
    const v = await openAgent();
    const seen: number[] = [];
    const attachment = v.agent.attach({
      name: 'all',
      take: ({ seq }) => {
        expect(v.agent.journal.seq).toBeGreaterThanOrEqual(seq);
        seen.push(seq);
      },
    });
    const first = v.agent.journal.seq + 1;
    await v.drive(v.agent.makeSingleCall(ada));
    await attachment.flush();
    const all = journalOf(v).map(({ seq }) => seq);
    expect(seen).toEqual(all.filter((seq) => seq >= first));
    expect(attachment).toMatchObject({ dropped: 0, failed: 0 });
  });

  test.for<[string, () => Promise<void> | void]>([
    [
      'throws',
      () => {
        throw new Error('a sink’s bug');
      },
    ],
    ['rejects', () => Promise.reject(new Error('a sink’s bug'))],
  ])('that %s hurts no call, is counted, and goes on', async ([, take]) => {
    const v = await openAgent();
    const errors: string[] = [];
    const attachment = attach(
      v.agent.journal,
      { name: 'broken', take },
      { onError: (name, error) => errors.push(`${name}: ${(error as Error).message}`) },
    );
    const result = await v.drive(v.agent.makeSingleCall(ada));
    await attachment.flush();
    expect(result.status).toBe('completed');
    expect(attachment.failed).toBeGreaterThan(20);
    expect(errors).toHaveLength(attachment.failed);
    expect(errors[0]).toBe('broken: a sink’s bug');
  });

  test('that never answers keeps no call waiting, and only its own queue fills', async () => {
    const v = await openAgent();
    const taken: JournalRecord[] = [];
    const answer = deferred();
    const slow: Sink = {
      name: 'slow',
      take: (record) => {
        taken.push(record);
        return answer.promise;
      },
    };
    const attachment = attach(v.agent.journal, slow, { maxQueued: 5 });
    const result = await v.drive(v.agent.makeSingleCall(ada));
    expect(result.status).toBe('completed');
    expect(taken).toHaveLength(1);
    expect(attachment.dropped).toBeGreaterThan(10);
    const behind = watch(attachment.flush());
    await v.clock.advance(60_000);
    expect(behind.settled).toBe(false);
    answer.resolve();
    await attachment.flush();
    // What it was given at once, what was queued behind that, and nothing that was dropped.
    expect(taken.length + attachment.dropped).toBe(
      journalOf(v).filter(({ seq }) => seq >= (taken[0]?.seq ?? 0)).length,
    );
    expect(taken.map(({ seq }) => seq)).toEqual(
      taken.map(({ seq }) => seq).toSorted((a, b) => a - b),
    );
  });

  test('that is detached takes what is queued, is closed, and hears no more', async () => {
    const v = await openAgent();
    const seen: string[] = [];
    const attachment = v.agent.attach({
      name: 'short-lived',
      take: ({ event }) => void seen.push(event.type),
      close: () => void seen.push('closed'),
    });
    v.agent.isolate('CRM');
    await attachment.detach();
    v.agent.release('CRM');
    await attachment.flush();
    expect(seen).toEqual(['breaker.isolate', 'closed']);
  });

  test('is told of earlier starts before it is given a record of this one', async () => {
    const first = await openAgent();
    await first.drive(first.agent.makeSingleCall(ada));
    await first.agent.stop();
    const seen: string[] = [];
    const second = await openAgent({
      dataDir: first.dir,
      sinks: () => [
        {
          name: 'historian',
          prime: ({ seq }) => void seen.push(`primed ${seq}`),
          take: ({ seq }) => void seen.push(`took ${seq}`),
        },
      ],
    });
    await second.agent.flush();
    const history = first.agent.journal.seq;
    expect(seen.slice(0, history)).toEqual(
      Array.from({ length: history }, (_, i) => `primed ${i + 1}`),
    );
    expect(seen[history]).toBe(`took ${history + 1}`);
  });
});

function logOf({ dir }: VirtualAgent): LogEntry[] {
  const text = fs.readFileSync(path.join(dir, 'log.json'), 'utf8').trim();
  return text.split('\n').map((line) => JSON.parse(line) as LogEntry);
}

describe('the log file', () => {
  test('has a line with time, service, category, retries, breaker and message for each failure', async () => {
    const log = logOf(await played(simulated503));
    const message =
      'ElevenLabs answered 503: The system is experiencing heavy traffic, please try again.';
    const failed = (at: string, retries: number) => ({
      timestamp: at,
      service_name: 'ElevenLabs',
      error_category: 'TRANSIENT_ERROR',
      retry_count: retries,
      circuit_breaker_state: 'CLOSED',
      message,
      call: 'call:0001',
      seq: 0,
      level: 'warn',
    });
    expect(log.map((entry) => ({ ...entry, seq: 0 }))).toEqual([
      failed('2026-09-21T14:13:20.000Z', 0),
      failed('2026-09-21T14:13:25.000Z', 1),
      failed('2026-09-21T14:13:35.000Z', 2),
      failed('2026-09-21T14:13:55.000Z', 3),
      {
        ...failed('2026-09-21T14:13:55.000Z', 3),
        message: `request max retries exceeded: ${message}`,
        level: 'error',
      },
      {
        ...failed('2026-09-21T14:13:55.000Z', 0),
        message: `call failed: ${message}`,
        level: 'error',
      },
    ]);
  });

  test('follows the breaker’s state and a service’s health', async () => {
    const log = logOf(await played(recovery));
    const told = log.filter(({ message }) => /^(circuit breaker|health)/.test(message));
    expect(told.map(({ message, circuit_breaker_state: state }) => [message, state])).toEqual([
      [expect.stringMatching(/^health: UNKNOWN → UNHEALTHY: ElevenLabs answered 503/), 'CLOSED'],
      ['circuit breaker: CLOSED → OPEN', 'OPEN'],
      ['circuit breaker: OPEN → HALF_OPEN', 'HALF_OPEN'],
      ['circuit breaker: HALF_OPEN → OPEN', 'OPEN'],
      ['health: UNHEALTHY → HEALTHY', 'OPEN'],
      ['circuit breaker: OPEN → CLOSED', 'CLOSED'],
    ]);
  });

  test('says when retries have helped', async () => {
    const v = await openAgent({
      world: { plans: { LLM: [{ match: 'work', times: 2, fault: { status: 500 } }] } },
    });
    await v.drive(v.agent.makeSingleCall(ada));
    await v.agent.flush();
    expect(logOf(v).at(-1)).toMatchObject({
      service_name: 'LLM',
      error_category: null,
      retry_count: 2,
      message: 'recovered after retries',
    });
  });

  test('goes on in the same file at the next start, without telling anything twice', async () => {
    const first = await played(simulated503);
    const before = logOf(first);
    await first.agent.stop();
    const second = await openAgent({ dataDir: first.dir });
    await second.agent.flush();
    expect(logOf(second)).toEqual(before);
  });

  test('is whole and repeats nothing after a kill between a line and the cursor', async () => {
    const first = await played(recovery);
    const whole = logOf(first);
    await first.agent.stop();
    const cursor = path.join(first.dir, 'cursors', 'file.json');
    // As a kill leaves it: the last lines are missing, and the cursor is behind the ones before.
    const kept = whole.slice(0, -3);
    const text = kept.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    fs.writeFileSync(path.join(first.dir, 'log.json'), text);
    fs.writeFileSync(cursor, JSON.stringify({ seq: 0, version: 1, state: null }));
    const second = await openAgent({ dataDir: first.dir });
    await second.agent.flush();
    expect(logOf(second)).toEqual(whole);
  });

  test('that is made later holds what had happened before it', async () => {
    const first = await played(recovery);
    const whole = logOf(first);
    await first.agent.stop();
    fs.rmSync(path.join(first.dir, 'log.json'));
    fs.rmSync(path.join(first.dir, 'cursors'), { recursive: true });
    const second = await openAgent({ dataDir: first.dir });
    await second.agent.flush();
    expect(logOf(second)).toEqual(whole);
  });

  test.for<[string, readonly string[]]>([
    ['error', ['error']],
    ['warn', ['error', 'warn']],
    ['debug', ['debug', 'error', 'info', 'warn']],
  ])('holds with LOG_LEVEL=%s nothing less', async ([level, levels]) => {
    const v = await openAgent({ healthChecks: true, env: { LOG_LEVEL: level } });
    await v.drive(play(recovery, v.agent, () => {}));
    await v.agent.flush();
    expect([...new Set(logOf(v).map((entry) => entry.level))].toSorted()).toEqual(levels);
  });

  test('is not there while there is nothing to tell', async () => {
    const v = await openAgent();
    await v.drive(v.agent.makeSingleCall(ada));
    await v.agent.flush();
    expect(fs.existsSync(path.join(v.dir, 'log.json'))).toBe(false);
  });

  test('is made with its folder, for its owner alone', async () => {
    const v = await played(simulated503);
    const file = path.join(v.dir, 'deep', 'down', 'errors.json');
    const sink = new FileSink(file);
    for (const record of journalOf(v)) sink.take(record);
    sink.close();
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect(fs.readFileSync(file, 'utf8').split('\n')).toHaveLength(7);
  });
});
