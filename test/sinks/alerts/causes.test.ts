import { describe, expect, test } from 'vitest';
import { causesFirst } from '../../../sinks/alerts/mute.ts';

const pairs = [
  { cause: 'service.down LLM', effect: 'breaker.opened LLM' },
  { cause: 'campaign.paused spring', effect: 'account.error LLM' },
  { cause: 'breaker.opened LLM', effect: 'call.failed LLM' },
  { cause: 'account.error LLM', effect: 'call.failed LLM' },
  { cause: 'breaker.opened LLM', effect: 'latency.high LLM' },
  { cause: 'account.error LLM', effect: 'error.rate' },
  { cause: 'breaker.opened LLM', effect: 'retry.rate' },
] as const;

describe('of two troubles seen at one look', () => {
  test.each(pairs)('$cause is decided before $effect', ({ cause, effect }) => {
    expect(causesFirst([effect, cause])).toEqual([cause, effect]);
    expect(causesFirst([cause, effect])).toEqual([cause, effect]);
  });
});
