import { expect, test } from 'vitest';
import type { Invocation } from '../../cli/command.ts';
import { stageOptions } from '../../cli/stage.ts';
import { dataFolder } from '../support/agent.ts';

/** Seconds that a request has on the stage. */
function deadline(speed: string | undefined, values: Record<string, string> = {}): unknown {
  const flags = { data: dataFolder(), ...(speed !== undefined && { speed }) };
  const environment = { values, fromFile: new Set<string>() };
  return stageOptions({ flags, environment } as unknown as Invocation).env?.['REQUEST_DEADLINE'];
}

test('a deadline grows with the speed, because the computer does not get faster with it', () => {
  expect(deadline(undefined)).toBeUndefined();
  expect(deadline('5')).toBeUndefined();
  expect(deadline('400')).toBe('3600');
  expect(deadline('400', { REQUEST_DEADLINE: '60' })).toBe('60');
});
