import { describe, expect, test } from 'vitest';
import { Model } from '../../../sinks/dashboard/model/model.ts';
import { figuresOf, noRecent, noteAttempt, slots } from '../../../sinks/dashboard/model/recent.ts';
import { applyBreaker, newService, openShare } from '../../../sinks/dashboard/model/services.ts';
import { contactsOf } from '../../../sinks/dashboard/server/queries.ts';
import { timelineOf } from '../../../sinks/dashboard/model/timeline.ts';
import { golden } from './support.ts';

function modelOf(name: string, until = Infinity): Model {
  const model = new Model();
  for (const record of golden(name)) if (record.seq <= until) model.apply(record);
  return model;
}

describe('what the pages show', () => {
  test('a service: breaker, its next probe, health, and who moved it', () => {
    const opened = golden('recovery').find(
      ({ machine, to, from }) => machine === 'breaker' && to === 'open' && from === 'closed',
    );
    const service = modelOf('recovery', opened?.seq).services.get('ElevenLabs');
    expect(service).toMatchObject({ breaker: 'open', opens: 1, dueAt: (opened?.at ?? 0) + 60_000 });
    expect(service?.moves.at(-1)).toMatchObject({ seq: opened?.seq, from: 'closed', to: 'open' });
    expect(service?.lastError?.error).toMatchObject({ status: 503 });
  });

  test('the share of time that a service was not closed', () => {
    const service = modelOf('recovery').services.get('ElevenLabs');
    if (!service) throw new Error('no service');
    const share = openShare(service, golden('recovery').at(-1)?.at ?? 0);
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.9);
    expect(openShare({ ...service, openSince: null, openMs: 0 }, service.bornAt + 1)).toBe(0);
  });

  test('a service that a person took out of use counts as not in use', () => {
    const service = newService('CRM', 1_000);
    const move = (seq: number, at: number, from: string, to: string) =>
      applyBreaker(service, {
        ...golden('recovery')[0]!,
        seq,
        at,
        from,
        to,
        actor: 'breaker:CRM',
        machine: 'breaker',
        context: {},
      });
    move(1, 2_000, 'closed', 'isolated');
    expect(openShare(service, 3_000)).toBe(0.5);
    move(2, 3_000, 'isolated', 'closed');
    expect(openShare(service, 5_000)).toBe(0.25);
  });

  test('a campaign: why it waits', () => {
    const holding = golden('recovery').find(
      ({ machine, to }) => machine === 'campaign' && to === 'holding',
    );
    const [campaign] = modelOf('recovery', holding?.seq).campaigns.values();
    expect(campaign).toMatchObject({ state: 'holding', heldBy: 'ElevenLabs', total: 6 });
  });

  test('contacts: how each call ended, and what it waits for on the way', () => {
    const calls = [...modelOf('recovery').calls.values()];
    expect(calls.map(({ status }) => status).toSorted()).toEqual([
      ...Array<string>(3).fill('completed'),
      ...Array<string>(3).fill('failed'),
    ]);
    const all = { status: null, reason: null, offset: 0, limit: 100 };
    expect(contactsOf(modelOf('recovery'), { ...all, campaign: 'six' }).total).toBe(6);
    const waiting = golden('recovery').find(
      ({ to, machine }) => machine === 'request' && to === 'waiting',
    );
    const call = modelOf('recovery', waiting?.seq).calls.get('0001');
    expect(call).toMatchObject({
      status: 'active',
      failedAttempts: 1,
      waitsUntil: (waiting?.at ?? 0) + 5_000,
    });
  });

  test('stays small: what it keeps of a service does not grow with the journal', () => {
    const recent = noRecent();
    for (let at = 0; at < 3_600_000; at += 20) noteAttempt(recent, at, at % 1000 === 0, 100);
    expect(recent.buckets.length).toBeLessThanOrEqual(24);
    const latencies = recent.buckets.flatMap((bucket) => bucket.latencies);
    expect(latencies.length).toBeLessThanOrEqual(24 * 50);
  });

  test('figures of the last two minutes, older attempts forgotten', () => {
    const recent = noRecent();
    noteAttempt(recent, 0, false, 9_000);
    for (let index = 0; index < 10; index++) noteAttempt(recent, 200_000, index > 1, 100 * index);
    expect(figuresOf(recent, 200_000)).toMatchObject({
      attempts: 10,
      errorRate: 0.2,
      p50: 400,
      p99: 900,
    });
    expect(figuresOf(recent, 900_000)).toMatchObject({ attempts: 0, p50: null, p99: null });
    expect(slots(recent, 200_000)).toHaveLength(24);
    expect(slots(recent, 200_000).at(-1)).toMatchObject({ ok: 8, failed: 2 });
    expect(figuresOf(noRecent(), 0)).toEqual({
      attempts: 0,
      errorRate: null,
      p50: null,
      p95: null,
      p99: null,
    });
  });
});

describe('the timeline of a call', () => {
  const records = golden('simulated-503').filter(
    ({ corr, actor }) => corr === 'call:0001' || actor.startsWith('call:0001'),
  );

  test('shows attempts and the waits between them', () => {
    const lanes = timelineOf(records);
    expect(lanes.map(({ name, service }) => [name, service])).toEqual([
      ['script', 'LLM'],
      ['speech', 'ElevenLabs'],
    ]);
    const spans = lanes[1]?.spans ?? [];
    expect(spans.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
      'attempt failed',
      'wait ok',
      'attempt failed',
      'wait ok',
      'attempt failed',
      'wait ok',
      'attempt failed',
    ]);
    const waits = spans
      .filter(({ kind }) => kind === 'wait')
      .map(({ from, to }) => (to ?? 0) - from);
    expect(waits).toEqual([5_000, 10_000, 20_000]);
  });

  test('what goes on has no end yet', () => {
    const upToWait = records.slice(0, records.findIndex(({ to }) => to === 'waiting') + 1);
    expect(timelineOf(upToWait).at(-1)?.spans.at(-1)).toMatchObject({
      kind: 'wait',
      outcome: null,
      to: null,
    });
  });
});
