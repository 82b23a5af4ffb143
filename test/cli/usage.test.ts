import { describe, expect, test, vi } from 'vitest';
import { allCommands } from '../../cli/commands/registry.ts';
import { explain } from '../../cli/help.ts';
import { VERSION } from '../../version.ts';
import { Desk, refused } from './support/desk.ts';

vi.setConfig({ testTimeout: 60_000 });

const everything = await allCommands();

describe('--help', () => {
  test.concurrent('alone lists every command and the exit codes', async ({ onTestFinished }) => {
    const ended = await new Desk(onTestFinished).run(['--help']);
    expect(ended.code).toBe(0);
    expect(ended.stderr).toBe('');
    for (const { name } of everything) expect(ended.stdout).toContain(`\n  ${name}`);
    expect(ended.stdout).toMatch(/Exit codes: 0 .* 1 .* 2 .* 3 .* 130 /);
  });

  test.for(everything)('explains "$name", with an example', (command) => {
    const told = explain(command);
    const flags = ['--data DIR', '--speed N', '--json', '--quiet', '--help'];
    for (const text of [`Usage: npx call-agent ${command.usage}`, ...flags]) {
      expect(told).toContain(text);
    }
    expect(told).toMatch(/\nExamples?\n {2}/);
    for (const [, example = ''] of told.matchAll(/^ {2}(?:npx )?call-agent ([a-z ]+)/gm)) {
      expect(everything.some(({ name }) => example.startsWith(name.split(' ')[0] ?? ''))).toBe(
        true,
      );
    }
  });

  test.concurrent('of a command does nothing', async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    const ended = await desk.run(['campaign', 'run', '--help']);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toContain('Usage: npx call-agent campaign run');
    expect(desk.has('data')).toBe(false);
  });
});

test.concurrent('--version and help do as they do elsewhere', async ({ onTestFinished }) => {
  const desk = new Desk(onTestFinished);
  const [version, help, one] = await Promise.all([
    desk.run(['--version']),
    desk.run(['help']),
    desk.run(['help', 'campaign', 'run']),
  ]);
  expect(version).toMatchObject({ code: 0, stdout: `${VERSION}\n`, stderr: '' });
  expect(help).toEqual(await desk.run(['--help']));
  expect(one.stdout).toMatch(/^Usage: npx call-agent campaign run FILE/);
  expect(one.stdout).toMatch(/^ {2}--concurrency N +contacts worked on at the same time/m);
});

describe('wrong usage', () => {
  const cases: readonly (readonly [line: string, sentence: RegExp])[] = [
    ['frobnicate', /no command "frobnicate"/],
    ['frobnicate --help', /no command "frobnicate"/],
    ['statsu', /no command "statsu": did you mean "status"/],
    ['campain run a.csv', /no command "campain run a\.csv": did you mean "campaign run"/],
    ['campaign chek a.csv', /did you mean "campaign check"/],
    ['status --jsn', /--jsn.*did you mean --json/],
    ['status --speed fast', /^--speed must be a number .*, got "fast"/],
    ['campaign', /no command "campaign".*campaign run/],
    ['campaign run', /Usage: npx call-agent campaign run FILE/],
    ['call --name Ada', /Usage: npx call-agent call --name NAME --phone/],
    ['campaign run a.csv b.csv', /"b\.csv"/],
    ['campaign run a.csv --default-country USA', /two-letter code .* such as US, got "USA"/],
    ['campaign check a.csv --default-country=', /^--default-country must be a two-letter code/],
    ['--frobnicate', /--frobnicate/],
    ['status --frobnicate', /--frobnicate/],
    ['status --data', /--data/],
    ['status --data=', /^--data must name a folder/],
    ['status now', /"now"/],
    ['status --concurrency 2', /"status" takes no --concurrency/],
    ['verify --follow', /"verify" takes no --follow/],
    ['tail --until 3', /"tail" takes no --until/],
    ['scenario nobody-wrote-it', /no scenario called "nobody-wrote-it".*normal-call/],
    ['scenario normal-call recovery', /"recovery"/],
    ['inspect normal-call', /Usage: npx call-agent inspect scenario NAME/],
    ['inspect scenario nobody-wrote-it', /no scenario called "nobody-wrote-it"/],
    ['inspect scenario normal-call --port 70000', /--port must be .* 65535, got "70000"/],
    ['replay --until yesterday', /--until must be .*, got "yesterday"/],
  ];

  test.concurrent.for(cases)('"%s" is refused with exit 2', async ([line, sentence], context) => {
    const desk = new Desk(context.onTestFinished);
    expect(await desk.run(line.split(' '))).toEqual(refused(2, sentence));
    expect(desk.has('data')).toBe(false);
  });

  const badNumbers: readonly (readonly [flag: string, value: string])[] = [
    ['--concurrency', '0'],
    ['--concurrency', '-1'],
    ['--concurrency', '1.5'],
    ['--concurrency', 'many'],
    ['--concurrency', ''],
    ['--speed', '0'],
    ['--speed', '-1'],
    ['--speed', 'NaN'],
    ['--speed', 'fast'],
    ['--speed', ''],
  ];

  test.concurrent.for(badNumbers)(
    '%s "%s" is refused with exit 2',
    async ([flag, value], context) => {
      const desk = new Desk(context.onTestFinished);
      desk.write('list.csv', 'name,phone\nAda,+14155550101\n');
      const ended = await desk.run(['campaign', 'run', 'list.csv', `${flag}=${value}`]);
      expect(ended).toEqual(
        refused(2, new RegExp(`^${flag} must be a .*number .*, got "${value}"`)),
      );
      expect(desk.has('data')).toBe(false);
    },
  );

  test.concurrent('scenario refuses a bad speed too', async ({ onTestFinished }) => {
    const ended = await new Desk(onTestFinished).run(['scenario', 'normal-call', '--speed', '0']);
    expect(ended).toEqual(refused(2, /^--speed must be a number .*, got "0"/));
  });
});
