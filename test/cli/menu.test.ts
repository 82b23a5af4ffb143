import { expect, test, vi } from 'vitest';
import { Desk } from './support/desk.ts';

vi.setConfig({ testTimeout: 60_000 });

const DEMO = `\
Contact 1: ❌ 503 Error → Retry (5s) → Retry (10s) → Retry (20s) → Failed → Alert → Next
Contact 2: ✅ Service Recovered → Success
Contact 3: ✅ Success
Result: 2/3 contacts processed (66% success rate)
`;

test.concurrent('no input at all gets the full demo, and exit 0', async ({ onTestFinished }) => {
  const desk = new Desk(onTestFinished);
  const ended = await desk.run(['--speed', '200']);
  expect(ended.stdout).toBe(DEMO);
  expect(ended.code).toBe(0);
  expect(desk.has('data', 'scenarios', 'journal')).toBe(true);
});

test.concurrent('the demo looks the same every time it is run', async ({ onTestFinished }) => {
  const desk = new Desk(onTestFinished);
  for (const time of ['first', 'second']) {
    const ended = await desk.run(['--speed', '200', '--quiet']);
    expect(ended, time).toMatchObject({ stdout: DEMO, stderr: '', code: 0 });
  }
});

test.concurrent('every number from a pipe does what the menu says', async ({ onTestFinished }) => {
  const input = '1\n2\n3\n4\n5\n6\n1\n';
  const ended = await new Desk(onTestFinished).run(['--speed', '200'], { input });
  expect(ended.code).toBe(0);
  const { stdout } = ended;
  const order = [
    '✅ CALL COMPLETED SUCCESSFULLY',
    '→ Retry attempt 1/3 (waiting 5s)...',
    '→ Retry attempt 2/3 (waiting 10s)...',
    '→ Retry attempt 3/3 (waiting 20s)...',
    '❌ Max retries exceeded',
    'ElevenLabs : CLOSED',
    'All circuit breakers are closed.',
    DEMO,
  ].map((text) => stdout.indexOf(text));
  expect(order).not.toContain(-1);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(stdout.endsWith(DEMO), 'nothing after 6').toBe(true);
});

test.concurrent('a normal call tells its steps', async ({ onTestFinished }) => {
  const ended = await new Desk(onTestFinished).run(['--speed', '200'], { input: '1\n' });
  expect(ended.stdout).toMatch(/✓ LLM Response: ".+"/);
  expect(ended.stdout).toMatch(/✓ Audio URL: file:\/\/\/\S+\.mp3/);
  expect(ended.stdout).toMatch(/✓ Duration: \d+\.\ds/);
  expect(ended.stdout).toContain('✅ CALL COMPLETED SUCCESSFULLY\n');
  expect(ended.code, 'the end of the input is no error').toBe(0);
});

test.concurrent('a wrong number is told on stderr and asked again', async ({ onTestFinished }) => {
  const input = '9\n0\nx\n1e0\n\n3\n';
  const ended = await new Desk(onTestFinished).run(['--speed', '200', '--quiet'], { input });
  for (const wrong of ['"9"', '"0"', '"x"', '"1e0"']) {
    expect(ended.stderr).toContain(`${wrong} is not on the menu`);
  }
  expect(ended.stderr.match(/is not on the menu/g)).toHaveLength(4);
  expect(ended.stdout).toContain('ElevenLabs : CLOSED');
  expect(ended.code).toBe(0);
});

test.concurrent('6 leaves at once, without the demo', async ({ onTestFinished }) => {
  const ended = await new Desk(onTestFinished).run([], { input: '6\n' });
  expect(ended).toMatchObject({ stdout: '', code: 0 });
});
