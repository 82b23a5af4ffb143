import { describe, expect, test } from 'vitest';
import { telephonyErrorBody } from '../../../scenarios/world/telephony-errors.ts';
import { ACCOUNT, dial, openWorld, telephone, TRANSPORTS } from './support.ts';

const TO = '+14155550111';

describe.each(TRANSPORTS)('%s', (transport) => {
  test('places a call and notes the dial', async () => {
    const opened = await openWorld(transport);
    const response = await dial(opened, TO);
    expect(response.status).toBe(201);
    expect(response.headers.get('twilio-request-id')).toMatch(/^RQ/);
    const call = (await response.json()) as { sid: string };
    expect(call).toMatchObject({
      sid: expect.stringMatching(/^CA[0-9a-f]{32}$/),
      status: 'queued',
      to: TO,
      from: '+14155550100',
      date_created: 'Mon, 21 Sep 2026 14:13:20 +0000',
      start_time: null,
      end_time: null,
      duration: null,
      answered_by: null,
      price: null,
      uri: `${ACCOUNT}/Calls/${call.sid}.json`,
    });
    expect(opened.world.dials).toEqual([{ to: TO, sid: call.sid, at: opened.clock.now() }]);
  });

  test('moves the status of a call on with the clock', async () => {
    const opened = await openWorld(transport);
    const { uri } = (await (await dial(opened, TO)).json()) as { uri: string };
    const seen: unknown[] = [];
    for (const stepMs of [499, 1, 1499, 1, 5199]) {
      await opened.clock.advance(stepMs);
      seen.push((await telephone(opened, uri))['status']);
    }
    expect(seen).toEqual(['queued', 'ringing', 'ringing', 'in-progress', 'in-progress']);
    await opened.clock.advance(1);
    expect(await telephone(opened, uri)).toMatchObject({
      status: 'completed',
      duration: '5',
      answered_by: 'human',
      start_time: 'Mon, 21 Sep 2026 14:13:20 +0000',
      end_time: 'Mon, 21 Sep 2026 14:13:27 +0000',
    });
  });

  test('finds the calls to a number by start time, newest first', async () => {
    const opened = await openWorld(transport);
    const startedAt = opened.clock.now();
    await dial(opened, TO);
    await dial(opened, '+14155550122');
    await opened.clock.advance(60_000);
    await dial(opened, TO);
    const since = (ms: number) =>
      telephone(
        opened,
        `${ACCOUNT}/Calls.json?To=%2B14155550111&StartTime>=${new Date(startedAt + ms).toISOString()}`,
      );
    expect(await since(0)).toMatchObject({
      calls: [{ status: 'queued' }, { status: 'completed' }],
      page: 0,
      page_size: 50,
      next_page_uri: null,
    });
    expect((await since(30_000))['calls']).toHaveLength(1);
    expect((await since(90_000))['calls']).toEqual([]);
    const paged = await telephone(opened, `${ACCOUNT}/Calls.json?PageSize=2`);
    expect(paged['calls']).toHaveLength(2);
    expect((await telephone(opened, String(paged['next_page_uri'])))['calls']).toHaveLength(1);
  });

  test('shows the account for a health check', async () => {
    const opened = await openWorld(transport);
    expect(await telephone(opened, `${ACCOUNT}.json`)).toMatchObject({
      sid: 'AC1',
      status: 'active',
      friendly_name: expect.any(String),
    });
    expect(opened.world.counts.Telephony).toEqual({ work: 0, health: 1, other: 0 });
  });
});

test.each([
  ['busy', 2_000, { status: 'busy', duration: '0', answered_by: null }],
  ['no-answer', 20_000, { status: 'no-answer', duration: '0', answered_by: null }],
  ['failed', 500, { status: 'failed', duration: '0', answered_by: null }],
  ['voicemail', 7_200, { status: 'completed', answered_by: 'machine_end_beep' }],
  ['answered', 7_200, { status: 'completed', answered_by: 'human' }],
] as const)('ends a call as %s after %d ms', async (outcome, afterMs, expected) => {
  const opened = await openWorld('in process');
  opened.world.setOutcome(TO, outcome);
  const { uri } = (await (await dial(opened, TO)).json()) as { uri: string };
  await opened.clock.advance(afterMs - 1);
  expect((await telephone(opened, uri))['end_time']).toBeNull();
  await opened.clock.advance(1);
  expect(await telephone(opened, uri)).toMatchObject(expected);
});

test('times calls as configured', async () => {
  const callTimings = { ringAfterMs: 0, answerAfterMs: 0, talkMs: 61_999 };
  const opened = await openWorld('in process', { callTimings });
  const { uri } = (await (await dial(opened, TO)).json()) as { uri: string };
  expect((await telephone(opened, uri))['status']).toBe('in-progress');
  await opened.clock.advance(61_999);
  expect((await telephone(opened, uri))['duration']).toBe('61');
});

test.each([
  [{ To: '', From: '+1415' }, 21201],
  [{ To: TO, From: '' }, 21213],
  [{ To: '555', From: TO }, 21211],
  [{ To: TO, From: 'me' }, 21212],
  [{ To: TO, From: TO, Twiml: '' }, 21205],
  [{ To: '+15005550004', From: TO }, 21216],
])('refuses %j with %i and dials nobody', async (form, code) => {
  const opened = await openWorld('in process');
  const body = new URLSearchParams({ Twiml: '<Response/>', ...form });
  const response = await dial(opened, '', { body });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code, status: 400 });
  expect(opened.world.dials).toEqual([]);
});

test('answers errors in its own shape', async () => {
  const opened = await openWorld('in process');
  expect(await telephone(opened, `${ACCOUNT}/Calls/CA0.json`)).toMatchObject({ code: 20404 });
  expect(await telephone(opened, `${ACCOUNT}/Calls.json?StartTime>=soon`)).toMatchObject({
    code: 20001,
  });
  expect(await telephone(opened, `${ACCOUNT}/Calls/%E0.json`)).toMatchObject({ status: 400 });
  const noKey = await dial(opened, TO, { headers: {} });
  expect(await noKey.json()).toEqual({
    code: 20003,
    message: 'Authenticate',
    more_info: 'https://www.twilio.com/docs/errors/20003',
    status: 401,
  });
  expect(telephonyErrorBody(504)).toMatchObject({ code: 20500, status: 504 });
});

test('refuses timings and outcomes that make no sense', async () => {
  const opening = openWorld('in process', { callTimings: { talkMs: -1 } });
  await expect(opening).rejects.toThrow(new RangeError('talkMs must be at least 0, got -1'));
  await expect(openWorld('in process', { callTimings: { answerAfterMs: 1 } })).rejects.toThrow(
    'answerAfterMs must be at least ringAfterMs',
  );
  const { world } = await openWorld('in process');
  expect(() => world.setOutcome(TO, 'gone' as never)).toThrow('outcome must be one of');
});
