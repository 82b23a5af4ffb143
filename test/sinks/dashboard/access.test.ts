import { describe, expect, test } from 'vitest';
import { startDashboard } from '../../../sinks/dashboard/server/server.ts';
import { UserError } from '../../../errors.ts';
import { journalFolder, lonely, openDashboard } from './support.ts';

const TOKEN = 'a-token-that-is-long-enough';

describe('who may look', () => {
  test('a foreign Host is refused: a name that was rebound to this machine', async () => {
    const { ask } = await openDashboard(journalFolder('normal-call').dir);
    for (const address of ['/', '/api/status', '/api/events', '/metrics']) {
      const { status, text } = await ask(address, { headers: { host: 'evil.example:80' } });
      expect([address, status]).toEqual([address, 403]);
      expect(text).not.toContain('breaker');
    }
  });

  test('a foreign Origin is refused, its own is not', async () => {
    const { ask, port } = await openDashboard(journalFolder('normal-call').dir);
    const from = (origin: string) => ask('/api/status', { headers: { origin } });
    expect((await from('https://evil.example')).status).toBe(403);
    expect((await from(`http://127.0.0.1:${port}`)).status).toBe(200);
  });

  test('with a token: refused without, let in with it, and by the cookie from then on', async () => {
    const { ask } = await openDashboard(journalFolder('normal-call').dir, { token: TOKEN });
    expect((await ask('/api/status')).status).toBe(401);
    // The beginning of the right one, more than it, another of its length: none is nearer to it.
    const wrong = [TOKEN.slice(0, -1), `${TOKEN}x`, TOKEN.replace('a', 'b'), 'é', ''];
    for (const token of wrong) {
      const address = `/api/status?token=${encodeURIComponent(token)}`;
      expect([token, (await ask(address)).status]).toEqual([token, 401]);
      const bearer = { authorization: `Bearer ${encodeURIComponent(token)}` };
      expect((await ask('/api/status', { headers: bearer })).status).toBe(401);
    }
    const first = await ask(`/?token=${TOKEN}`);
    expect(first.status).toBe(303);
    const [cookie = ''] = first.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
    const pair = cookie.split(';')[0] ?? '';
    expect((await ask('/api/status', { headers: { cookie: pair } })).status).toBe(200);
    const bearer = { authorization: `Bearer ${TOKEN}` };
    expect((await ask('/api/status', { headers: bearer })).status).toBe(200);
  });

  test.for(['YWJjZGVmZ2hpamtsbW5v+/==', 'of;several;parts="x"', 'слово, которое знаю я ✓'])(
    'a token may hold anything, also what a cookie may not: %s',
    async (token) => {
      const { ask } = await openDashboard(journalFolder('normal-call').dir, { token });
      const first = await ask(`/?token=${encodeURIComponent(token)}`);
      expect(first.status).toBe(303);
      const [cookie = ''] = first.headers['set-cookie'] ?? [];
      expect(cookie).not.toContain(token);
      const pair = cookie.split(';')[0] ?? '';
      expect((await ask('/api/status', { headers: { cookie: pair } })).status).toBe(200);
      const wrong = `${pair.slice(0, -1)}${pair.endsWith('0') ? '1' : '0'}`;
      expect((await ask('/api/status', { headers: { cookie: wrong } })).status).toBe(401);
      const utf8 = Buffer.from(`Bearer ${token}`).toString('latin1');
      expect((await ask('/api/status', { headers: { authorization: utf8 } })).status).toBe(200);
    },
  );

  test('a base64 token that was pasted as it is works as well', async () => {
    const { ask } = await openDashboard(journalFolder('normal-call').dir, {
      token: 'abc+def+ghi+jkl+',
    });
    expect((await ask('/?token=abc+def+ghi+jkl+')).status).toBe(303);
  });

  test('the token stays in no address bar: the page is sent on, a program is answered', async () => {
    const { ask } = await openDashboard(journalFolder('normal-call').dir, { token: TOKEN });
    const { status, headers } = await ask(`/?lang=de&token=${TOKEN}`);
    expect({ status, to: headers.location }).toEqual({ status: 303, to: '/?lang=de' });
    expect((await ask(`/?token=${TOKEN}`)).headers.location).toBe('/');
    expect((await ask(`/api/status?token=${TOKEN}`)).status).toBe(200);
    const open = await openDashboard(journalFolder('normal-call').dir);
    expect((await open.ask('/?token=of-another-day')).headers.location).toBe('/');
  });

  test('what is no address at all is refused like others, and ends nothing', async () => {
    const { ask } = await openDashboard(journalFolder('normal-call').dir, { token: TOKEN });
    expect((await ask('//[')).status).toBe(401);
    expect((await ask('//[', { headers: { authorization: `Bearer ${TOKEN}` } })).status).toBe(404);
  });

  test('another address needs a token, and the token some length', async () => {
    const { dir } = journalFolder('normal-call');
    const start = (host: string, token: string | null) =>
      startDashboard({ place: dir, port: 0, host, token, stage: lonely });
    await expect(start('0.0.0.0', null)).rejects.toThrow(UserError);
    await expect(start('0.0.0.0', null)).rejects.toThrow(/set DASHBOARD_TOKEN/);
    await expect(start('127.0.0.1', 'short')).rejects.toThrow(/at least 16/);
  });

  test('under a name of the proxy in front of it it is known, with a token, and else says what to do', async () => {
    const { dir } = journalFolder('normal-call');
    const hosts = ['calls.example.org'];
    const { ask } = await openDashboard(dir, { token: TOKEN, hosts });
    const by = (host: string, origin: string) =>
      ask('/api/status', { headers: { host, origin, authorization: `Bearer ${TOKEN}` } });
    expect((await by('Calls.example.org', 'https://Calls.example.org')).status).toBe(200);
    expect((await by('calls.example.org', 'https://evil.example')).status).toBe(403);
    const other = await by('calls.example.com', 'https://calls.example.com');
    expect(other).toMatchObject({ status: 403, text: expect.stringContaining('DASHBOARD_HOSTS') });
    const bare = startDashboard({ place: dir, port: 0, hosts, stage: lonely });
    await expect(bare).rejects.toThrow(/to serve it on calls\.example\.org, set DASHBOARD_TOKEN/);
  });

  test('a port in use is told in a sentence', async () => {
    const { dir } = journalFolder('normal-call');
    const { port } = await openDashboard(dir);
    const again = startDashboard({ place: dir, port: Number(port), stage: lonely });
    await expect(again).rejects.toThrow(/dashboard can't use 127\.0\.0\.1:\d+: the port is in use/);
  });
});
