import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { golden, journalFolder, openDashboard } from './support.ts';

/** Reads an event stream until it has had so many records, or what `until` says. */
function read(url: string, lastEventId: string | null, count: number): Promise<number[]> {
  const headers = lastEventId === null ? {} : { 'last-event-id': lastEventId };
  return new Promise((resolve, reject) => {
    const request = http.get(`${url}api/events`, { headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        const ids = [...text.matchAll(/^id: (\d+)\ndata: .*\n\n/gm)].map(([, id]) => Number(id));
        if (ids.length < count) return;
        request.destroy();
        resolve(ids);
      });
    });
    request.on(
      'error',
      (error: NodeJS.ErrnoException) => error.code !== 'ECONNRESET' && reject(error),
    );
    onTestFinished(() => void request.destroy());
  });
}

const upTo = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('the event stream', () => {
  test('sends every record when told that none was seen', async () => {
    const { dir, total } = journalFolder('recovery');
    const { url } = await openDashboard(dir);
    expect(await read(url, '0', total)).toEqual(upTo(1, total));
  });

  test('goes on exactly behind the last record that was seen', async () => {
    const { dir, total } = journalFolder('recovery');
    const { url } = await openDashboard(dir);
    expect(await read(url, '100', total - 100)).toEqual(upTo(101, total));
  });

  test('ends nowhere before the journal does where that is damaged: it stays open', async () => {
    const { dir, file } = journalFolder('recovery', 40);
    const lines = fs.readFileSync(file, 'utf8').split('\n');
    fs.writeFileSync(file, lines.map((line) => line.replace('"seq":31,', '"seq":13,')).join('\n'));
    const { url } = await openDashboard(dir);
    expect(await read(url, '20', 10)).toEqual(upTo(21, 30));
    const stream = await fetch(`${url}api/events`);
    const reader = stream.body?.getReader();
    await reader?.read();
    const next = reader?.read().then(({ done }) => done);
    await (await fetch(`${url}api/overview`)).text();
    expect(await Promise.race([next, Promise.resolve('still open')])).toBe('still open');
    await reader?.cancel();
  });

  test('is live: what is written later comes as well, in order, without a gap', async () => {
    const { dir, growTo } = journalFolder('recovery', 40);
    const { url } = await openDashboard(dir);
    const reading = read(url, '38', 42);
    growTo(50);
    growTo(80);
    expect(await reading).toEqual(upTo(39, 80));
  });

  test('without a last record begins now', async () => {
    const { dir, growTo } = journalFolder('recovery', 40);
    const { url } = await openDashboard(dir);
    const reading = new Promise<number[]>((resolve) => {
      const request = http.get(`${url}api/events`, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          // Its first words say that it listens; only then is there something to miss.
          if (text === '') growTo(42);
          text += chunk;
          const ids = [...text.matchAll(/^id: (\d+)/gm)].map(([, id]) => Number(id));
          if (ids.length >= 2) resolve(ids);
        });
      });
      onTestFinished(() => void request.destroy());
      request.on('error', () => {});
    });
    expect(await reading).toEqual([41, 42]);
  });

  test('carries the journal line as it is', async () => {
    const { dir } = journalFolder('normal-call');
    const { url } = await openDashboard(dir);
    const [first] = golden('normal-call');
    const text = await new Promise<string>((resolve) => {
      const request = http.get(`${url}api/events`, { headers: { 'last-event-id': '0' } }, (r) => {
        let received = '';
        r.setEncoding('utf8').on('data', (chunk: string) => {
          received += chunk;
          if (/data: .*\n\n/.test(received)) resolve(/data: (.*)\n\n/.exec(received)?.[1] ?? '');
        });
      });
      request.on('error', () => {});
      onTestFinished(() => void request.destroy());
    });
    expect(JSON.parse(text)).toEqual(first);
  });

  test('a reader that has stalled keeps nobody else waiting', async () => {
    const { dir, total } = journalFolder('recovery');
    const { url } = await openDashboard(dir);
    const stalled = http.get(
      `${url}api/events`,
      { headers: { 'last-event-id': '0' } },
      (response) => response.pause(),
    );
    stalled.on('error', () => {});
    onTestFinished(() => void stalled.destroy());
    expect(await read(url, '0', total)).toHaveLength(total);
  });

  test('ends, and is not cut, when the dashboard closes', async () => {
    const { dir } = journalFolder('recovery', 40);
    const { url, close } = await openDashboard(dir);
    const response = await new Promise<http.IncomingMessage>((resolve) => {
      http.get(`${url}api/events`, resolve);
    });
    const ended = once(response.resume(), 'end');
    await close();
    await ended;
    expect(response.complete).toBe(true);
  });
});
