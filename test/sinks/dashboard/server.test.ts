import { describe, expect, test } from 'vitest';
import { UserError } from '../../../errors.ts';
import { LockedError } from '../../../store/lock.ts';
import { golden, journalFolder, openDashboard } from './support.ts';

describe('what is served', () => {
  test('the page, compressed, allowed to load from here alone', async () => {
    const { ask } = await openDashboard(journalFolder('normal-call').dir);
    const { status, headers } = await ask('/', { headers: { 'accept-encoding': 'gzip' } });
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-encoding': 'gzip',
      'x-content-type-options': 'nosniff',
    });
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
  });

  test('the whole first page weighs less than 100 kB', async () => {
    const { ask } = await openDashboard(journalFolder('recovery').dir);
    const gzip = { headers: { 'accept-encoding': 'gzip' } };
    const { text: page } = await ask('/');
    const parts = [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(
      ([, address = '']) => address,
    );
    expect(parts.length).toBeGreaterThan(1);
    const sizes = await Promise.all(
      ['/', ...parts].map(async (part) =>
        Number((await ask(part, gzip)).headers['content-length']),
      ),
    );
    const overview = (await ask('/api/overview')).text.length;
    expect(sizes.reduce((a, b) => a + b, 0) + overview).toBeLessThan(100_000);
  });

  test.for([
    '/../server.ts',
    '/assets/../../package.json',
    '/%2e%2e/%2e%2e/package.json',
    '/assets/..%2f..%2findex.html',
    '//etc/passwd',
    '/artefacts/../contacts/contacts.jsonl',
    '/audio/..%2f..%2fjournal%2f00000000000000000001.jsonl',
    '/assets/%00',
    '/assets/',
  ])('nothing else: %s', async (address) => {
    const { ask } = await openDashboard(journalFolder('normal-call').dir);
    const { status, text } = await ask(address);
    expect(status).toBe(404);
    expect(text).not.toMatch(/ai-call-agent|root:/);
  });

  test('the state of services as the status command prints it', async () => {
    const { json } = await openDashboard(journalFolder('simulated-503').dir);
    expect(await json('/api/status')).toEqual({
      services: Object.fromEntries(
        ['LLM', 'ElevenLabs', 'Telephony', 'CRM'].map((service) => [
          service,
          {
            breaker: 'CLOSED',
            failures: service === 'ElevenLabs' ? 1 : 0,
            retryAt: null,
            health: 'HEALTHY',
          },
        ]),
      ),
    });
  });

  test('a query that makes no sense is told so', async () => {
    const { ask } = await openDashboard(journalFolder('normal-call').dir);
    for (const address of ['/api/overview?until=soon', '/api/records?limit=-1']) {
      expect((await ask(address)).status).toBe(400);
    }
    const events = await ask('/api/events', { headers: { 'last-event-id': 'x' } });
    expect(events.status).toBe(400);
  });

  test('a damaged journal is shown up to the damage, and said to be damaged', async () => {
    const { dir, file } = journalFolder('normal-call');
    const fs = await import('node:fs');
    const text = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(file, text.replace('"seq":30', '"seq":31'));
    const { json, ask } = await openDashboard(dir);
    expect(await json('/api/overview')).toMatchObject({ lastSeq: 29, problem: /damaged/ });
    expect((await ask('/healthz')).status).toBe(503);
  });
});

describe('what a page asks', () => {
  test('any moment: the breaker is open then, and closed now', async () => {
    const { json } = await openDashboard(journalFolder('recovery').dir);
    const opened = golden('recovery').find(
      ({ machine, to }) => machine === 'breaker' && to === 'open',
    );
    const at = async (until: string) => {
      const { services, seq } = await json(`/api/overview${until}`);
      const found = (services as { name: string; breaker: string }[]).find(
        ({ name }) => name === 'ElevenLabs',
      );
      return { seq, breaker: found?.breaker };
    };
    const { total } = journalFolder('recovery');
    expect(await at('')).toEqual({ seq: total, breaker: 'closed' });
    expect(await at(`?until=${opened?.seq}`)).toEqual({ seq: opened?.seq, breaker: 'open' });
    expect(await at(`?until=${(opened?.seq ?? 0) - 1}`)).toMatchObject({ breaker: 'closed' });
  });

  test('contacts by status and reason, a page at a time', async () => {
    const { json } = await openDashboard(journalFolder('recovery').dir);
    const all = await json('/api/contacts');
    expect(all['total']).toBe(6);
    const failed = await json('/api/contacts?status=failed&reason=503');
    expect(failed).toMatchObject({ total: 3 });
    expect((failed['contacts'] as { status: string }[])[0]).toMatchObject({
      status: 'failed',
      error: { service: 'ElevenLabs', status: 503 },
    });
    expect(await json('/api/contacts?reason=no-such-thing')).toMatchObject({ total: 0 });
    const second = await json('/api/contacts?offset=4&limit=1');
    expect(second['contacts']).toHaveLength(1);
  });

  test('records by call, by actor, failed only, and what came before', async () => {
    const { json } = await openDashboard(journalFolder('recovery').dir);
    const records = async (query: string) =>
      (await json(`/api/records?${query}`))['records'] as {
        seq: number;
        actor: string;
        corr?: string;
      }[];
    const call = await records('call=call:0002&limit=500');
    expect(call.length).toBeGreaterThan(5);
    for (const { actor, corr } of call) {
      expect(corr === 'call:0002' || /^call:0002[./]?/.test(actor)).toBe(true);
    }
    const breaker = await records('actor=breaker:Eleven&failed=1');
    expect(breaker.length).toBeGreaterThan(0);
    const last = await records('limit=10');
    const earlier = await records(`limit=10&before=${last[0]?.seq}`);
    expect(earlier.at(-1)?.seq).toBe((last[0]?.seq ?? 0) - 1);
  });
});

describe('a command', () => {
  const command = { type: 'reset', services: null, by: 'somebody else' };
  const body = JSON.stringify(command);
  const json = { 'content-type': 'application/json' };
  const own = { ...json, 'x-call-agent': '1' };

  test('goes to whoever works on the folder, and says that it comes from here', async () => {
    const heard: unknown[] = [];
    const { ask } = await openDashboard(journalFolder('normal-call').dir, {
      stage: { command: (what) => Promise.resolve(void heard.push(what)) },
    });
    const answer = await ask('/api/commands', { method: 'POST', headers: own, body });
    expect(answer.status).toBe(200);
    expect(heard).toEqual([{ ...command, by: 'dashboard' }]);
  });

  test('without the header that only its own page can set is refused, and not carried out', async () => {
    const heard: unknown[] = [];
    const { ask } = await openDashboard(journalFolder('normal-call').dir, {
      stage: { command: (what) => Promise.resolve(void heard.push(what)) },
    });
    const answer = await ask('/api/commands', { method: 'POST', headers: json, body });
    expect(answer.status).toBe(403);
    expect(heard).toEqual([]);
  });

  test('is refused with the reason that the agent gives', async () => {
    const refuse = () => Promise.reject(new UserError('No agent is running on this folder.'));
    const { ask } = await openDashboard(journalFolder('normal-call').dir, {
      stage: { command: refuse },
    });
    const answer = await ask('/api/commands', { method: 'POST', headers: own, body });
    expect(answer).toMatchObject({ status: 409 });
    expect(answer.text).toContain('No agent is running on this folder.');
  });

  test('that no page offers is not passed on', async () => {
    const heard: unknown[] = [];
    const { ask } = await openDashboard(journalFolder('normal-call').dir, {
      stage: { command: (what) => Promise.resolve(void heard.push(what)) },
    });
    for (const type of ['contacts.erase', 'journal.archive', 'constructor']) {
      const unasked = JSON.stringify({ type, contact: '0001' });
      const answer = await ask('/api/commands', { method: 'POST', headers: own, body: unasked });
      expect([type, answer.status]).toEqual([type, 400]);
    }
    expect(heard).toEqual([]);
  });

  test('about a folder that is in use is refused with that sentence', async () => {
    const refuse = () => Promise.reject(new LockedError('The data folder data is in use.'));
    const { ask } = await openDashboard(journalFolder('normal-call').dir, {
      stage: { command: refuse },
    });
    const answer = await ask('/api/commands', { method: 'POST', headers: own, body });
    expect(answer).toMatchObject({ status: 409, text: expect.stringContaining('is in use.') });
  });

  test('that ends the agent, and so the dashboard, is answered before it closes', async () => {
    let closing: Promise<void> | undefined;
    const dashboard = await openDashboard(journalFolder('normal-call').dir, {
      stage: {
        command: async () => {
          closing = dashboard.close();
          await new Promise((resolve) => setImmediate(resolve));
          return 'stopped';
        },
      },
    });
    const answer = await dashboard.ask('/api/commands', { method: 'POST', headers: own, body });
    expect(answer).toMatchObject({ status: 200, text: '{"result":"stopped"}' });
    await closing;
  });

  test('of more than 64 kB is not read', async () => {
    const { ask } = await openDashboard(journalFolder('normal-call').dir, {
      stage: { command: () => Promise.resolve(null) },
    });
    const large = JSON.stringify({ ...command, by: 'x'.repeat(70_000) });
    const answer = await ask('/api/commands', { method: 'POST', headers: own, body: large });
    expect(answer.status).toBe(413);
  });
});
