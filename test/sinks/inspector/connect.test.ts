import { afterEach, describe, expect, it } from 'vitest';
import { createWebSocketInspector, createWebSocketReceiver } from '@statelyai/inspect';
import { assign, createActor, fromPromise, setup, type InspectionEvent } from 'xstate';
import { connectInspector, type InspectorConnection } from '../../../sinks/inspector/connect.ts';
import { startInspectorRelay, type InspectorRelay } from '../../../sinks/inspector/relay.ts';
import { view, type Message } from './sockets.ts';

const machine = setup({
  types: {
    context: {} as { phone: string; apiKey: string; count: number },
    events: {} as { type: 'dial'; to: string; token: string } | { type: 'end' },
  },
  actors: { work: fromPromise(() => Promise.resolve({ password: 'hunter2' })) },
}).createMachine({
  id: 'tiny',
  context: { phone: '+15550100100', apiKey: 'very-secret-key', count: 0 },
  initial: 'idle',
  states: {
    idle: { on: { dial: { target: 'busy', actions: assign({ count: 1 }) } } },
    busy: { invoke: { src: 'work', input: { secret: 'hidden' }, onDone: 'done' } },
    done: { type: 'final' },
  },
});

const rootIs = (value: string) => (message: Message) =>
  message.type === '@xstate.snapshot' && message.snapshot?.value === value;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(): Promise<InspectorRelay> {
  const relay = await startInspectorRelay({ port: 0 });
  cleanups.push(() => relay.close());
  return relay;
}

function connect(url: string): InspectorConnection {
  const connection = connectInspector(url, { retryAfterMs: 1 });
  cleanups.push(() => connection.close());
  return connection;
}

describe('a stock client', () => {
  it('is shown to a plain viewer', async () => {
    const relay = await start();
    const viewer = await view(relay.url);
    const stock = createWebSocketInspector({ url: relay.url });
    cleanups.push(() => stock.stop());
    const actor = createActor(machine, { inspect: stock.inspect }).start();
    actor.send({ type: 'dial', to: 'x', token: 'x' });
    const messages = await viewer.until(rootIs('done'));
    expect(new Set(messages.map(({ type }) => type))).toEqual(
      new Set(['@xstate.actor', '@xstate.event', '@xstate.snapshot']),
    );
  });
});

describe('a stock receiver', () => {
  it('is told actors, events and snapshots; one that comes late, the definitions first', async () => {
    const relay = await start();
    const { inspect, flush } = connect(relay.url);
    const actor = createActor(machine, { inspect }).start();
    await flush();
    const received: { type: string; sessionId: string }[] = [];
    await new Promise<void>((resolve) => {
      createWebSocketReceiver({ server: relay.url }).subscribe((event) => {
        received.push(event as unknown as (typeof received)[number]);
        if (received.length === 2) actor.send({ type: 'dial', to: 'x', token: 'x' });
        if (event.type === '@xstate.snapshot' && JSON.stringify(event).includes('"value":"done"'))
          resolve();
      });
    });
    expect(received.slice(0, 2).map(({ type }) => type)).toEqual([
      '@xstate.actor',
      '@xstate.snapshot',
    ]);
    expect(new Set(received.map(({ type }) => type))).toContain('@xstate.event');
  });
});

describe('a connection', () => {
  it('shows a machine from its announcement to its end, in order', async () => {
    const relay = await start();
    const viewer = await view(relay.url);
    const actor = createActor(machine, { inspect: connect(relay.url).inspect }).start();
    actor.send({ type: 'dial', to: 'x', token: 'x' });
    const messages = await viewer.until(rootIs('done'));
    expect(messages[0]).toMatchObject({ type: '@xstate.actor', name: 'tiny' });
    expect(JSON.parse(messages[0]?.definition ?? '')).toMatchObject({
      id: 'tiny',
      initial: 'idle',
    });
    const values = messages
      .filter(({ type, sessionId }) => type === '@xstate.snapshot' && sessionId === actor.sessionId)
      .map(({ snapshot }) => snapshot?.value);
    expect(values).toEqual(['idle', 'busy', 'done']);
    expect(messages.some(({ event }) => event?.type === 'dial')).toBe(true);
  });

  it('shows of contexts, events, inputs, outputs and definitions what is on a list', async () => {
    const relay = await start();
    const viewer = await view(relay.url);
    const actor = createActor(machine, { inspect: connect(relay.url).inspect }).start();
    actor.send({ type: 'dial', to: '+15550100199', token: 'very-secret-token' });
    const text = JSON.stringify(await viewer.until(rootIs('done')));
    expect(text).not.toMatch(/5550100|very-secret|hunter2|hidden/);
    expect(text).not.toContain('"count":1');
    expect(text).toContain('"type":"dial"');
  });

  it('has told the relay everything when it is flushed', async () => {
    const relay = await start();
    const { inspect, flush } = connect(relay.url);
    const actor = createActor(machine, { inspect }).start();
    await flush();
    actor.stop();
    const late = await view(relay.url);
    const messages = await late.until(rootIs('idle'));
    expect(messages[0]?.type).toBe('@xstate.actor');
  });

  it('waits for a relay that starts later', async () => {
    const first = await startInspectorRelay({ port: 0 });
    await first.close();
    const { inspect, flush } = connect(first.url);
    createActor(machine, { inspect }).start();
    await flush();
    const relay = await startInspectorRelay({ port: Number(new URL(first.pageUrl).port) });
    cleanups.push(() => relay.close());
    const viewer = await view(relay.url);
    expect((await viewer.until(rootIs('idle')))[0]?.name).toBe('tiny');
  });

  it('comes back to a relay that was started again, with definitions first', async () => {
    const first = await startInspectorRelay({ port: 0 });
    const { inspect, flush } = connect(first.url);
    const actor = createActor(machine, { inspect }).start();
    await flush();
    await first.close();
    const relay = await startInspectorRelay({ port: Number(new URL(first.pageUrl).port) });
    cleanups.push(() => relay.close());
    const viewer = await view(relay.url);
    const [announced] = await viewer.until(rootIs('idle'));
    expect(announced).toMatchObject({ type: '@xstate.actor', sessionId: actor.sessionId });
    actor.send({ type: 'dial', to: 'x', token: 'x' });
    await viewer.until(rootIs('done'));
  });

  it('never throws, whatever it is given, and after it is closed', async () => {
    const relay = await start();
    const { inspect, flush, close } = connect(relay.url);
    const odd = [
      {},
      { type: '@xstate.snapshot', snapshot: null, actorRef: null },
      { type: '@xstate.snapshot', snapshot: null, actorRef: {} },
    ] as unknown as InspectionEvent[];
    for (const event of odd) expect(() => inspect(event)).not.toThrow();
    await flush();
    close();
    for (const event of odd) expect(() => inspect(event)).not.toThrow();
    await flush();
  });

  it('refuses an address that is no WebSocket', () => {
    expect(() => connectInspector('http://127.0.0.1')).toThrow(RangeError);
  });
});
