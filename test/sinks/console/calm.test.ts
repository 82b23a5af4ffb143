import { expect, onTestFinished, test, vi } from 'vitest';
import { Calm } from '../../../sinks/console/calm.ts';

function calm(perSecond: number): {
  say: Calm['say'];
  sumUp: Calm['sumUp'];
  lines: string[];
  pass: (ms: number) => void;
} {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const lines: string[] = [];
  const { say, sumUp } = new Calm({ write: (line) => void lines.push(line), perSecond });
  return { say, sumUp, lines, pass: (ms) => void vi.advanceTimersByTime(ms) };
}

test('what somebody can read is told as it comes', () => {
  const { say, lines, pass } = calm(3);
  for (const line of ['a', 'b', 'c']) say(line);
  pass(1000);
  for (const line of ['d', 'e', 'f']) say(line);
  pass(5000);
  expect(lines).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

test('what is more than that is counted, and told in one line a second later', () => {
  const { say, lines, pass } = calm(2);
  for (let n = 0; n < 1000; n++) say(`step ${n}`);
  expect(lines).toEqual(['step 0', 'step 1']);
  pass(1000);
  expect(lines.at(-1)).toBe('… 998 more lines: see call-agent tail');
  say('later');
  expect(lines.at(-1)).toBe('later');
});

test('failures are told although there are many steps, and counted when they are many themselves', () => {
  const { say, sumUp, lines } = calm(2);
  for (let n = 0; n < 10; n++) say('step');
  for (let n = 0; n < 5; n++) say(`failure ${n}`, 'error');
  sumUp();
  expect(lines).toEqual([
    'step',
    'step',
    'failure 0',
    'failure 1',
    '… 11 more lines, 3 of them failures: see call-agent tail',
  ]);
  sumUp();
  expect(lines).toHaveLength(5);
});

test('no more than the rate is written, however many come for a minute', () => {
  const { say, sumUp, lines, pass } = calm(20);
  let said = 0;
  for (let step = 0; step < 600; step++) {
    for (let n = 0; n < 50; n++) say(`line ${said++}`);
    pass(100);
  }
  sumUp();
  expect(lines.length).toBeLessThanOrEqual(61 * 21);
  const hidden = lines.map((line) => Number(/^… (\d+) more/.exec(line)?.[1] ?? 0));
  const told = lines.filter((line) => line.startsWith('line')).length;
  expect(told + hidden.reduce((a, b) => a + b, 0)).toBe(said);
});
