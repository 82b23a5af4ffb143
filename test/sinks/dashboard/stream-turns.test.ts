import { EventEmitter, once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { expect, onTestFinished, test, vi } from 'vitest';
import { makeApi } from '../../../sinks/dashboard/server/api.ts';
import { streamRecords } from '../../../sinks/dashboard/server/event-stream.ts';
import { JournalSource } from '../../../sinks/dashboard/server/journal-source.ts';
import { writtenJournal } from '../../store/support.ts';
import { journalFolder, lonely } from './support.ts';

function sourceOf(place: string): JournalSource {
  const source = new JournalSource(place);
  onTestFinished(() => source.close());
  return source;
}

/** A reader that takes whatever comes at once. */
const eagerReader = (): ServerResponse =>
  Object.assign(new PassThrough({ highWaterMark: 1 << 24 }), {
    writeHead: () => {},
  }) as unknown as ServerResponse;

const request = new EventEmitter() as IncomingMessage;

test('one that comes while a long journal is read for the first time is not sent all of it', async () => {
  const { dir, growTo } = journalFolder('recovery', 40);
  const source = sourceOf(dir);
  const listener = getRequestListener(makeApi(source, lonely).fetch);
  const server = http.createServer((incoming, response) => void listener(incoming, response));
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const [response] = (await once(
    http.get({ host: '127.0.0.1', port, path: '/api/events' }),
    'response',
  )) as [IncomingMessage];
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await once(response, 'data');
  await source.open();
  growTo(42);
  await source.advance();
  while (!text.includes('id: 42')) await once(response, 'data');
  expect([...text.matchAll(/^id: (\d+)/gm)].map(([, id]) => Number(id))).toEqual([41, 42]);
  response.destroy();
});

test('a reader that catches up lets others have their turn behind every slice', async () => {
  const source = sourceOf(writtenJournal(1_000));
  await source.open();
  const response = eagerReader();
  let turn = 0;
  const count = (): void => {
    turn++;
    if (!source.ended.aborted) setImmediate(count);
  };
  count();
  const turns: number[] = [];
  response.on('data', (chunk: Buffer) => {
    if (chunk.includes('id: ')) turns.push(turn);
    if (chunk.includes('id: 1000\n')) source.close();
  });
  await streamRecords(source, request, response, 0);
  expect(turns).toHaveLength(5);
  expect(new Set(turns).size).toBe(turns.length);
});

test('a stream that has waited for many records holds no more listeners than at first', async () => {
  const { dir, growTo } = journalFolder('recovery', 40);
  const source = sourceOf(dir);
  await source.open();
  const added = vi.spyOn(EventTarget.prototype, 'addEventListener');
  onTestFinished(() => added.mockRestore());
  const response = eagerReader();
  const streaming = streamRecords(source, request, response, 40);
  await once(response, 'data');
  const before = added.mock.calls.length;
  for (let seq = 41; seq <= 80; seq++) {
    growTo(seq);
    const came = once(response, 'data');
    await source.advance();
    await came;
  }
  expect(added.mock.calls.length - before).toBeLessThan(5);
  source.close();
  await streaming;
});
