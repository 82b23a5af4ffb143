import { expect, test } from 'vitest';
import type { Invocation } from '../../cli/command.ts';
import { stageOptions } from '../../cli/stage.ts';
import { dataFolder } from '../support/agent.ts';

/** A limit on the stage, in seconds. */
function limit(name: string, speed?: string, values: Record<string, string> = {}): unknown {
  const flags = { data: dataFolder(), ...(speed !== undefined && { speed }) };
  const environment = { values, fromFile: new Set<string>() };
  return stageOptions({ flags, environment } as unknown as Invocation).env?.[name];
}

test('a deadline grows with the speed, because the computer does not get faster with it', () => {
  expect(limit('REQUEST_DEADLINE')).toBeUndefined();
  expect(limit('REQUEST_DEADLINE', '5')).toBeUndefined();
  expect(limit('REQUEST_DEADLINE', '400')).toBe('3600');
  expect(limit('REQUEST_DEADLINE', '400', { REQUEST_DEADLINE: '60' })).toBe('60');
});

test('a health check has longer too, but not for ever', () => {
  expect(limit('HEALTH_CHECK_TIMEOUT')).toBeUndefined();
  expect(limit('HEALTH_CHECK_TIMEOUT', '40')).toBe('10');
  expect(limit('HEALTH_CHECK_TIMEOUT', '1000')).toBe('30');
});
