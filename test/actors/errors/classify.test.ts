import { describe, expect, it } from 'vitest';
import { finishError } from '../../../actors/providers/errors/finish.ts';
import { answered, providers } from './answers.ts';

describe('whether a request may have been carried out', () => {
  const isOpen = (given: Parameters<typeof answered>[1]) => answered('twilio', given).ambiguous;

  it('is open when a POST had left and the server failed or gave up', () => {
    for (const status of [499, 500, 502, 503, 504, 529, 599, 200, 0]) {
      expect(isOpen({ status }), `${status}`).toBe(true);
    }
  });

  it('is not when the server refused it', () => {
    for (const status of [302, 400, 401, 403, 404, 408, 409, 422, 429]) {
      expect(isOpen({ status }), `${status}`).toBe(false);
    }
  });

  it('is not when it had not left, and a GET changes nothing', () => {
    expect(isOpen({ status: 503, sent: false })).toBe(false);
    expect(isOpen({ status: 503, method: 'GET' })).toBe(false);
    expect(isOpen({ status: 503, method: 'post' })).toBe(true);
  });

  it("is not with Twilio's 20429, whatever the status; it is with 20500 and 20503", () => {
    for (const status of [429, 503]) expect(isOpen({ status, body: { code: 20429 } })).toBe(false);
    expect(isOpen({ status: 500, body: { code: 20500 } })).toBe(true);
    expect(isOpen({ status: 503, body: { code: 20503 } })).toBe(true);
  });
});

describe('x-should-retry', () => {
  const told = (word: string, status: number, body: unknown = null) =>
    answered('anthropic', { status, body, headers: { 'x-should-retry': word } });

  it('turns a retry off, and makes it no problem of the contact', () => {
    expect(told('false', 529)).toMatchObject({
      category: 'PERMANENT_ERROR',
      kind: 'ServiceUnavailable',
      scope: 'account',
    });
    expect(told('false', 429, { error: { type: 'rate_limit_error' } }).scope).toBe('account');
    expect(told('false', 401)).toMatchObject({ kind: 'Authentication', scope: 'account' });
  });

  it('turns a retry on where only the status spoke against it', () => {
    expect(told('true', 409)).toMatchObject({ category: 'TRANSIENT_ERROR', scope: null });
    expect(told('true', 529).category).toBe('TRANSIENT_ERROR');
    const empty = { error: { type: 'billing_error' } };
    expect(told('true', 402, empty)).toMatchObject({ kind: 'Quota', scope: 'account' });
  });

  it('is heard from the two providers that say it, in the two words they use', () => {
    const headers = { 'x-should-retry': 'false' };
    expect(answered('openai', { status: 500, headers }).category).toBe('PERMANENT_ERROR');
    for (const provider of ['elevenlabs', 'twilio', 'hubspot'] as const) {
      expect(answered(provider, { status: 500, headers }).category).toBe('TRANSIENT_ERROR');
    }
    for (const word of ['', 'no', '0', 'FALSE?']) {
      expect(told(word, 500).category).toBe('TRANSIENT_ERROR');
    }
  });
});

describe('the id of the request', () => {
  it.each([
    'x-request-id',
    'request-id',
    'twilio-request-id',
    'x-trace-id',
    'x-hubspot-correlation-id',
  ])('is in %s', (name) => {
    for (const provider of providers) {
      const error = answered(provider, { headers: { [name]: 'RQ-1' } });
      expect(error.requestId).toBe('RQ-1');
    }
  });

  it('is in the body when no header has it, and is no endless text', () => {
    expect(answered('anthropic', { body: { request_id: 'req_1' } }).requestId).toBe('req_1');
    expect(answered('anthropic', { body: { request_id: 'x'.repeat(999) } }).requestId).toBeNull();
    expect(answered('anthropic', { body: { request_id: 17 } }).requestId).toBeNull();
  });
});

describe('the way in which a script ended', () => {
  it.each(['stop', 'end_turn', 'tool_calls', 'stop_sequence', null, undefined, 7, {}, []])(
    'is fine: %o',
    (reason) => {
      expect(finishError('LLM', reason)).toBeNull();
    },
  );

  it.each(['content_filter', 'refusal'])("is the contact's problem: %s", (reason) => {
    expect(finishError('LLM', reason)).toMatchObject({
      category: 'PERMANENT_ERROR',
      kind: 'InvalidPayload',
      scope: 'contact',
      code: reason,
    });
  });

  it.each(['length', 'max_tokens'])('is worth another try: %s', (reason) => {
    expect(finishError('LLM', reason)).toMatchObject({
      category: 'TRANSIENT_ERROR',
      kind: 'InvalidResponse',
      code: reason,
    });
  });
});
