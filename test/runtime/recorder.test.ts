import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { assign, createMachine } from 'xstate';
import { machines } from '../../machines/registry.ts';
import { ada } from '../../scenarios/people.ts';
import { verifyJournal } from '../../store/verify.ts';
import { dataFolder, journalOf, openAgent, watch } from '../support/agent.ts';
import { recordsIn } from '../support/lives.ts';
import { openRuntime } from '../support/runtime.ts';
import { EPOCH, startVirtualAgent } from '../support/virtual-agent.ts';
import { Live } from '../store/live.ts';
import { recordsIn as recordsOf } from '../store/support.ts';

describe('an event that no state handles', () => {
  test('is counted by machine and type, and leaves no line', () => {
    const { runtime } = openRuntime();
    const breaker = runtime.guardService('LLM');
    const { seq } = runtime.journal;
    for (let i = 0; i < 3; i++) breaker.send({ type: 'breaker.release', at: EPOCH, by: 'test' });
    breaker.send({ type: 'service.recovered', at: EPOCH });
    expect(runtime.recorder.ignored).toEqual(
      new Map([
        ['breaker breaker.release', 3],
        ['breaker service.recovered', 1],
      ]),
    );
    expect(runtime.journal.seq).toBe(seq);
  });

  test('is not one that is handled', () => {
    const { runtime } = openRuntime();
    runtime.guardService('LLM').send({ type: 'breaker.isolate', at: EPOCH, by: 'test' });
    expect(runtime.recorder.ignored.size).toBe(0);
  });
});

describe('an observer that throws', () => {
  test('is counted, and hurts neither the actors nor the next observer', async () => {
    let seen = 0;
    const v = await openAgent({
      observers: [
        () => {
          throw new Error('a viewer’s bug');
        },
        () => seen++,
      ],
    });
    const result = await v.drive(v.agent.makeSingleCall(ada));
    expect(result.status).toBe('completed');
    expect(seen).toBeGreaterThan(100);
    expect(verifyJournal(`${v.dir}/journal`, machines).ok).toBe(true);
  });

  test('is counted each time', () => {
    const { runtime } = openRuntime(
      {},
      {
        observers: [
          () => {
            throw new Error('a viewer’s bug');
          },
        ],
      },
    );
    expect(runtime.recorder.ignored.get('observer threw')).toBeGreaterThan(0);
  });
});

/** A call without settings: its first request can't be made, which is a bug of ours. */
function doomed(contact: string) {
  return {
    id: `call:${contact}`,
    contact,
    campaign: null,
    worker: null,
    script: null,
    speech: null,
    redials: 0,
    simulated: false,
  };
}

describe('an actor that dies of an exception', () => {
  function die() {
    const opened = openRuntime();
    const { runtime } = opened;
    const call = runtime.roots.start('call', 'call:0001', doomed('0001'));
    const ended = watch(
      new Promise((resolve) => {
        runtime.roots.onEnd('call:0001', resolve);
      }),
    );
    call.send({ type: 'call.begin', at: EPOCH });
    return { ...opened, ended };
  }

  test('is journalled with what killed it, and ends', () => {
    const { runtime } = die();
    const last = recordsIn(runtime.dir).at(-1);
    expect(last).toMatchObject({
      actor: 'call:0001',
      event: { type: 'actor.failed' },
      to: 'error',
      done: true,
    });
    expect(String(last?.event['message'])).not.toBe('');
  });

  test('stops the agent when whoever waits for its end throws', () => {
    const { runtime, fatal } = openRuntime();
    const call = runtime.roots.start('call', 'call:0001', doomed('0001'));
    runtime.roots.onEnd('call:0001', () => {
      throw new Error('EIO: i/o error, read');
    });
    call.send({ type: 'call.begin', at: EPOCH });
    expect(fatal).toEqual([expect.objectContaining({ message: 'EIO: i/o error, read' })]);
  });

  test('leaves nobody in the middle of a turn: a snapshot can still be made', () => {
    const { runtime } = die();
    expect(runtime.recorder.isAtRest).toBe(true);
    runtime.close();
    expect(fs.readdirSync(path.join(runtime.dir, 'snapshots'))).toHaveLength(1);
  });

  test('leaves nobody there either when it had written a line of that turn', () => {
    const throwing = assign(() => {
      throw new Error('a bug of ours');
    });
    const brittle = createMachine({
      id: 'brittle',
      initial: 'whole',
      states: {
        whole: { on: { push: 'cracked' } },
        cracked: { always: { target: 'broken', actions: throwing } },
        broken: {},
      },
    });
    const live = new Live({ brittle }).start('brittle', 'brittle:1', undefined);
    live.send('brittle:1', { type: 'push' });
    const states = recordsOf(live.dir).map(({ to }) => to);
    expect(states).toEqual(['whole', 'cracked', 'error']);
    expect(live.recorder.isAtRest).toBe(true);
  });

  test('takes nothing else with it, and its contact is unknown', async () => {
    const { runtime, fatal, ended, settle } = die();
    await settle();
    expect(ended).toMatchObject({ settled: true });
    expect(fatal).toEqual([]);
    expect(runtime.ledger.get('0001')?.status).toBe('unknown');
    expect(runtime.roots.get('call:0001')).toBeUndefined();
    expect(runtime.roots.get('agent')).toBeDefined();
  });

  test('stays dead at the next start, and the journal verifies', async () => {
    const { runtime } = die();
    runtime.close();
    const v = await startVirtualAgent({
      simulateAll: true,
      dataDir: runtime.dir,
      startAt: EPOCH + 1_000,
    });
    await v.clock.advance(60_000);
    await v.agent.stop();
    const after = journalOf(v).filter(({ actor, seq }) => actor === 'call:0001' && seq > 5);
    expect(after).toEqual([]);
    expect(verifyJournal(`${v.dir}/journal`, machines).firstDifference).toBeNull();
  });
});

describe('a journal that can’t be written', () => {
  test('stops everything, and says so once', async () => {
    const fatal: unknown[] = [];
    const dir = dataFolder();
    const v = await openAgent({ dataDir: dir, onFatal: (error) => fatal.push(error) });
    const call = watch(v.agent.makeSingleCall(ada));
    v.agent.journal.close();
    await v.clock.advance(60_000);
    expect(fatal).toHaveLength(1);
    expect(v.agent.world?.dials).toEqual([]);
    expect(call.value?.status).not.toBe('completed');
  });
});
