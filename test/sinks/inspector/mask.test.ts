import { describe, expect, it } from 'vitest';
import { maskedCopy, maskText } from '../../../sinks/inspector/mask.ts';

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
  it('masks keys inside data only', () => {
    const config = {
      context: { apiKey: 'k', nested: { password: 1234, maxTokens: 500, token: null } },
      states: { authorization: { on: { TOKEN: 'done' } } },
      invoke: { input: { to: '5550100100', secret: ['a'] } },
    };
    expect(maskedCopy(config, 'structure')).toEqual({
      context: { apiKey: '***', nested: { password: '***', maxTokens: 500, token: null } },
      states: { authorization: { on: { TOKEN: 'done' } } },
      invoke: { input: { to: '+55*****100', secret: '***' } },
    });
  });

  it('survives what JSON does not', () => {
    const odd: Record<string, unknown> = {
      big: 1n,
      map: new Map([['token', 'x']]),
      set: new Set([1]),
      bytes: new Uint8Array(3),
      error: new Error('for +15550100100'),
      run() {},
      get broken(): unknown {
        throw new Error('no');
      },
    };
    expect(maskedCopy(odd, 'data')).toBe('[unreadable]');
    delete odd['broken'];
    odd['self'] = odd;
    expect(maskedCopy(odd, 'data')).toEqual({
      big: '1',
      map: { token: '***' },
      set: [1],
      bytes: '[3 bytes]',
      error: { name: 'Error', message: 'for +15******100' },
      run: { type: 'run' },
      self: '[circular]',
    });
  });
});
