import { describe, expect, test } from 'vitest';
import { Metrics } from '../../../sinks/metrics/projection.ts';
import type { JournalRecord } from '../../../store/record.ts';
import { exposition, goldenRecords, measured } from './golden.ts';

const throughDisk = (state: unknown): unknown => JSON.parse(JSON.stringify(state)) as unknown;

/** The value of one line of an exposition. */
function valueOf(text: string, line: string): number | null {
  const found = text.split('\n').find((it) => it.startsWith(`${line} `));
  return found === undefined ? null : Number(found.slice(line.length + 1));
}

/** A journal's lines about another service. */
const renamed = (records: readonly JournalRecord[], to: string): JournalRecord[] =>
  records.map(
    (record) => JSON.parse(JSON.stringify(record).replaceAll('ElevenLabs', to)) as JournalRecord,
  );

const AN_HOUR = 3_600_000;
let seq = 0;
const line = (at: number, type: string): JournalRecord =>
  ({
    v: 1,
    seq: ++seq,
    at,
    actor: 'agent',
    machine: 'agent',
    event: { type, at },
    from: 'running',
    to: 'running',
    crc: '',
  }) as JournalRecord;

describe('metrics', () => {
  test.for(['recovery', 'full-demo', 'normal-call', 'outage-503', 'simulated-503'])(
    'of %s go on from a snapshot taken after any line as if all had been read',
    async (name) => {
      const records = goldenRecords(name);
      const whole = await exposition(measured(records));
      for (let cut = 0; cut < records.length; cut += 5) {
        const rest = new Metrics();
        rest.restore(throughDisk(measured(records.slice(0, cut)).snapshot()));
        for (const record of records.slice(cut)) rest.apply(record);
        expect(await exposition(rest)).toBe(whole);
        expect(rest.figures()).toEqual(measured(records).figures());
      }
    },
  );

  test('count attempts, retries, requests and contacts of an outage', async () => {
    const text = await exposition(measured(goldenRecords('recovery')));
    const values = {
      'call_agent_attempts_total{service="ElevenLabs",operation="speech",outcome="failed"}': 13,
      'call_agent_retries_total{service="ElevenLabs"}': 9,
      'call_agent_requests_total{service="ElevenLabs",operation="speech",status="failed"}': 3,
      'call_agent_breaker_state{service="ElevenLabs",state="closed"}': 1,
      'call_agent_contacts{state="completed"}': 3,
      'call_agent_contacts{state="failed"}': 3,
      'call_agent_campaigns{state="done"}': 1,
      call_agent_calls_active: 0,
      'call_agent_attempt_duration_seconds_count{service="ElevenLabs",outcome="failed"}': 13,
      'call_agent_attempt_duration_seconds_bucket{service="ElevenLabs",outcome="failed",le="0.25"}': 0,
      'call_agent_attempt_duration_seconds_bucket{service="ElevenLabs",outcome="failed",le="0.5"}': 13,
      'call_agent_attempt_duration_seconds_bucket{service="ElevenLabs",outcome="failed",le="+Inf"}': 13,
      'call_agent_breaker_recovery_seconds_sum{service="ElevenLabs"}': 102.5,
      'call_agent_sink_queue_depth{sink="file"}': 3,
    };
    for (const [name, value] of Object.entries(values))
      expect([name, valueOf(text, name)]).toEqual([name, value]);
  });

  test('have a service’s counters at 0 before anything has happened to it', async () => {
    const records = goldenRecords('recovery');
    const born = records.findLastIndex(
      ({ machine, from }) => machine === 'breaker' && from === null,
    );
    const text = await exposition(measured(records.slice(0, born + 1)));
    for (const name of [
      'breaker_transitions_total{service="ElevenLabs",from="closed",to="open"}',
      'retried_requests_total{service="CRM",status="failed"}',
      'requests_total{service="Telephony",operation="dial",status="failed"}',
      'retries_total{service="LLM"}',
      'breaker_recovery_seconds_count{service="LLM"}',
    ]) {
      expect([name, valueOf(text, `call_agent_${name}`)]).toEqual([name, 0]);
    }
  });

  test('time answers without our own wait for a turn, and not those of looks', async () => {
    const records = goldenRecords('normal-call').map((record) =>
      record.actor === 'call:0001/dial' && record.event.type === 'attempt.succeeded'
        ? {
            ...record,
            event: { ...record.event, at: record.at, heldMs: 90_000 },
            at: record.at + 90_000,
          }
        : record,
    );
    const at = (name: string): number | null =>
      valueOf(text, `call_agent_attempt_duration_seconds_${name}`);
    const text = await exposition(measured(records));
    const dials = '{service="Telephony",outcome="succeeded"}';
    const dialled = records.filter(({ actor }) => actor === 'call:0001/dial');
    const [first, last] = [dialled[0], dialled.at(-1)];
    const seconds = ((last?.at ?? 0) - (first?.at ?? 0) - 90_000) / 1_000;
    expect(seconds).toBeGreaterThan(0);
    expect([at(`count${dials}`), at(`sum${dials}`)]).toEqual([1, seconds]);
  });

  test('know contacts while a campaign is under way', async () => {
    const records = goldenRecords('recovery');
    const open = records.findIndex(
      ({ actor, to }) => actor === 'breaker:ElevenLabs' && to === 'open',
    );
    const text = await exposition(measured(records.slice(0, open + 1)));
    const states = ['queued', 'active', 'completed', 'failed'].map((state) =>
      valueOf(text, `call_agent_contacts{state="${state}"}`),
    );
    expect(states.reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBe(6);
    expect(valueOf(text, 'call_agent_breaker_state{service="ElevenLabs",state="open"}')).toBe(1);
  });

  test('hold no name, no number and no id of a call', async () => {
    const text = await exposition(measured(goldenRecords('recovery')));
    expect(text).not.toMatch(/call:|"000\d|\+1415|Lovelace/);
  });

  test('leave the deliveries of alerts out', async () => {
    const metrics = measured(renamed(goldenRecords('recovery'), 'channel:email'));
    expect(metrics.figures().errorRate.value).toBe(0);
    expect(metrics.figures().circuitBreakerOpensPerHour.value).toBe(0);
    expect(await exposition(metrics)).not.toContain('channel');
  });

  test('have a label for no more than 50 services', async () => {
    const records = goldenRecords('simulated-503');
    const metrics = new Metrics();
    for (let n = 0; n < 60; n++)
      for (const record of renamed(records, `mine ${n}`)) metrics.apply(record);
    const text = await exposition(metrics);
    const services = new Set(text.match(/retries_total\{service="[^"]*"/g));
    expect(services.size).toBeLessThanOrEqual(51);
    expect(services).toContain('retries_total{service="other"');
  });

  test('have no more labels after a restart', async () => {
    const records = goldenRecords('simulated-503');
    let metrics = new Metrics();
    for (let start = 0; start < 3; start++) {
      const saved = throughDisk(metrics.snapshot());
      metrics = new Metrics();
      metrics.restore(saved);
      for (let n = 0; n < 25; n++)
        for (const record of renamed(records, `mine ${start} ${n}`)) metrics.apply(record);
    }
    const services = new Set((await exposition(metrics)).match(/retries_total\{service="[^"]*"/g));
    expect(services.size).toBe(51);
  });

  test('count hours only while the agent ran', () => {
    const opens = goldenRecords('recovery').filter(
      ({ machine, to, from }) => machine === 'breaker' && from === 'closed' && to === 'open',
    );
    const metrics = new Metrics();
    const story = [
      line(0, 'agent.started'),
      line(1 * AN_HOUR, 'tick'),
      line(2 * AN_HOUR, 'agent.stopped'),
      // Closed with the next start's first words, of whatever kind they are.
      line(90 * AN_HOUR, 'breaker.reset'),
      line(92 * AN_HOUR, 'tick'),
      // Killed, and started again.
      line(192 * AN_HOUR, 'agent.started'),
    ];
    for (const record of story) metrics.apply({ ...record, at: record.at + 1 });
    for (const record of opens) metrics.apply({ ...record, at: 192 * AN_HOUR + 1 });
    expect(metrics.figures().circuitBreakerOpensPerHour.value).toBe(0.25);
  });
});
