import { expect, it } from 'vitest';
import { Viewer, type Outlet } from '../../../sinks/inspector/viewer.ts';

/** A socket whose peer reads only when told to. */
class SlowSocket implements Outlet {
  readonly sent: string[] = [];
  #callbacks: (() => void)[] = [];
  bufferedAmount = 0;

  send(text: string, sent: () => void): void {
    this.sent.push(text);
    this.#callbacks.push(sent);
    this.bufferedAmount += text.length;
  }

  drain(): void {
    this.bufferedAmount = 0;
    for (const sent of this.#callbacks.splice(0)) sent();
  }
}

it('leaves messages out while the viewer lags, then tells it the registry once', () => {
  const socket = new SlowSocket();
  const viewer = new Viewer(socket, () => ['registry'], 8);
  viewer.deliver('one, two, three');
  viewer.deliver('missed');
  viewer.deliver('missed too');
  expect(socket.sent).toEqual(['one, two, three']);
  socket.drain();
  expect(socket.sent).toEqual(['one, two, three', 'registry']);
  socket.drain();
  viewer.deliver('live');
  expect(socket.sent).toEqual(['one, two, three', 'registry', 'live']);
});

it('waits until the backlog is nearly gone', () => {
  const socket = new SlowSocket();
  const viewer = new Viewer(socket, () => ['registry'], 80);
  viewer.deliver('x'.repeat(81));
  viewer.deliver('missed');
  expect(socket.sent).toHaveLength(1);
  socket.drain();
  expect(socket.sent.at(-1)).toBe('registry');
});
