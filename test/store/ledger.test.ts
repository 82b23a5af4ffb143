import { describe, expect, test } from 'vitest';
import { defaultRetryPolicy } from '../../machines/backoff.ts';
import { Ledger } from '../../store/ledger.ts';
import { broke, callInput, failure, Live, wholeCall, worked } from './live.ts';
import { recordsIn, START } from './support.ts';

function ledgerOf(live: Live): Ledger {
  const ledger = new Ledger();
  for (const record of recordsIn(live.dir)) ledger.apply(record);
  return ledger;
}

/** A service's breaker said no, and when to ask again. */
const refused = (retryAt: number) => ({
  type: 'attempt.refused',
  retryAt,
  error: failure({ category: 'CIRCUIT_BREAKER_OPEN' }),
});

const begin = (live: Live, id: string, more: object = {}): Live =>
  live.start('call', id, callInput(id, more)).send(id, { type: 'call.begin' });

const permanent = broke({
  category: 'PERMANENT_ERROR',
  kind: 'InvalidPayload',
  scope: 'contact',
  ambiguous: false,
});

/** A call whose result the CRM refused to take. */
function unrecorded(live: Live, id: string): Live {
  return begin(live, id, { script: { artefact: 'a' }, speech: { artefact: 'b' } })
    .send(`${id}/dial`, worked({ call: 'CA1' }))
    .send(id, { type: 'timer.fired' })
    .send(`${id}/follow`, worked({ ended: true, disposition: 'busy', durationMs: 0 }))
    .send(`${id}/record`, refused(START + 99_000));
}

const record = (live: Live, id: string): Live =>
  live.start('request', id, {
    id,
    service: 'CRM',
    operation: 'record',
    payload: {},
    once: false,
    owned: false,
    policy: defaultRetryPolicy,
    seed: 1,
    corr: 'call:0001',
    at: live.now,
  });

describe('a contact', () => {
  test('is active while its call goes on', () => {
    const live = begin(new Live(), 'call:0007').send('call:0007/script', worked({ artefact: 'a' }));
    expect(ledgerOf(live).get('0007')).toMatchObject({
      contact: '0007',
      campaign: 'spring',
      status: 'active',
      script: { artefact: 'a' },
      speech: null,
      attempts: { LLM: 1 },
      tries: 1,
      root: 'call:0007',
      worker: 0,
    });
  });

  test('that nobody called is not known', () => {
    expect(ledgerOf(new Live()).get('0007')).toBeUndefined();
  });

  test('is completed with all that its call came to', () => {
    const entry = ledgerOf(wholeCall(new Live())).get('0007');
    expect(entry).toMatchObject({
      status: 'completed',
      disposition: 'answered',
      crm: 'done',
      error: null,
      attempts: { LLM: 1, ElevenLabs: 2, Telephony: 2, CRM: 1 },
      durationMs: 31_000,
      placed: { call: 'CA1' },
      script: { artefact: 'aa.txt' },
      speech: { artefact: 'bb.mp3' },
      retryAt: null,
    });
    expect(entry?.steps.map(({ service, ok }) => [service, ok])).toEqual([
      ['LLM', true],
      ['ElevenLabs', true],
      ['Telephony', false],
      ['Telephony', true],
      ['CRM', true],
    ]);
  });

  test('is failed with its error', () => {
    const live = begin(new Live(), 'call:0007').send('call:0007/script', permanent);
    expect(ledgerOf(live).get('0007')).toMatchObject({
      status: 'failed',
      error: { category: 'PERMANENT_ERROR', scope: 'contact' },
      attempts: { LLM: 1 },
      disposition: null,
    });
  });

  test('is unknown when the look-ups say nothing', () => {
    const live = begin(new Live(), 'call:0007', { script: {}, speech: {} })
      .send('call:0007/dial', broke({ service: 'Telephony' }))
      .send('call:0007', { type: 'timer.fired' })
      .send('call:0007/lookup', permanent);
    expect(ledgerOf(live).get('0007')).toMatchObject({ status: 'unknown' });
  });

  test('is unknown when its call died of a defect', () => {
    const live = begin(new Live(), 'call:0007');
    live.journal.append(
      {
        actor: 'call:0007',
        machine: 'call',
        event: { type: 'actor.failed', message: 'defect' },
        from: 'scripting',
        to: 'error',
        done: true,
      },
      live.now,
    );
    expect(ledgerOf(live).get('0007')?.status).toBe('unknown');
  });

  test('is skipped on the word of its campaign, without a call', () => {
    const live = new Live()
      .start('campaign', 'campaign:spring', { id: 'campaign:spring', total: 2, concurrency: 1 })
      .send('campaign:spring', { type: 'campaign.begin' })
      .send('campaign:spring', {
        type: 'contact.settled',
        worker: 0,
        contact: '0003',
        status: 'skipped',
        error: null,
      });
    expect(ledgerOf(live).get('0003')).toMatchObject({
      contact: '0003',
      campaign: 'spring',
      status: 'skipped',
      attempts: {},
      tries: 0,
    });
  });

  test('keeps what its call says when the campaign settles it', () => {
    const live = wholeCall(new Live())
      .start('campaign', 'campaign:spring', { id: 'campaign:spring', total: 2, concurrency: 1 })
      .send('campaign:spring', { type: 'campaign.begin' })
      .send('campaign:spring', {
        type: 'contact.settled',
        worker: 0,
        contact: '0007',
        status: 'completed',
        error: null,
      });
    expect(ledgerOf(live).get('0007')).toMatchObject({ status: 'completed', crm: 'done' });
  });
});

describe('another try', () => {
  test('adds its attempts to those of the tries before, and keeps what they made', () => {
    const live = begin(new Live(), 'call:0007')
      .send('call:0007/script', worked({ artefact: 'a' }))
      .send('call:0007/speech', broke())
      .send('call:0007/speech', { type: 'timer.fired' })
      .send('call:0007/speech', refused(START + 60_000));
    const first = ledgerOf(live).get('0007');
    expect(first).toMatchObject({ status: 'deferred', attempts: { LLM: 1, ElevenLabs: 1 } });
    begin(live, 'call:0007.2', { script: { artefact: 'a' }, worker: 4 });
    expect(ledgerOf(live).get('0007')).toMatchObject({
      status: 'active',
      attempts: { LLM: 1, ElevenLabs: 1 },
      error: null,
      retryAt: null,
      tries: 2,
      root: 'call:0007.2',
      worker: 4,
      script: { artefact: 'a' },
    });
    live.send('call:0007.2/speech', broke()).send('call:0007.2/speech', { type: 'timer.fired' });
    live.send('call:0007.2/speech', worked({ artefact: 'b' }));
    live.send('call:0007.2/dial', refused(START + 90_000));
    begin(live, 'call:0007.3', { script: { artefact: 'a' }, speech: { artefact: 'b' } });
    live.send('call:0007.3/dial', permanent);
    expect(ledgerOf(live).get('0007')).toMatchObject({
      status: 'failed',
      attempts: { LLM: 1, ElevenLabs: 3, Telephony: 1 },
      tries: 3,
    });
  });
});

describe('the deferred of a campaign', () => {
  const defer = (live: Live, id: string, retryAt: number, more: object = {}): Live =>
    begin(live, id, more).send(`${id}/script`, refused(retryAt));

  test('stand in the order in which they were put back', () => {
    const live = new Live();
    for (const [id, retryAt] of [
      ['call:0003', 30],
      ['call:0001', 10],
      ['call:0002', 20],
    ] as const) {
      defer(live, id, retryAt);
    }
    defer(live, 'call:0009', 90, { campaign: 'autumn' });
    const ledger = ledgerOf(live);
    expect([...ledger.deferred('spring')]).toEqual([
      ['0003', 30],
      ['0001', 10],
      ['0002', 20],
    ]);
    expect([...ledger.deferred('autumn')]).toEqual([['0009', 90]]);
    expect([...ledger.deferred('winter')]).toEqual([]);
  });

  test('leave the queue when they are tried again, and come back at its end', () => {
    const live = new Live();
    defer(live, 'call:0001', 10);
    defer(live, 'call:0002', 20);
    begin(live, 'call:0001.2');
    expect([...ledgerOf(live).deferred('spring')]).toEqual([['0002', 20]]);
    live.send('call:0001.2/script', refused(50));
    expect([...ledgerOf(live).deferred('spring')]).toEqual([
      ['0002', 20],
      ['0001', 50],
    ]);
  });

  test('wait for no time of their own when an account error put them back', () => {
    const live = begin(new Live(), 'call:0001').send(
      'call:0001/script',
      broke({ category: 'PERMANENT_ERROR', kind: 'Quota', scope: 'account' }),
    );
    const ledger = ledgerOf(live);
    expect([...ledger.deferred('spring')]).toEqual([['0001', null]]);
    expect(ledger.get('0001')).toMatchObject({ status: 'deferred', error: { scope: 'account' } });
  });

  test('are of a campaign: a single call is in no queue', () => {
    const live = defer(new Live(), 'call:0001', 10, { campaign: null, worker: null });
    const ledger = ledgerOf(live);
    expect(ledger.get('0001')).toMatchObject({ status: 'deferred', retryAt: 10, campaign: null });
    expect([...ledger.deferred('null')]).toEqual([]);
  });
});

describe('a result that the CRM does not have', () => {
  test('is owed, and the contact completed', () => {
    const ledger = ledgerOf(unrecorded(new Live(), 'call:0001'));
    expect(ledger.get('0001')).toMatchObject({
      status: 'completed',
      disposition: 'busy',
      crm: 'pending',
      error: null,
    });
    expect(ledger.owed()).toEqual(['0001']);
    expect(ledger.records('0001')).toBe(0);
  });

  test('is owed until a write succeeds; each counts as an attempt', () => {
    const live = unrecorded(new Live(), 'call:0001');
    record(live, 'record:0001').send('record:0001', permanent);
    const still = ledgerOf(live);
    expect(still.owed()).toEqual(['0001']);
    expect(still.get('0001')).toMatchObject({ crm: 'pending', attempts: { CRM: 1 } });
    record(live, 'record:0001.2').send('record:0001.2', worked());
    const ledger = ledgerOf(live);
    expect(ledger.owed()).toEqual([]);
    expect(ledger.get('0001')).toMatchObject({ crm: 'done', attempts: { CRM: 2 } });
    expect(ledger.records('0001')).toBe(2);
  });

  test('of an unknown contact is nobody’s', () => {
    const live = record(new Live(), 'record:0404').send('record:0404', worked());
    expect(ledgerOf(live).get('0404')).toBeUndefined();
    expect(ledgerOf(live).records('0404')).toBe(0);
  });
});

describe('a campaign', () => {
  test('is known from its birth on', () => {
    const ledger = new Ledger();
    expect(ledger.hasCampaign('spring')).toBe(false);
    const live = new Live().start('campaign', 'campaign:spring', {
      id: 'campaign:spring',
      total: 0,
      concurrency: 1,
    });
    for (const line of recordsIn(live.dir)) ledger.apply(line);
    expect(ledger.hasCampaign('spring')).toBe(true);
    expect(ledger.hasCampaign('autumn')).toBe(false);
  });

  test('finds the contact that its worker has begun', () => {
    const live = begin(new Live(), 'call:0001', { worker: 0 });
    begin(live, 'call:0002', { worker: 1 });
    begin(live, 'call:0003', { worker: 1, campaign: 'autumn' });
    begin(live, 'call:0004', { worker: null, campaign: null });
    const ledger = ledgerOf(live);
    expect(ledger.byWorker('spring', 0)).toBe('0001');
    expect(ledger.byWorker('spring', 1)).toBe('0002');
    expect(ledger.byWorker('autumn', 1)).toBe('0003');
    expect(ledger.byWorker('spring', 2)).toBeUndefined();
  });
});
