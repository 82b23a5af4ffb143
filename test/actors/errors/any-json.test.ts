import { describe, expect, it } from 'vitest';
import { isProviderError } from '../../../errors.ts';
import { answered, providers, randomFrom } from './answers.ts';
import { redact } from '../../../runtime/redact.ts';

const keys = ['detail', 'error', 'code', 'type', 'status', 'message', 'details', 'error_code']
  .concat(['category', 'errorType', 'policyName', 'msg', 'request_id', 'correlationId', 'data'])
  .concat(['parameters', 'retry_after', 'title', '__proto__', 'constructor', 'toString', 'length']);
const leaves: readonly unknown[] = [null, true, false, 0, -1, 1.5, 1e308, '', ' ', '<p>', 'DAILY']
  .concat([20429, 'quota_exceeded', 'insufficient_quota', 'x'.repeat(5_000), '\ud800', '\0'])
  .concat(['Buffer', 'sk-abcdefghijkl', '{"error":{"code":"invalid_api_key"}}', '[1,2']);

/** JSON out of the words that providers use, put together in any way. */
function jsonFrom(random: (below: number) => number, depth = 0): unknown {
  const kind = random(depth > 4 ? 1 : 3);
  if (kind === 0) return leaves[random(leaves.length)];
  const parts = Array.from({ length: random(5) }, () => jsonFrom(random, depth + 1));
  if (kind === 1) return parts;
  const entries = parts.map((part) => [keys[random(keys.length)], part] as const);
  return JSON.parse(
    `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join()}}`,
  );
}

describe('whatever a provider answers', () => {
  it('becomes an error that is whole: nothing throws, nothing is endless', () => {
    const random = randomFrom(20_260_501);
    const broken: string[] = [];
    for (let round = 0; round < 10_000; round++) {
      const provider = providers[random(providers.length)] ?? 'openai';
      const value = jsonFrom(random);
      const forms = [value, JSON.stringify(value), Buffer.from(JSON.stringify(value))];
      const body = forms[random(forms.length)];
      const status = random(4) === 0 ? random(1_000) : 400 + random(200);
      const error = answered(provider, { status, body });
      const isTransient = error.category === 'TRANSIENT_ERROR';
      const isWhole =
        isProviderError(error) &&
        (error.scope === null) === isTransient &&
        (typeof error.code === 'string'
          ? error.code.length <= 80
          : typeof error.code === 'number') &&
        (error.requestId === null || error.requestId.length <= 200) &&
        (error.retryAfterMs === null || error.retryAfterMs >= 0) &&
        error.message.length < 2_100 &&
        !redact(error.message, []).includes('sk-abcdefghijkl');
      if (!isWhole) broken.push(`${provider} ${status} ${JSON.stringify(value)}`);
    }
    expect(broken).toEqual([]);
  });

  it('is read in no time when it is huge', () => {
    const started = performance.now();
    const huge = 'Bearer '.repeat(300_000) + 'a'.repeat(3_000_000);
    for (const provider of providers) {
      answered(provider, { body: huge });
      answered(provider, { body: { message: huge, error: { message: huge }, detail: huge } });
      answered(provider, { body: Buffer.alloc(20_000_000, '{"detail":') });
      answered(provider, { body: Array.from({ length: 100_000 }, () => null) });
    }
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
