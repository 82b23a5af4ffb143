import { describe, expect, it } from 'vitest';
import { parseFrame } from '../../../sinks/inspector/frame.ts';
import { Registry, type RegistryOptions } from '../../../sinks/inspector/registry.ts';
import { actor, event, snapshot } from './sockets.ts';

function registryOf(texts: readonly string[], options?: RegistryOptions): Registry {
  const registry = new Registry(options);
  for (const text of texts) registry.note(parseFrame(text) ?? { type: '' }, text);
  return registry;
}

describe('the registry', () => {
  it('keeps the last snapshot of each actor and no event', () => {
    const registry = registryOf([
      actor('x:0'),
      event('x:0', 'go'),
      snapshot('x:0', 'a'),
      actor('x:1'),
      snapshot('x:0', 'b'),
    ]);
    expect([...registry.replay()]).toEqual([actor('x:0'), actor('x:1'), snapshot('x:0', 'b')]);
  });

  it('ignores snapshots of actors that it does not know', () => {
    expect([...registryOf([snapshot('x:9', 'a')]).replay()]).toEqual([]);
  });

  it('forgets the state of a session that is announced anew', () => {
    const registry = registryOf([
      actor('x:0'),
      snapshot('x:0', 'old'),
      actor('x:0', { name: 'new' }),
    ]);
    expect([...registry.replay()]).toEqual([actor('x:0', { name: 'new' })]);
  });

  it('drops the oldest finished session first, then the oldest child', () => {
    const texts = [
      actor('x:0'),
      actor('x:1', { parentId: 'x:0' }),
      actor('x:2', { parentId: 'x:0' }),
      snapshot('x:2', 'end', 'done'),
      actor('x:3', { parentId: 'x:0' }),
    ];
    const third = registryOf(texts, { sessionsMax: 3 });
    expect([...third.replay()].map((text) => parseFrame(text)?.sessionId)).toEqual([
      'x:0',
      'x:1',
      'x:3',
    ]);
    const second = registryOf(texts, { sessionsMax: 2 });
    expect([...second.replay()].map((text) => parseFrame(text)?.sessionId)).toEqual(['x:0', 'x:3']);
  });

  it('is bounded by size too', () => {
    const big = (id: string) => actor(id, { definition: 'x'.repeat(1000) });
    const registry = registryOf([big('x:0'), big('x:1'), big('x:2')], { sizeMax: 2500 });
    expect([...registry.replay()]).toEqual([big('x:1'), big('x:2')]);
  });
});
