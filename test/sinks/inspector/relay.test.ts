import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { isUserError } from '../../../errors.ts';
import {
  startInspectorRelay,
  type InspectorRelay,
  type InspectorRelayOptions,
} from '../../../sinks/inspector/relay.ts';
import { actor, event, refusedStatus, snapshot, view } from './sockets.ts';

const relays: InspectorRelay[] = [];

async function start(options: InspectorRelayOptions = { port: 0 }): Promise<InspectorRelay> {
  const relay = await startInspectorRelay(options);
  relays.push(relay);
  return relay;
}

afterEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.close()));
});

describe('what is relayed', () => {
  it('tells two viewers the same, and the sender nothing', async () => {
    const relay = await start();
    const [program, one, two] = [
      await view(relay.url),
      await view(relay.url),
      await view(relay.url),
    ];
    program.socket.send(actor('x:0'));
    program.socket.send(event('x:0', 'go'));
    program.socket.send(snapshot('x:0', 'gone'));

    const last = ({ type }: { type: string }) => type === '@xstate.snapshot';
    expect((await one.until(last)).map(({ type }) => type)).toEqual([
      '@xstate.actor',
      '@xstate.event',
      '@xstate.snapshot',
    ]);
    expect(await two.until(last)).toEqual(one.messages);
    expect(program.messages).toEqual([]);
    expect(relay.viewers()).toBe(2);
  });

  it('tells a late joiner all actors first, then where they are, then what happens', async () => {
    const relay = await start();
    const [program, early] = [await view(relay.url), await view(relay.url)];
    program.socket.send(actor('x:0'));
    for (let i = 0; i < 500; i++) program.socket.send(snapshot('x:0', `state ${i}`));
    program.socket.send(actor('x:1', { parentId: 'x:0' }));
    program.socket.send(event('x:1', 'born'));
    await early.until((message) => message.event?.type === 'born');

    const late = await view(relay.url);
    program.socket.send(event('x:0', 'live'));
    const messages = await late.until((message) => message.event?.type === 'live');
    expect(messages.map(({ type, sessionId }) => `${type} ${sessionId}`)).toEqual([
      '@xstate.actor x:0',
      '@xstate.actor x:1',
      '@xstate.snapshot x:0',
      '@xstate.event x:0',
    ]);
    expect(messages[2]?.snapshot?.value).toBe('state 499');
  });

  it('ignores what is not a message of the inspector', async () => {
    const relay = await start();
    const [program, viewer] = [await view(relay.url), await view(relay.url)];
    for (const text of ['no json', '[]', 'null', '"@xstate.actor"', '{"type":"other"}', '{}']) {
      program.socket.send(text);
    }
    program.socket.send(Buffer.from(actor('x:0')), { binary: true });
    program.socket.send(event('x:0', 'go'));
    expect(await viewer.until(() => true)).toHaveLength(1);
    expect(viewer.messages[0]?.event?.type).toBe('go');
  });

  it('ends a client whose message is too big, and no other', async () => {
    const relay = await start();
    const [program, viewer] = [await view(relay.url), await view(relay.url)];
    program.socket.send(actor('x:0', { padding: 'x'.repeat(8 * 1024 * 1024) }));
    const [code] = (await once(program.socket, 'close')) as [number];
    expect(code).toBe(1009);
    expect(viewer.socket.readyState).toBe(WebSocket.OPEN);
    expect(viewer.messages).toEqual([]);
  });
});

describe('who may connect', () => {
  it.each([
    ['a foreign Origin', { origin: 'https://evil.example' }],
    ['an opaque Origin', { origin: 'null' }],
    ['a Host that was rebound', { headers: { host: 'evil.example' } }],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }],
  ])('refuses %s', async (_, options) => {
    const relay = await start();
    expect(await refusedStatus(relay.url, options)).toBe(403);
  });

  it('lets the bridge page and the hosted inspector in', async () => {
    const relay = await start();
    for (const origin of [relay.pageUrl.slice(0, -1), 'https://stately.ai']) {
      const socket = new WebSocket(relay.url, { origin });
      await once(socket, 'open');
    }
    expect(relay.viewers()).toBe(2);
  });

  it('refuses to listen for the network', async () => {
    await expect(startInspectorRelay({ host: '0.0.0.0' })).rejects.toThrow(
      new RangeError('host must be a loopback address, got 0.0.0.0'),
    );
  });
});

describe('the bridge page', () => {
  it('embeds the hosted inspector and may do nothing else', async () => {
    const relay = await start();
    const response = await fetch(relay.pageUrl);
    const page = await response.text();
    expect(response.status).toBe(200);
    expect(page).toContain('https://stately.ai/inspect');
    expect(page).toContain('Needs the internet');
    const policy = response.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain('frame-src https://stately.ai;');
    expect(policy).toContain(`connect-src ${relay.url};`);
  });

  it('is not for a foreign Origin, and there is no other', async () => {
    const { pageUrl } = await start();
    const foreign = await fetch(pageUrl, { headers: { origin: 'https://evil.example' } });
    expect(foreign.status).toBe(403);
    expect((await fetch(`${pageUrl}other`)).status).toBe(404);
    expect((await fetch(pageUrl, { method: 'POST' })).status).toBe(405);
  });
});

describe('start and end', () => {
  it('says in a sentence that the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const error = await startInspectorRelay({ port }).catch((reason: unknown) => reason);
    expect(isUserError(error)).toBe(true);
    expect(String(error)).toContain(`127.0.0.1:${port}: the port is in use`);
    other.close();
  });

  it('says which port is none', async () => {
    await expect(startInspectorRelay({ port: 70_000 })).rejects.toThrow(
      new RangeError('port must be an integer from 0 to 65535, got 70000'),
    );
  });

  it('ends every connection, after what was relayed', async () => {
    const relay = await start();
    const [program, viewer] = [await view(relay.url), await view(relay.url)];
    const silent = await fetch(relay.pageUrl); // a kept-alive connection
    await silent.text();
    const closed = Promise.all([once(program.socket, 'close'), once(viewer.socket, 'close')]);
    program.socket.send(actor('x:0'));
    await viewer.until(() => true);
    await Promise.all([relay.close(), relay.close()]);
    expect((await closed)[1]?.[0]).toBe(1001);
    const again = await startInspectorRelay({ port: Number(new URL(relay.pageUrl).port) });
    await again.close();
  });
});
