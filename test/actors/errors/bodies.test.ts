import { describe, expect, it } from 'vitest';
import { crmErrorBody } from '../../../scenarios/world/crm-errors.ts';
import { elevenLabsErrorBody } from '../../../scenarios/world/elevenlabs-errors.ts';
import { llmErrorBody } from '../../../scenarios/world/llm-errors.ts';
import { telephonyErrorBody } from '../../../scenarios/world/telephony-errors.ts';
import { answered, providers } from './answers.ts';

describe("ElevenLabs' bodies", () => {
  it('are read in the old shape', () => {
    const body = { detail: { status: 'quota_exceeded', message: 'Out of credits.' } };
    expect(answered('elevenlabs', { status: 401, body })).toMatchObject({
      kind: 'Quota',
      code: 'quota_exceeded',
      message: 'ElevenLabs answered 401: Out of credits.',
    });
  });

  it('are read in the new shape, where the code comes before the old status', () => {
    const detail = {
      type: 'rate_limit_error',
      code: 'concurrent_limit_exceeded',
      message: 'Too many at once.',
      status: 'too_many_concurrent_requests',
      request_id: 'req-17',
      param: null,
    };
    expect(answered('elevenlabs', { status: 429, body: { detail } })).toMatchObject({
      kind: 'RateLimit',
      code: 'concurrent_limit_exceeded',
      requestId: 'req-17',
    });
  });

  it('are looked up by the old status when the code has no row', () => {
    const detail = { code: 'payment_needed', status: 'quota_exceeded' };
    const error = answered('elevenlabs', { status: 401, body: { detail } });
    expect(error).toMatchObject({ kind: 'Quota', scope: 'account', code: 'payment_needed' });
  });

  it('are read as a list and as a sentence', () => {
    const detail = [{ type: 'missing', loc: ['body', 'text'], msg: 'Field required', input: null }];
    expect(answered('elevenlabs', { status: 422, body: { detail } })).toMatchObject({
      scope: 'config',
      code: 'missing',
      message: 'ElevenLabs answered 422: Field required',
    });
    const plain = { detail: 'Method Not Allowed' };
    expect(answered('elevenlabs', { status: 405, body: plain })).toMatchObject({
      code: 405,
      message: 'ElevenLabs answered 405: Method Not Allowed',
    });
  });

  it('are read as text, as bytes and as a buffer that went through JSON', () => {
    const text = '{"detail":{"status":"detected_unusual_activity","message":"Unusual."}}';
    const bytes = Buffer.from(text);
    const { buffer, byteOffset, byteLength } = new Uint8Array(bytes);
    const forms = [
      text,
      bytes,
      new Uint8Array(bytes),
      buffer.slice(byteOffset, byteOffset + byteLength),
      JSON.parse(JSON.stringify(bytes)),
    ];
    for (const body of forms) {
      const error = answered('elevenlabs', { status: 401, body });
      expect(error.code).toBe('detected_unusual_activity');
    }
  });
});

describe("the LLM's bodies", () => {
  it('tell by the type when the code is empty', () => {
    const error = { message: 'You exceeded your current quota.', type: 'insufficient_quota' };
    for (const code of [null, '', undefined]) {
      const body = { error: { ...error, code } };
      expect(answered('openai', { status: 429, body })).toMatchObject({
        kind: 'Quota',
        scope: 'account',
        code: 'insufficient_quota',
      });
    }
  });

  it('tell by the code when the type says something coarser', () => {
    const error = { type: 'insufficient_quota', code: 'rate_limit_exceeded', message: 'Slower.' };
    expect(answered('openai', { status: 429, body: { error } }).kind).toBe('RateLimit');
  });

  it('are read from compatible servers, in a list, without the wrapping and as a sentence', () => {
    const inner = { code: 'context_length_exceeded', message: 'Too long.' };
    for (const body of [[{ error: inner }], { object: 'error', ...inner }]) {
      expect(answered('openai', { status: 400, body })).toMatchObject({
        scope: 'contact',
        message: 'LLM answered 400: Too long.',
      });
    }
    const body = { error: 'model is loading' };
    expect(answered('openai', { status: 503, body }).message).toBe(
      'LLM answered 503: model is loading',
    );
  });

  it("are read in Anthropic's shape, the error_code before the type, with the request id", () => {
    const details = { error_code: 'enforced_spend_limit_reached' };
    const error = { type: 'rate_limit_error', message: 'Monthly cap reached.', details };
    const body = { type: 'error', error, request_id: 'req_9' };
    expect(answered('anthropic', { status: 429, body })).toMatchObject({
      kind: 'Quota',
      code: 'enforced_spend_limit_reached',
      requestId: 'req_9',
    });
  });

  it('tell of an error in a stream that had begun with a 200', () => {
    const body = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    const error = answered('anthropic', { status: 200, body });
    expect(error).toMatchObject({ kind: 'ServiceUnavailable', code: 'overloaded_error' });
  });
});

describe("Twilio's and HubSpot's bodies", () => {
  it('are read as problem details too', () => {
    const body = { title: 'Invalid number', status: 400, detail: 'No such number.', code: 21211 };
    expect(answered('twilio', { status: 400, body })).toMatchObject({
      scope: 'contact',
      code: 21211,
      message: 'Telephony answered 400: No such number.',
    });
  });

  it("have HubSpot's policy as the code, and its correlation id", () => {
    const body = { errorType: 'RATE_LIMIT', policyName: 'DAILY', correlationId: 'c-1' };
    const error = answered('hubspot', { status: 429, body });
    expect(error).toMatchObject({ code: 'DAILY', requestId: 'c-1' });
  });
});

describe('the bodies of the simulated world', () => {
  const worlds = {
    elevenlabs: elevenLabsErrorBody,
    openai: llmErrorBody,
    twilio: telephonyErrorBody,
    hubspot: crmErrorBody,
  } as const;
  it.each(['elevenlabs', 'openai', 'twilio', 'hubspot'] as const)('are read: %s', (provider) => {
    for (const [status, kind] of [
      [401, 'Authentication'],
      [429, 'RateLimit'],
      [500, 'ServiceUnavailable'],
      [503, 'ServiceUnavailable'],
    ] as const) {
      expect(answered(provider, { status, body: worlds[provider](status) }).kind).toBe(kind);
    }
  });
});

describe('a body that says nothing', () => {
  const html = '<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>';
  it.each([
    ['a page', html],
    ['a page in bytes', Buffer.from(`\n  ${html}`)],
    ['empty', ''],
    ['no bytes', new Uint8Array()],
    ['null', null],
    ['undefined', undefined],
    ['cut JSON', '{"detail":{"status":"quota_exc'],
    ['a list', []],
    ['a list of nothing', [null]],
    ['a number', 17],
    ['nested nulls', { detail: null, error: null, code: null, message: null, category: null }],
    ['deeper nulls', { detail: { status: null, message: null }, error: { code: null } }],
    ['far too deep', '['.repeat(500_000)],
    ['wrong types', { detail: 7, error: [1], code: { a: 1 }, message: ['x'], category: true }],
  ])('leaves it to the status: %s', (_, body) => {
    for (const provider of providers) {
      const error = answered(provider, { status: 502, body });
      expect(error).toMatchObject({ kind: 'ServiceUnavailable', scope: null, code: 502 });
      expect(error.message).toBe(`${error.service} answered 502`);
    }
  });

  it('gives no code that is a sentence, for it may hold a name', () => {
    const body = { code: 'Ann Lee, +14155552671, is busy', message: 'x' };
    expect(answered('twilio', { status: 400, body }).code).toBe(400);
  });
});

describe('the message', () => {
  const saying = (message: string) => answered('twilio', { body: { message } }).message;

  it('is one short line', () => {
    expect(saying('a\r\n\t b\0c')).toBe('Telephony answered 500: a b c');
    expect(saying('x'.repeat(5_000_000)).length).toBeLessThan(2_040);
    expect(saying('many words '.repeat(500_000)).length).toBeLessThan(2_040);
    expect(saying('😀'.repeat(500)).isWellFormed()).toBe(true);
  });
});
