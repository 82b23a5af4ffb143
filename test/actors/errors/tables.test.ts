import { describe, expect, it } from 'vitest';
import { tables } from '../../../actors/providers/errors/classify.ts';
import { findRow, statusRows, verdictOf } from '../../../actors/providers/errors/rule.ts';
import { answered, providers } from './answers.ts';
import { bodies } from './shapes.ts';
import { byStatus, cases } from './table-cases.ts';

describe.each(providers)('an answer of %s', (provider) => {
  for (const [status, code, kind, scope, said = 'It did not work.'] of cases[provider]) {
    it(`${status} with code ${code} is ${kind}, scope ${scope}`, () => {
      const error = answered(provider, { status, body: bodies[provider](code, said) });
      const { service } = tables[provider];
      const category = scope === null ? 'TRANSIENT_ERROR' : 'PERMANENT_ERROR';
      const expected = { category, kind, scope, status, code: code ?? status, service };
      expect(error).toMatchObject(expected);
      expect(error.message).toBe(`${service} answered ${status}: ${said}`);
    });
  }

  it('has a case for every row of its table, and no row stands in the shade of another', () => {
    const { rows, read } = tables[provider];
    const used = cases[provider].map(([status, code, , , said]) =>
      findRow(rows, read(bodies[provider](code, said ?? '')), status),
    );
    expect(rows.filter((row) => !used.includes(row))).toEqual([]);
  });
});

const nothing = { codes: [], message: null, requestId: null };

describe('a status with a code that no table knows', () => {
  const unknown = { codes: ['brand_new_error'], message: null, requestId: null };

  it.each(byStatus)('%i is %s, scope %s', (status, kind, scope) => {
    const category = scope === null ? 'transient' : 'permanent';
    expect(verdictOf(findRow([], unknown, status))).toEqual({ category, kind, scope });
  });

  it('has a case for every row of the table', () => {
    const used = byStatus.map(([status]) => findRow([], unknown, status));
    used.push(findRow([], nothing, 400));
    expect(statusRows.filter((row) => !used.includes(row))).toEqual([]);
  });

  it('means the same from every provider that does not say otherwise', () => {
    for (const provider of providers) {
      const own = tables[provider].rows.map(({ code, status }) =>
        code === undefined ? status : 0,
      );
      for (const [status, kind, scope] of byStatus) {
        if (own.includes(status)) continue;
        const error = answered(provider, {
          status,
          body: bodies[provider]('brand_new_error', 'Hm.'),
        });
        expect(error).toMatchObject({ kind, scope, code: 'brand_new_error' });
      }
    }
  });
});

describe('a refusal without a code', () => {
  it.each([400, 405, 409, 418, 422, 431, 451])('%i is a proxy’s, and meets everybody', (status) => {
    const expected = { category: 'permanent', kind: 'InvalidPayload', scope: 'config' };
    expect(verdictOf(findRow([], nothing, status))).toEqual(expected);
  });

  it('means what its status means where that says enough', () => {
    for (const status of [401, 402, 403, 404, 408, 413, 425, 429, 499, 503]) {
      const known = byStatus.find(([one]) => one === status);
      const [, kind, scope] = known ?? [];
      expect(verdictOf(findRow([], nothing, status))).toMatchObject({ kind, scope });
    }
  });

  it('is one also when a page comes with it', () => {
    const body = '<html><head><title>400 Bad Request</title></head></html>';
    for (const provider of providers) {
      const error = answered(provider, { status: 400, body });
      expect(error).toMatchObject({ kind: 'InvalidPayload', scope: 'config', code: 400 });
      expect(error.ambiguous).toBe(false);
    }
  });
});
