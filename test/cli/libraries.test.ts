import { describe, expect, test, vi } from 'vitest';
import { Desk, jsonOf } from './support/desk.ts';
import { openAccounts } from './support/providers.ts';

vi.setConfig({ testTimeout: 60_000 });

const watched = {
  NODE_OPTIONS: `--import ${new URL('support/slow-libraries.ts', import.meta.url).href}`,
};
const CALL = ['call', '--name', 'Ada', '--phone', '+14155550101', '--json'];

describe('a vendor’s client library', () => {
  test.concurrent('is loaded by nobody who does not need it', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const { env } = await openAccounts(onTestFinished);
    // The check of a list asks the services whether they accept their keys, so that one needs it.
    const others = [['status'], ['config'], ['campaign', 'list']];
    const said = await Promise.all(
      others.map((args) => desk.run(args, { env: { ...env, ...watched } })),
    );
    expect(said.map(({ code }) => code)).toEqual([0, 0, 0]);
    for (const { stderr } of said) expect(stderr).not.toContain('loads');
  });

  test.concurrent('takes none of an attempt’s time, nor of its request’s', async (context) => {
    const { onTestFinished } = context;
    const desk = new Desk(onTestFinished);
    const { env } = await openAccounts(onTestFinished, { speed: 1_000 });
    // Three seconds by the wall, and the library takes longer than that.
    const times = { REQUEST_TIMEOUT: '3000', REQUEST_DEADLINE: '3000', LOADING_TAKES_MS: '3500' };
    const ended = await desk.run([...CALL, '--speed', '1000'], {
      env: { ...env, ...watched, ...times },
    });
    expect(ended.stderr.match(/^loads .*$/gm)).toEqual(['loads openai']);
    expect(ended.code).toBe(0);
    expect(jsonOf(ended)).toMatchObject({ status: 'completed', attempts: { LLM: 1 } });
  });
});
