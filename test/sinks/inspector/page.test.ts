import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { PAGE } from '../../../sinks/inspector/page.ts';

interface FakeSocket {
  onmessage: ((message: { data: string }) => void) | null;
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
  let listener: (message: object) => void = () => {};
  class WebSocket implements FakeSocket {
    onmessage = null;
    closed = false;
    constructor() {
      sockets.push(this);
    }
    close() {
      this.closed = true;
    }
  }
  runInNewContext(script, {
    document: { querySelector: () => ({ contentWindow }) },
    location: { host: '127.0.0.1:1' },
    addEventListener: (_: string, callback: typeof listener) => (listener = callback),
    WebSocket,
  });
  return {
    sockets,
    shown,
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
