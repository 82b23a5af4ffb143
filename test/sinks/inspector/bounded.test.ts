import { once } from 'node:events';
import { afterEach, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createActor, createMachine, type InspectionEvent } from 'xstate';
import { connectInspector } from '../../../sinks/inspector/connect.ts';
import { Outgoing } from '../../../sinks/inspector/outgoing.ts';
import { startInspectorRelay } from '../../../sinks/inspector/relay.ts';
import { view } from './sockets.ts';

vi.setConfig({ testTimeout: 60_000 });

const TRANSITIONS = 100_000;
const MB = 1024 * 1024;

const machine = createMachine({
  id: 'flip',
  initial: 'on',
  states: {
    on: { on: { flip: 'off', end: 'ended' } },
    off: { on: { flip: 'on' } },
    ended: { type: 'final' },
  },
});

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

it('100,000 transitions at once, and a viewer that reads nothing, cost neither memory nor time', async () => {
  const relay = await startInspectorRelay({ port: 0 });
  cleanups.push(() => relay.close());
  const stalled = new WebSocket(relay.url);
  cleanups.push(() => stalled.terminate());
  await once(stalled, 'open');
  stalled.pause();
  const viewer = await view(relay.url);
  const { inspect, flush, close } = connectInspector(relay.url);
  cleanups.push(() => close());
  await flush();

  const actor = createActor(machine, { inspect }).start();
  const before = process.memoryUsage().rss;
  let most = before;
  for (let n = 0; n < TRANSITIONS; n++) {
    actor.send({ type: 'flip' });
    if (n % 1_000 === 0) most = Math.max(most, process.memoryUsage().rss);
  }
  actor.send({ type: 'end' });
  await flush();
  const messages = await viewer.until(({ snapshot }) => snapshot?.value === 'ended');
  most = Math.max(most, process.memoryUsage().rss);
  expect((most - before) / MB).toBeLessThan(150);
  expect(messages[0]).toMatchObject({ type: '@xstate.actor', name: 'flip' });
  // What was left out is told as where the actor is, not as all that it did.
  expect(messages.length).toBeLessThan(TRANSITIONS / 10);
});

const message = (type: string, session: string, more: object = {}): InspectionEvent =>
  ({ type, actorRef: { sessionId: session }, ...more }) as unknown as InspectionEvent;

it('holds back no more than a few thousand messages, then tells each actor and where it is', async () => {
  let takes = false;
  const told: InspectionEvent[] = [];
  const outgoing = new Outgoing({
    get takes() {
      return takes;
    },
    next: (event) => told.push(event),
  });
  outgoing.push(message('@xstate.actor', 'a'));
  for (let n = 0; n < TRANSITIONS; n++) {
    outgoing.push(message('@xstate.snapshot', 'a', { snapshot: { status: 'active', n } }));
  }
  outgoing.push(message('@xstate.actor', 'b'));
  outgoing.push(message('@xstate.snapshot', 'b', { snapshot: { status: 'done' } }));
  expect(outgoing.size).toBeLessThanOrEqual(2_000);
  takes = true;
  await outgoing.drained();
  expect(told.slice(-4)).toMatchObject([
    { type: '@xstate.actor', actorRef: { sessionId: 'a' } },
    { type: '@xstate.actor', actorRef: { sessionId: 'b' } },
    { type: '@xstate.snapshot', snapshot: { n: TRANSITIONS - 1 } },
    { type: '@xstate.snapshot', snapshot: { status: 'done' } },
  ]);
});
