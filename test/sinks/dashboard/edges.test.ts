import { expect, test } from 'vitest';
import { machines } from '../../../machines/registry.ts';
import { edgesThatFit } from '../../../sinks/dashboard/page/src/parts/edges.ts';
import { chartOf } from '../../../sinks/statecharts/chart.ts';

const idsOf = (machine: keyof typeof machines, from: string, event: string, to: string) => {
  const drawn = chartOf(machines[machine]).edges.map((edge) => ({
    id: edge.id,
    to: edge.to ?? '',
  }));
  return edgesThatFit(drawn, { from, event, to }).map(({ id }) => id);
};

test('every edge that a record fits is lit, not the first of them as if it were known', () => {
  expect(idsOf('health', 'checking', 'check.passed', 'healthy')).toEqual([
    'checking|check.passed|0',
    'checking|check.passed|1',
  ]);
});

test('an edge that leads elsewhere, or stays, is not', () => {
  expect(idsOf('breaker', 'closed', 'request.failed', 'open')).toHaveLength(1);
  expect(idsOf('breaker', 'closed', 'request.failed', 'closed').length).toBeGreaterThan(0);
  expect(idsOf('health', 'healthy', 'health.restart', 'unknown')).toEqual(['*|health.restart|0']);
  expect(idsOf('health', 'healthy', 'health.configure', 'healthy')).toEqual([
    '*|health.configure|0',
  ]);
  expect(idsOf('health', 'healthy', 'health.configure', 'unknown')).toEqual([]);
});
