import http from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { PublicAddresses } from '../../../actors/public/addresses.ts';
import { PublicDoor, type DoorOptions } from '../../../actors/public/door.ts';
import { probePublicAddress } from '../../../actors/public/probe.ts';
import { Artefacts } from '../../../store/artefacts.ts';
import { dataFolder } from '../../support/agent.ts';

async function listening(onRequest: http.RequestListener): Promise<number> {
  const server = http.createServer(onRequest).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = http.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function doorAt(publicPort: number, port: number, authToken = 'secret'): DoorOptions {
  const baseUrl = `http://127.0.0.1:${publicPort}`;
  return {
    addresses: new PublicAddresses({
      baseUrl,
      accountSid: 'AC01',
      authToken,
      playsAudio: true,
      now: () => 0,
    }),
    host: '127.0.0.1',
    port,
    authToken,
    artefacts: new Artefacts(dataFolder()),
    tell: () => 'unknown',
  };
}

async function opened(options: DoorOptions): Promise<PublicDoor> {
  const door = await PublicDoor.open(options);
  onTestFinished(() => door.close());
  return door;
}

test('an address that leads here is found to', async () => {
  const port = await freePort();
  const probed = await probePublicAddress(doorAt(port, port));
  expect(probed).toEqual({
    isReached: true,
    message: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+ leads to the agent, in \d+ ms$/),
  });
});

test('an agent that is running answers in place of us', async () => {
  const { port } = await opened(doorAt(1, 0));
  expect((await probePublicAddress(doorAt(port, port))).isReached).toBe(true);
});

test('one of another account is none of ours', async () => {
  const { port } = await opened(doorAt(1, 0, 'another secret'));
  const { isReached, message } = await probePublicAddress(doorAt(port, port));
  expect(isReached).toBe(false);
  expect(message).toMatch(/something else answers there, with 200\. The agent can't listen on/);
});

test('another program that answers is none of ours, and what to do is said', async () => {
  const other = await listening((_, response) => void response.end('hello'));
  const { isReached, message } = await probePublicAddress(doorAt(other, 0));
  expect(isReached).toBe(false);
  expect(message).toMatch(
    /does not lead to the agent: something else answers there, with 200\. Lead it to 127\.0\.0\.1:\d+, by a tunnel or a reverse proxy$/,
  );
});

test('a redirection is not followed: Twilio would sign another address', async () => {
  const elsewhere = await listening(
    (_, response) => void response.writeHead(301, { location: 'http://127.0.0.1:9/' }).end(),
  );
  const { message } = await probePublicAddress(doorAt(elsewhere, 0));
  expect(message).toMatch(/something else answers there, with 301/);
});

test('an address at which nobody listens is told so', async () => {
  const { isReached, message } = await probePublicAddress(doorAt(await freePort(), 0));
  expect([isReached, message]).toEqual([
    false,
    expect.stringMatching(/\(ECONNREFUSED\)\. Lead it/),
  ]);
});
