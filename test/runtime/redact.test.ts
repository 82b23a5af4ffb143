import { describe, expect, test } from 'vitest';
import { redact } from '../../runtime/redact.ts';

const KEY = 'my-own-Ab3dEf6hIj9LmN2pQr5tUv8xYz1BcD4fGh7JkL0nOp';

describe('what comes from outside', () => {
  test.for([
    ['Incorrect API key provided: sk-proj-abc123XYZ. Find it', 'sk-proj'],
    ['Not with gsk_Ab3dEf6hIj9LmN2p', 'gsk_'],
    ['Invalid key sk_0123456789abcdef0123456789abcdef', 'sk_'],
    ['Token pat-na1-01234567-89ab-cdef expired', 'pat-'],
    ['denied Bearer ya29.SECRETACCESSTOKEN', 'ya29'],
    ['denied ya29.SECRETACCESSTOKEN', 'SECRET'],
    ['Bad header Bearer abcdef.ghijkl-mnop', 'ghijkl'],
    ['Bad header Basic QUMwMTIzOjQ1Njc4OQ==', 'QUMw'],
    ['Auth token 0123456789abcdef0123456789ABCDEF is wrong', '0123456789'],
    ['can not reach postgres://app:hunter22@db:5432/x', 'hunter22'],
    ['GET /v1/x?api_key=abcd1234&page=2 failed', 'abcd1234'],
    ['refused: user=app;Password=hunter22;', 'hunter22'],
  ] as const)('loses what looks like a key: %s', ([said, part]) => {
    expect(redact(said, [])).toContain('***');
    expect(redact(said, [])).not.toContain(part);
  });

  test('loses a key in use wherever the text is cut', () => {
    for (let before = 0; before < 400; before++) {
      const safe = redact(`${'x '.repeat(before)}${KEY} is no key`, [KEY]);
      expect(safe).not.toContain(KEY.slice(0, 6));
      expect(safe.length).toBeLessThanOrEqual(301);
    }
  });

  test('keeps the id of a request', () => {
    const id = '0123456789abcdef0123456789abcdef';
    expect(redact(id, [])).toBe(id);
    expect(redact(id, [id])).toBe('***');
  });

  test('loses a key in use of which a part looks like a key by itself', () => {
    const odd = 'sk-SECRET"OPENAI/KEY+1';
    expect(redact(`not with ${odd}, no`, [odd])).toBe('not with ***, no');
  });

  test.for<[name: string, text: string, safe: string]>([
    ['Bo Li', 'no call for Bo Li, Bo, or Li', 'no call for [name], Bo, or Li'],
    ['Ada Lovelace', 'ADA is not adamant, Lovelace', '[name] is not adamant, [name]'],
    ['李伟', '无法呼叫李伟先生', '无法呼叫[name]先生'],
    ['山田 太郎', '山田太郎様、山田 太郎', '[name][name]様、[name]'],
    ['김민준', '김민준님에게', '[name]님에게'],
    ['José Núñez', 'for José Núñez and José'.normalize('NFD'), 'for [name] and [name]'],
    ['José Núñez'.normalize('NFD'), 'for José Núñez', 'for [name]'],
    ['X', 'X marks the spot', 'X marks the spot'],
  ])('loses the name of %s', ([name, text, safe]) => {
    expect(redact(text, [], { name, phone: '+14155550101' })).toBe(safe);
  });
});
