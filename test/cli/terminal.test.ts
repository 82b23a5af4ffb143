import { execFileSync } from 'node:child_process';
import { describe, expect, test, vi } from 'vitest';
import { Desk, jsonOf } from './support/desk.ts';
import { contactList } from './support/lists.ts';
import { olderNode } from './support/older-node.ts';
import { noTerminal, Terminal, type TerminalOptions } from './support/terminal.ts';

vi.setConfig({ testTimeout: 120_000 });

const why = noTerminal === null ? '' : ` (skipped: ${noTerminal})`;
const onTerminal = { skip: noTerminal !== null };

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const KILL_LINE = '\u0015';
const DOWN = '\u001b[B';
const MENU = /AI call agent/;
// oxlint-disable-next-line no-control-regex -- colours begin with one
const COLOUR = /\u001b\[(?:3[0-7]|9[0-7])m/;

type OnTestFinished = (fn: () => void | Promise<void>) => void;

function open(
  onTestFinished: OnTestFinished,
  desk: Desk,
  args: readonly string[],
  options?: TerminalOptions,
): Terminal {
  const terminal = Terminal.run(desk, args, options);
  onTestFinished(() => terminal.close());
  return terminal;
}

describe(`the menu on a terminal${why}`, () => {
  test('is chosen from with the arrows, and comes back', onTerminal, async ({ onTestFinished }) => {
    const terminal = open(onTestFinished, new Desk(onTestFinished), []);
    await terminal.shows(MENU);
    terminal.type(`${DOWN}${DOWN}\r`);
    await terminal.shows(/ElevenLabs : CLOSED/);
    await terminal.shows(/CRM.*CLOSED.*\n(?:.*\n)*.*AI call agent/);
    terminal.type(`${DOWN.repeat(5)}\r`);
    expect(await terminal.ended).toBe(0);
  });

  test('is chosen from with digits, and plays what was chosen', onTerminal, async (context) => {
    const terminal = open(context.onTestFinished, new Desk(context.onTestFinished), []);
    await terminal.shows(MENU);
    terminal.type('1\r');
    await terminal.shows(/✅ CALL COMPLETED SUCCESSFULLY/);
    await terminal.shows(/SUCCESSFULLY\s*\n(?:.*\n)*.*AI call agent/);
    terminal.type('6\r');
    expect(await terminal.ended).toBe(0);
  });

  test('ends with 130 on Ctrl-C, and the terminal is as before', onTerminal, async (context) => {
    const { onTestFinished } = context;
    const desk = new Desk(onTestFinished);
    const program = `"${process.execPath}" "${Terminal.program}"; echo "code $?"; stty -a`;
    const terminal = new Terminal(desk, ['/bin/sh', '-c', program]);
    onTestFinished(() => terminal.close());
    await terminal.shows(MENU);
    terminal.type(CTRL_C);
    await terminal.ended;
    const text = (await terminal.lines()).join(' ');
    expect(text).toContain('code 130');
    expect(text).toMatch(/ icanon/);
    expect(text).toMatch(/ echo /);
    const hidden = terminal.raw.lastIndexOf('\u001b[?25l');
    expect(terminal.raw.lastIndexOf('\u001b[?25h'), 'the cursor is shown again').toBeGreaterThan(
      hidden,
    );
  });

  test.for(['xterm-256color', 'dumb'])(
    'ends with 0 on Ctrl-D where TERM is %s',
    onTerminal,
    async (TERM, { onTestFinished }) => {
      const env = { TERM };
      const terminal = open(onTestFinished, new Desk(onTestFinished), [], { env });
      await terminal.shows(TERM === 'dumb' ? /6 Exit/ : MENU);
      terminal.type(CTRL_D);
      expect(await terminal.ended).toBe(0);
      expect(terminal.raw, 'no demo').not.toContain('Contact 1');
    },
  );

  test('is without colours where NO_COLOR is set', onTerminal, async ({ onTestFinished }) => {
    const env = { NO_COLOR: '1' };
    const terminal = open(onTestFinished, new Desk(onTestFinished), [], { env });
    await terminal.shows(MENU);
    terminal.type('3\r');
    await terminal.shows(/CRM.*CLOSED/);
    terminal.type('6\r');
    expect(await terminal.ended).toBe(0);
    expect(terminal.raw).not.toMatch(COLOUR);
  });

  test(
    'is a line to type numbers into where TERM is dumb',
    onTerminal,
    async ({ onTestFinished }) => {
      const env = { TERM: 'dumb' };
      const terminal = open(onTestFinished, new Desk(onTestFinished), [], { env });
      await terminal.shows(/1 Normal Call · .* 6 Exit/);
      terminal.type('9\r');
      await terminal.shows(/"9" is not on the menu/);
      terminal.type('6\r');
      expect(await terminal.ended).toBe(0);
      expect(terminal.raw).not.toContain('\u001b');
    },
  );
});

const RUN = ['campaign', 'run', 'list.csv', '--speed', '20'];

describe(`a campaign on a terminal${why}`, () => {
  for (const columns of [80, 40, 20]) {
    test(
      `is one display of ${columns} columns that redraws itself`,
      onTerminal,
      async (context) => {
        const desk = new Desk(context.onTestFinished);
        desk.write('list.csv', contactList(6));
        const terminal = open(context.onTestFinished, desk, RUN, { columns });
        await terminal.shows(/█[^\n]* 6\/6/);
        await terminal.shows(/Result: 6\/6/);
        expect(await terminal.ended).toBe(0);
        const lines = await terminal.lines();
        expect(lines.filter((line) => /[█░]/.test(line))).toHaveLength(1);
        const wrapped = await terminal.wrapped();
        expect(wrapped.filter((line) => /[█░]|^ {2}\d{4}/.test(line))).toEqual([]);
        expect(lines.join('\n')).not.toMatch(/^ {2}\d{4} {2}/m);
      },
    );
  }

  test(
    'is stopped by Ctrl-C with 130, and goes on later',
    onTerminal,
    async ({ onTestFinished }) => {
      const desk = new Desk(onTestFinished);
      desk.write('list.csv', contactList(12));
      const run = [...RUN, '--concurrency', '1'];
      const terminal = open(onTestFinished, desk, run);
      await terminal.shows(/ [2-9]\/12/);
      terminal.type(CTRL_C);
      expect(await terminal.ended).toBe(130);
      expect((await terminal.lines()).join('\n')).toContain('Campaign list: stopped');
      const resumed = await desk.run([...run, '--json', '--quiet']);
      expect(resumed.code).toBe(0);
      expect(jsonOf(resumed)).toMatchObject({ state: 'done', contacts: { completed: 12 } });
    },
  );

  const older = olderNode();
  const noOlder = noTerminal ?? (older === null ? 'no older Node on this machine' : null);
  test(
    `is stopped by one Ctrl-C under an older Node too${noOlder === null ? '' : ` (skipped: ${noOlder})`}`,
    { skip: noOlder !== null },
    async ({ onTestFinished }) => {
      const desk = new Desk(onTestFinished);
      desk.write('list.csv', contactList(12));
      const launcher = Terminal.program.replace('main.ts', 'call-agent.js');
      const terminal = new Terminal(desk, [older ?? '', launcher, ...RUN]);
      onTestFinished(() => terminal.close());
      await terminal.shows(/ [1-9]\/12/);
      terminal.type(CTRL_C);
      expect(await terminal.ended).toBe(130);
      expect((await terminal.lines()).join('\n')).toContain('Campaign list: stopped');
    },
  );

  test('is told line by line where TERM is dumb', onTerminal, async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    desk.write('list.csv', contactList(1));
    const terminal = open(onTestFinished, desk, RUN, { env: { TERM: 'dumb' } });
    expect(await terminal.ended).toBe(0);
    expect((await terminal.lines()).join('\n')).toContain('✅ CALL COMPLETED SUCCESSFULLY');
    expect(terminal.raw).not.toContain('\u001b');
  });
});

test(
  `campaign check is broken between words on a narrow terminal${why}`,
  onTerminal,
  async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    desk.write('list.csv', `${contactList(1)}Bob,12\n`);
    const args = ['campaign', 'check', 'list.csv'];
    const terminal = open(onTestFinished, desk, args, { columns: 40 });
    expect(await terminal.ended).toBe(0);
    expect(await terminal.wrapped()).toEqual([]);
    expect((await terminal.lines()).join('\n')).toMatch(
      / {2}line 3 is rejected: Phone number has\n {4}no \+ /,
    );
  },
);

test(
  `--help is broken between words on a narrow terminal${why}`,
  onTerminal,
  async ({ onTestFinished }) => {
    const terminal = open(onTestFinished, new Desk(onTestFinished), ['--help'], { columns: 40 });
    expect(await terminal.ended).toBe(0);
    expect(await terminal.wrapped()).toEqual([]);
  },
);

/** Whether a shell is on this machine. */
function has(shell: string): boolean {
  try {
    execFileSync(shell, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('completion', () => {
  const asked: readonly (readonly [line: string, answer: string])[] = [
    ['call-agent cam', 'campaign'],
    ['call-agent campaign ch', 'check'],
    ['call-agent campaign run li', 'list.csv'],
    ['call-agent campaign run --con', '--concurrency'],
    ['call-agent reset El', 'ElevenLabs'],
    ['call-agent inspect scenario rec', 'recovery'],
    ['call-agent completion z', 'zsh'],
  ];

  async function written(desk: Desk, shell: string): Promise<void> {
    const { stdout } = await desk.run(['completion', shell]);
    desk.write('completion', stdout);
    desk.write('list.csv', 'phone\n');
  }

  const noBash = has('bash') ? '' : ' (skipped: no bash here)';
  test(`works in bash${noBash}`, { skip: noBash !== '' }, async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    await written(desk, 'bash');
    const script =
      'source completion; for line in "$@"; do IFS=" "; COMP_WORDS=($line); ' +
      'COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=(); _call_agent; echo "${COMPREPLY[*]}"; done';
    const args = ['-c', script, 'bash', ...asked.map(([line]) => line)];
    const { stdout } = await desk.startCommand('bash', args).ended;
    expect(stdout.trimEnd().split('\n')).toEqual(asked.map(([, answer]) => answer));
  });

  const noFish = has('fish') ? '' : ' (skipped: no fish here)';
  test(`works in fish${noFish}`, { skip: noFish !== '' }, async ({ onTestFinished }) => {
    const desk = new Desk(onTestFinished);
    await written(desk, 'fish');
    const script = `source completion; ${asked.map(([line]) => `complete -C '${line}'`).join('; ')}`;
    const { stdout } = await desk.startCommand('fish', ['--no-config', '-c', script]).ended;
    expect(stdout.trimEnd().split('\n')).toEqual(asked.map(([, answer]) => answer));
  });

  const noZsh = noTerminal ?? (has('zsh') ? null : 'no zsh here');
  test(
    `works in zsh${noZsh === null ? '' : ` (skipped: ${noZsh})`}`,
    { skip: noZsh !== null },
    async ({ onTestFinished }) => {
      const desk = new Desk(onTestFinished);
      await written(desk, 'zsh');
      const terminal = new Terminal(desk, ['zsh', '-f', '-i'], { env: { HOME: desk.dir } });
      onTestFinished(() => terminal.close());
      terminal.type('PS1="> "; source ./completion; echo ready-$((1 + 1))\r');
      await terminal.shows(/ready-2/);
      for (const [line, answer] of asked) {
        terminal.type(`${line}\t`);
        // oxlint-disable-next-line no-await-in-loop -- one line at a time is typed
        await terminal.shows(new RegExp(`${line.slice(0, line.lastIndexOf(' '))} ${answer}`));
        terminal.type(KILL_LINE);
      }
      terminal.type('exit\r');
      expect(await terminal.ended).toBeLessThan(128);
    },
  );
});
