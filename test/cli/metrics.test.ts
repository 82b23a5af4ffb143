import { expect, test, vi } from 'vitest';
import { Desk, jsonOf, refused } from './support/desk.ts';

vi.setConfig({ testTimeout: 60_000 });

test('metrics shows the five figures with their thresholds', async ({ onTestFinished }) => {
  const desk = new Desk(onTestFinished);
  const data = ['--data', 'data/scenarios'];
  const call = ['call', '--name', 'Ada', '--phone', '+14155550101', '--simulate-503'];
  await desk.run([...call, ...data, '--speed', '200', '--quiet']);
  const shown = await desk.run(['metrics', ...data]);
  expect(shown).toMatchObject({ code: 0, stderr: '' });
  expect(shown.stdout).toMatch(/^✗ Error rate +50\.0 % +< 5\.0 %$/m);
  expect(shown.stdout).toMatch(/^✓ Recovery time +– +< 120 s$/m);
  expect(jsonOf(await desk.run(['metrics', ...data, '--json']))).toEqual({
    errorRate: { value: 0.5, threshold: 0.05, ok: false },
    retrySuccessRate: { value: 0, threshold: 0.7, ok: false },
    circuitBreakerOpensPerHour: { value: 0, threshold: 3, ok: true },
    averageRetryCount: { value: 1.5, threshold: 1.5, ok: false },
    recoveryTimeSeconds: { value: null, threshold: 120, ok: true },
  });
  const later = ['metrics', ...data, '--json', '--since', '2100-01-01T00:00:00Z'];
  expect(jsonOf(await desk.run(later))).toMatchObject({ errorRate: { value: null, ok: true } });
  const span = jsonOf(await desk.run(['metrics', ...data, '--json', '--since', '7d']));
  expect(span).toMatchObject({ errorRate: { value: 0.5 } });
});

test('metrics refuses a folder without a journal and a span that is none', async ({
  onTestFinished,
}) => {
  const desk = new Desk(onTestFinished);
  expect(await desk.run(['metrics'])).toEqual(refused(1, /no journal in data/));
  expect(await desk.run(['metrics', '--since', 'soon'])).toEqual(refused(2, /--since must be/));
});
