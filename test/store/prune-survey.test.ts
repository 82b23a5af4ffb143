import { describe, expect, test } from 'vitest';
import { defaultRetryPolicy } from '../../machines/backoff.ts';
import { defaultBreakerOptions } from '../../machines/breaker.ts';
import { machines } from '../../machines/registry.ts';
import { AlertFold } from '../../sinks/alerts/fold.ts';
import { defaultAlertSettings } from '../../sinks/alerts/settings.ts';
import { realFileSystem } from '../../store/file-system.ts';
import { Ledger } from '../../store/ledger.ts';
import { pruneJournal, type PruneReport } from '../../store/prune.ts';
import { readJournal } from '../../store/segments.ts';
import {
  agentStarted,
  breakerStory,
  broke,
  callInput,
  failure,
  fired,
  Live,
  wholeCall,
  worked,
} from './live.ts';

const YEAR_MS = 365 * 86_400_000;

/** What a pruning of everything before the last file would remove and leave. */
function pruned({ dir, journal, now }: Live, isDry = true): PruneReport {
  journal.close();
  const retention = { maxAgeMs: YEAR_MS / 2, maxBytes: null };
  const place = { dir, disk: realFileSystem, logic: machines, now: now + YEAR_MS };
  return pruneJournal({ ...place, ...retention, isDry });
}

/** What goes on behind the end of the first file. */
function inNextFile(live: Live, work: (live: Live) => unknown = () => {}): Live {
  live.journal.beginFile();
  live.send('agent', { type: 'agent.stopped' });
  work(live);
  return live;
}

const begun = (): Live => agentStarted(new Live());
const whyLeft = (live: Live): string | undefined => pruned(live).left[0]?.why;
const options = { policy: defaultRetryPolicy, seed: 1, once: false, owned: false };

const permanent = broke({
  category: 'PERMANENT_ERROR',
  kind: 'InvalidPayload',
  scope: 'contact',
  ambiguous: false,
});

const health = (live: Live): Live =>
  live
    .start('health', 'health:CRM', {
      service: 'CRM',
      options: { intervalMs: 30_000, timeoutMs: 5_000 },
      at: live.now,
    })
    .send('health:CRM', fired);

const dialled = (live: Live): Live =>
  live
    .start('call', 'call:0007', callInput('call:0007', { script: {}, speech: {} }))
    .send('call:0007', { type: 'call.begin' });

const inDoubt = (live: Live): Live =>
  dialled(live)
    .send('call:0007/dial', broke({ service: 'Telephony' }))
    .send('call:0007', fired)
    .send('call:0007/lookup', permanent);

/** The CRM refused to take the result. */
const unrecorded = (live: Live): Live =>
  dialled(live)
    .send('call:0007/dial', worked({ call: 'CA1' }))
    .send('call:0007', fired)
    .send('call:0007/follow', worked({ ended: true, disposition: 'busy', durationMs: 0 }))
    .send('call:0007/record', permanent);

describe('a file at whose end all has ended', () => {
  test('can be removed, and the one that is written never is', () => {
    const live = inNextFile(
      health(breakerStory(wholeCall(begun()))).send('health:CRM', { type: 'check.passed' }),
    );
    const { removed, left } = pruned(live);
    expect([removed.length, left]).toEqual([1, []]);
  });

  test('is removed with others before it, of which one alone could not be', () => {
    const live = begun();
    live
      .start('call', 'call:0001', callInput('call:0001'))
      .send('call:0001', { type: 'call.begin' });
    live.journal.beginFile();
    live.send('call:0001/script', permanent);
    expect(pruned(inNextFile(live)).removed).toHaveLength(2);
  });
});

describe('a file stays', () => {
  test.for<[string, (live: Live) => Live, RegExp]>([
    ['a call is under way', dialled, /^at its end call:0007 had not ended$/],
    [
      'a campaign has not ended',
      (live) =>
        live.start('campaign', 'campaign:spring', {
          id: 'campaign:spring',
          total: 1,
          concurrency: 1,
        }),
      /^at its end campaign:spring had not ended$/,
    ],
    [
      'a breaker is open',
      (live) => {
        live.start('breaker', 'breaker:CRM', { service: 'CRM', options: defaultBreakerOptions });
        const failed = {
          type: 'request.failed',
          generation: 0,
          by: 'x',
          corr: 'x',
          error: 'TRANSIENT_ERROR',
        };
        for (let count = 0; count < 3; count++) live.send('breaker:CRM', failed);
        return live;
      },
      /^at its end breaker:CRM was open$/,
    ],
    [
      'a breaker is isolated',
      (live) =>
        live
          .start('breaker', 'breaker:CRM', { service: 'CRM', options: defaultBreakerOptions })
          .send('breaker:CRM', { type: 'breaker.isolate', by: 'test' }),
      /^at its end breaker:CRM was isolated$/,
    ],
    ['a service is being checked', health, /^at its end health:CRM was checking$/],
    [
      'a service is down',
      (live) => health(live).send('health:CRM', { type: 'check.failed', error: failure() }),
      /^at its end health:CRM was unhealthy$/,
    ],
    ['nobody knows whether a contact was called', inDoubt, /^contact 0007 may have been called$/],
    ['the CRM lacks a result', unrecorded, /^contact 0007 has a result the CRM lacks$/],
  ])('when at its end %s', ([, work, why]) => {
    const live = inNextFile(work(begun()));
    expect(whyLeft(live)).toMatch(why);
  });

  const alert = (live: Live, rule: string): Live => {
    const event = { type: 'xstate.init', input: { id: 'alert:1', rule } };
    const context = { id: 'alert:1', rule };
    const birth = { actor: 'alert:1', machine: 'incident', event, from: null, to: 'firing' };
    live.journal.append({ ...birth, context }, live.now);
    return live;
  };

  test.for(['account.error', 'channel.failing', 'campaign.paused', 'service.down'])(
    'when at its end an alert is open that still holds: %s',
    (rule) => {
      const live = inNextFile(alert(begun(), rule));
      expect(whyLeft(live)).toBe('at its end alert:1 had not ended');
    },
  );

  test.for(['call.failed', 'error.rate', 'latency.high'])(
    'but not when it is one that ends when it is calm: %s',
    (rule) => {
      const { removed, left } = pruned(inNextFile(alert(begun(), rule)));
      expect([removed.length, left.length]).toEqual([1, 0]);
    },
  );

  test('when an actor is in the middle of a turn', () => {
    const live = begun();
    const step = { event: { type: 'agent.stopped', at: live.now }, from: 'running', to: 'stopped' };
    live.journal.append({ actor: 'agent', machine: 'agent', ...step }, live.now);
    live.journal.beginFile();
    live.journal.append({ actor: 'agent', machine: 'agent', ...step, step: 2 }, live.now);
    expect(whyLeft(live)).toBe('at its end an actor was in the middle of a turn');
  });
});

test('what was in doubt or owed is no reason any more when it has been settled later', () => {
  const doubt = inNextFile(inDoubt(begun()), (live) => {
    const event = {
      type: 'contact.decided',
      at: live.now,
      contact: '0007',
      verdict: 'skip',
      by: 'test',
    };
    live.journal.append(
      { actor: 'agent', machine: 'agent', event, from: 'stopped', to: 'stopped' },
      live.now,
    );
  });
  expect(pruned(doubt).removed).toHaveLength(1);
  const owed = inNextFile(unrecorded(begun()), (live) =>
    live
      .start('request', 'record:0007', {
        id: 'record:0007',
        service: 'CRM',
        operation: 'record',
        payload: {},
        corr: 'call:0007',
        at: live.now,
        ...options,
      })
      .send('record:0007', worked()),
  );
  expect(pruned(owed).removed).toHaveLength(1);
});

test('a breaker whose version nobody has noted keeps all its lines', () => {
  const live = breakerStory(agentStarted(new Live(), {}));
  inNextFile(live);
  expect(() => pruned(live, false)).toThrow(
    /^Nothing was removed from the journal: nobody noted by which version breaker:ElevenLabs was written/,
  );
});

test('more contacts than a block holds are the same by their base, also those of several tries', () => {
  const live = begun();
  for (let index = 1; index <= 140; index++) {
    const id = `call:${String(index).padStart(4, '0')}`;
    live.start('call', id, callInput(id)).send(id, { type: 'call.begin' });
    live.send(
      `${id}/script`,
      index % 3 === 0 ? permanent : { type: 'attempt.refused', retryAt: 5, error: failure() },
    );
    if (index % 3 === 1) wholeCall(live, `${id}.2`);
  }
  inNextFile(live);
  const known = (): unknown => {
    const ledger = new Ledger();
    readJournal(live.dir, (record) => ledger.apply(record));
    return [ledger.entries(), [...ledger.deferred('spring')], ledger.unknown(), ledger.owed()];
  };
  const before = known();
  expect(pruned(live, false).removed).toHaveLength(1);
  expect(known()).toEqual(before);
});

test('a trouble that the removed lines have seen the end of is none by their base', () => {
  const account = broke({
    category: 'PERMANENT_ERROR',
    kind: 'Quota',
    scope: 'account',
    service: 'LLM',
  });
  const live = begun();
  live
    .start('request', 'request:LLM:3', {
      id: 'request:LLM:3',
      service: 'LLM',
      operation: 'call',
      payload: {},
      corr: null,
      at: live.now,
      ...options,
    })
    .send('request:LLM:3', account);
  // Its request below a call works: the account is accepted again.
  wholeCall(live);
  inNextFile(live);
  const troubles = (): unknown => {
    const fold = new AlertFold(defaultAlertSettings);
    readJournal(live.dir, (record) => fold.apply(record));
    fold.touchAll();
    return fold.takeDirty().map((key) => fold.condition(key, live.now));
  };
  const held = (): unknown[] => (troubles() as unknown[]).filter((one) => one !== null);
  expect(held()).toEqual([]);
  expect(pruned(live, false).removed).toHaveLength(1);
  expect(held()).toEqual([]);
});
