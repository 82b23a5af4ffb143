import { describe, expect, it } from 'vitest';
import { golden } from '../dashboard/support.ts';
import { maskedCopy, maskText } from '../../../sinks/inspector/mask.ts';

/** Keys of dials and alerts, what seeds chance, hashes, and facts that a text has too. */
const HIDDEN = ['definitions', 'facts', 'key', 'seed'];

describe('text', () => {
  it.each([
    ['calling +15550100100 now', 'calling +15******100 now'],
    ['To=%2B15550100100&x=1', 'To=+15******100&x=1'],
    ['+49 30 (12) 345-67', '+49******567'],
    ['Incorrect API key provided: abc123def.', 'Incorrect API key provided: ***'],
    ['authorization: Bearer abcdefgh.ijk', 'authorization: *** ***'],
    ['sk-proj-abcdefgh1234', '***'],
    ['/bot123:SECRET/sendMessage', '/bot***/sendMessage'],
    ['{"apiKey":"abc","n":1}', '{"apiKey":"***","n":1}'],
  ])('masks %s', (text, masked) => {
    expect(maskText(text)).toBe(masked);
  });

  it.each(['2026-01-01T00:00:00.000+02:00', '1767225600000', 'x:12', 'state.halfOpen'])(
    'leaves %s',
    (text) => {
      expect(maskText(text)).toBe(text);
    },
  );
});

describe('a copy', () => {
  it('shows of data only the fields that are listed, and all of what is no data', () => {
    const config = {
      context: { failures: 2, apiKey: 'k', note: 'x', none: null, result: { ok: true, pin: 1 } },
      states: { authorization: { on: { TOKEN: 'done' } } },
      invoke: { input: { to: '5550100100', service: 'LLM', secret: ['a'] } },
    };
    expect(maskedCopy(config, 'structure')).toEqual({
      context: {
        failures: 2,
        apiKey: '***',
        note: '***',
        none: null,
        result: { ok: true, pin: '***' },
      },
      states: { authorization: { on: { TOKEN: 'done' } } },
      invoke: { input: { to: '***', service: 'LLM', secret: '***' } },
    });
  });

  it('masks numbers and keys in what it shows', () => {
    const event = {
      type: 'attempt.failed',
      message: 'key=abc for +15550100100',
      attempts: { LLM: 1 },
    };
    expect(maskedCopy({ ...event, more: '+15550100100' }, 'data')).toEqual({
      type: 'attempt.failed',
      message: 'key=abc for +15******100',
      attempts: { LLM: 1 },
      more: '***',
    });
  });

  it('hides of our own machines what need not be seen, and nothing else', () => {
    const hidden = new Set<string>();
    const look = (value: unknown, copy: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [key, item] of Object.entries(value)) {
        const shown = (copy as Record<string, unknown>)[key];
        if (shown === '***' && item !== '***') hidden.add(key);
        else look(item, shown);
      }
    };
    for (const name of ['normal-call', 'outage-503', 'recovery']) {
      for (const { context = {}, event } of golden(name)) {
        for (const data of [context, event]) look(data, maskedCopy(data, 'data'));
      }
    }
    expect([...hidden].toSorted()).toEqual(HIDDEN);
  });

  it('survives what JSON does not', () => {
    const odd: Record<string, unknown> = {
      big: 1n,
      map: new Map([['token', 'x']]),
      set: new Set([1]),
      bytes: new Uint8Array(3),
      fault: new Error('for +15550100100'),
      run() {},
      get broken(): unknown {
        throw new Error('no');
      },
    };
    expect(maskedCopy(odd, 'structure')).toBe('[unreadable]');
    delete odd['broken'];
    odd['self'] = odd;
    expect(maskedCopy(odd, 'structure')).toEqual({
      big: '1',
      map: { token: 'x' },
      set: [1],
      bytes: '[3 bytes]',
      fault: { name: 'Error', message: 'for +15******100' },
      run: { type: 'run' },
      self: '[circular]',
    });
  });
});
