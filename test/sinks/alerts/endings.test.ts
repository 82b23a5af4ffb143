import { expect, test } from 'vitest';
import type { RuleName } from '../../../sinks/alerts/alert.ts';
import { calmsDown } from '../../../store/prune-survey.ts';

/** How what each rule tells of comes to its end. */
const endings: { readonly [rule in RuleName]: 'when it is calm' | 'when something says so' } = {
  'service.down': 'when something says so',
  'breaker.opened': 'when something says so',
  'call.failed': 'when it is calm',
  'call.unknown': 'when something says so',
  'campaign.paused': 'when something says so',
  'account.error': 'when something says so',
  'error.rate': 'when it is calm',
  'retry.rate': 'when it is calm',
  'latency.high': 'when it is calm',
  // It is measured at the next start.
  'disk.full': 'when it is calm',
  'channel.failing': 'when something says so',
};

test('an old line is removed under an open alert only where calm alone ends it', () => {
  const calm = Object.entries(endings).filter(([, ending]) => ending === 'when it is calm');
  expect(calm.map(([rule]) => rule).toSorted()).toEqual([...calmsDown].toSorted());
});
