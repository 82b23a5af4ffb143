import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ADDRESS, statusOf } from './support/dashboard.ts';
import { Desk, jsonOf, refused } from './support/desk.ts';
import { readRecords } from './support/journal-file.ts';
import { contactList } from './support/lists.ts';
import { openAccounts } from './support/providers.ts';
import type { Ended } from './support/program.ts';
import { reportOf } from './support/report.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const TOKEN = 'a-token-that-nobody-must-read';

/** A data folder in which something has been run. */
async function playedDesk(): Promise<Desk> {
  const desk = new Desk(onTestFinished);
  await desk.run(['scenario', 'normal-call', '--data', 'data', '--speed', '500', '--quiet']);
  return desk;
}

describe('serve and open', () => {
  test('print where the dashboard is, and end with Ctrl-C', async () => {
    const desk = await playedDesk();
    const served = desk.start(['serve', '--port', '0']);
    const [, url = ''] = await served.says(ADDRESS);
    expect(await statusOf(url)).toBe(200);
    expect(await served.stop('SIGINT')).toMatchObject({ code: 130, stderr: '' });

    // The data folder around a journal is meant as that journal.
    const opened = desk.start(['open', 'data', '--port', '0', '--json']);
    const [, place = ''] = await opened.says(/^(\{.*\})$/m);
    const { url: at } = JSON.parse(place) as { url: string };
    expect(await statusOf(at)).toBe(200);
    const { seq } = (await (await fetch(`${at}healthz`)).json()) as { seq: number };
    expect(seq).toBe(readRecords(desk.path('data')).length);
    const ended = await opened.stop('SIGTERM');
    expect(ended).toMatchObject({ code: 130, stderr: '' });
    expect(jsonOf(ended)).toEqual({ url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/) });
  });

  test('refuse a folder that is not there, a port in use and the network without a token', async () => {
    const desk = await playedDesk();
    expect(await desk.run(['serve', '--data', 'lost'])).toEqual(
      refused(1, /^There is no folder lost: nothing has been run there yet/),
    );
    expect(await desk.run(['open', 'lost.jsonl'])).toEqual(
      refused(1, /^There is no journal at lost\.jsonl/),
    );
    expect(await desk.run(['open', '.'])).toEqual(
      refused(1, /^There is no journal in the folder \./),
    );
    expect(await desk.run(['open', 'data/lock.sqlite'])).toEqual(
      refused(1, /^data\/lock\.sqlite can't be read as a journal: The header/),
    );
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const port = String((other.address() as AddressInfo).port);
    expect(await desk.run(['serve', '--port', port])).toEqual(refused(1, /the port is in use/));
    expect(await desk.run(['scenario', 'normal-call', '--serve', '--port', port])).toEqual(
      refused(1, /the port is in use/),
    );
    expect(await desk.run(['serve', '--host', '0.0.0.0', '--port', '0'])).toEqual(
      refused(1, /set DASHBOARD_TOKEN/),
    );
    expect(await desk.run(['serve', '--port', 'seventy'])).toEqual(refused(2, /port/));
  });

  test('ask for the token, and never say it', async () => {
    const desk = await playedDesk();
    const served = desk.start(['serve', '--port', '0'], { env: { DASHBOARD_TOKEN: TOKEN } });
    const [, url = ''] = await served.says(ADDRESS);
    expect(await statusOf(url)).toBe(401);
    expect(await statusOf(`${url}?token=${TOKEN}`)).toBe(303);
    expect(await statusOf(`${url}healthz?token=${TOKEN}`)).toBe(200);
    const { stdout, stderr } = await served.stop('SIGINT');
    expect(stdout + stderr).not.toContain(TOKEN);
  });
});

const PAGES = 20;
/** For what the machine's pace decides. */
const LASTING = new Set(['inCall', 'following']);

/** What an open page asks for: the stream of records, and the overview again and again. */
async function lookAt(url: string, seqs: number[], isOver: () => boolean): Promise<void> {
  const stream = await fetch(`${url}api/events`, { headers: { 'last-event-id': '0' } });
  const poll = async (): Promise<void> => {
    while (!isOver()) await (await fetch(`${url}api/overview`)).text();
  };
  const read = async (): Promise<void> => {
    let text = '';
    for await (const chunk of stream.body ?? []) {
      text += Buffer.from(chunk).toString();
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) if (line.startsWith('id: ')) seqs.push(Number(line.slice(4)));
    }
  };
  // Both end with the program.
  await Promise.all([poll().catch(() => {}), read().catch(() => {})]);
}

test('with twenty pages open the calls end as they do with none, and no page misses a record', async () => {
  const desk = new Desk(onTestFinished);
  desk.write('list.csv', contactList(6));
  /** Faults by number, not by time: how fast the machine is makes no difference. */
  const accounts = async () => {
    const { world, env } = await openAccounts(onTestFinished);
    world.plan('ElevenLabs', [{ match: 'work', times: 5, fault: { status: 503 } }]);
    return env;
  };
  const run = ['campaign', 'run', 'list.csv', '--concurrency', '1', '--speed', '100', '--json'];
  const alone = await desk.run([...run, '--data', 'alone', '--quiet'], { env: await accounts() });
  const program = desk.start([...run, '--data', 'seen', '--serve', '--port', '0'], {
    env: await accounts(),
  });
  const [, url = ''] = await program.says(ADDRESS);
  const seen = Array.from({ length: PAGES }, (): number[] => []);
  let isOver = false;
  const looking = seen.map((seqs) => lookAt(url, seqs, () => isOver));
  const ended = await program.ended;
  isOver = true;
  await Promise.all(looking);

  const callsOf = (report: Ended) => reportOf(report).calls;
  expect(callsOf(ended)).toEqual(callsOf(alone));
  expect(callsOf(ended).map(({ status }) => status)).toContain('failed');
  const movesOf = (data: string): string[] =>
    readRecords(desk.path(data))
      .filter(({ machine }) => machine === 'call' || machine === 'breaker')
      // How often a call is asked about while it lasts depends on the machine's pace.
      .filter(({ from, to }) => !(LASTING.has(from ?? '') && LASTING.has(to)))
      .map(({ actor, from, to }) => `${actor} ${from} ${to}`)
      .toSorted();
  expect(movesOf('seen')).toEqual(movesOf('alone'));
  for (const seqs of seen) {
    expect(seqs.length).toBeGreaterThan(50);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  }
});
