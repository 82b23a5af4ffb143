import { describe, expect, test, vi } from 'vitest';
import { Desk } from './support/desk.ts';

vi.setConfig({ testTimeout: 60_000 });

describe('draw', () => {
  test.concurrent('without a machine lists them', async ({ onTestFinished }) => {
    const ended = await new Desk(onTestFinished).run(['draw', '--json']);
    expect(JSON.parse(ended.stdout)).toContainEqual(
      expect.objectContaining({ machine: 'breaker', states: 4 }),
    );
  });

  test.concurrent('prints Mermaid, and svg when asked', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const text = await desk.run(['draw', 'breaker']);
    expect(text.stdout).toMatch(/^stateDiagram-v2\n {2}\[\*\] --> closed\n/);
    const picture = await desk.run(['draw', 'breaker', '--format', 'svg']);
    expect(picture.stdout).toMatch(/^<svg [^]*<\/svg>\n$/);
  });

  test.concurrent.for([
    [['draw', 'toaster'], /no machine called "toaster": known are agent, breaker/],
    [['draw', 'breaker', '--format', 'png'], /--format must be mermaid or svg, got "png"/],
  ] as const)('refuses %s', async ([args, sentence], { onTestFinished }) => {
    const ended = await new Desk(onTestFinished).run([...args]);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(sentence);
  });
});
