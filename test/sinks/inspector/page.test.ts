import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { PAGE } from '../../../sinks/inspector/page.ts';

interface FakeSocket {
  onmessage: ((message: { data: string }) => void) | null;
  onclose: (() => void) | null;
  closed: boolean;
}

/** Runs the script of the page in a browser of three objects. */
function open() {
  const script = /<script>(.*)<\/script>/s.exec(PAGE)?.[1] ?? '';
  const sockets: FakeSocket[] = [];
  const shown: unknown[] = [];
  const contentWindow = {
    postMessage: (message: unknown, target: string) => shown.push([target, message]),
  };
  const timers: (() => void)[] = [];
  const element = { contentWindow, hidden: true };
  let listener: (message: object) => void = () => {};
  class WebSocket implements FakeSocket {
    onmessage = null;
    onclose = null;
    closed = false;
    constructor() {
      sockets.push(this);
    }
    close() {
      this.closed = true;
    }
  }
  runInNewContext(script, {
    document: { querySelector: () => element },
    setTimeout: (work: () => void) => timers.push(work),
    location: { host: '127.0.0.1:1' },
    addEventListener: (_: string, callback: typeof listener) => (listener = callback),
    WebSocket,
  });
  return {
    sockets,
    shown,
    element,
    /** Lets all timers fire that were set. */
    wait: () => timers.splice(0).forEach((work) => work()),
    relay: (n: number) => sockets.at(-1)?.onmessage?.({ data: JSON.stringify({ n }) }),
    frameSays: (origin: string) =>
      listener({ source: contentWindow, origin, data: { type: '@statelyai.connected' } }),
  };
}

const STATELY = 'https://stately.ai';

it('keeps messages until the hosted inspector listens, then shows all in order', () => {
  const page = open();
  page.relay(1);
  expect(page.shown).toEqual([]);
  page.frameSays(STATELY);
  page.relay(2);
  expect(page.shown).toEqual([
    [STATELY, { n: 1 }],
    [STATELY, { n: 2 }],
  ]);
});

it('shows nothing to another site', () => {
  const page = open();
  page.relay(1);
  page.frameSays('https://evil.example');
  expect(page.shown).toEqual([]);
});

it('connects again for a hosted inspector that was reloaded', () => {
  const page = open();
  page.frameSays(STATELY);
  page.frameSays(STATELY);
  expect(page.sockets.map(({ closed }) => closed)).toEqual([true, false]);
});

it('connects again when it could not keep everything', () => {
  const page = open();
  for (let n = 0; n < 5001; n++) page.relay(n);
  page.frameSays(STATELY);
  expect(page.sockets).toHaveLength(2);
  expect(page.shown).toEqual([]);
});

it('says so when the hosted inspector does not answer, and points to the local statecharts', () => {
  const page = open();
  page.wait();
  expect(page.element.hidden).toBe(false);
  expect(PAGE).toMatch(/does not answer.*npx call-agent\s+serve/s);
  page.frameSays(STATELY);
  expect(page.element.hidden).toBe(true);
});

it('connects again when the program has gone', () => {
  const page = open();
  page.frameSays(STATELY);
  page.sockets[0]?.onclose?.();
  page.wait();
  expect(page.sockets).toHaveLength(2);
  page.relay(7);
  expect(page.shown.at(-1)).toEqual([STATELY, { n: 7 }]);
});
