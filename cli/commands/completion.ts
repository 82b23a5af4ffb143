import { SERVICES } from '../../config.ts';
import { scenarios } from '../../scenarios/registry.ts';
import type { Command } from '../command.ts';
import { EXIT, UsageError } from '../exit.ts';

const shells = ['bash', 'zsh', 'fish'] as const;
const common = ['--data', '--speed', '--json', '--quiet', '--help'];

/** What may follow the words of a command. */
interface Choice {
  /** One or two words: `campaign`, `campaign run`. */
  readonly after: string;
  readonly words: readonly string[];
  readonly takesFile: boolean;
}

/** Names that a command takes besides its flags. */
const names: { readonly [command: string]: readonly string[] } = {
  scenario: scenarios.map(({ name }) => name),
  'inspect scenario': scenarios.map(({ name }) => name),
  inspect: ['scenario'],
  reset: SERVICES,
  completion: shells,
};

function choicesOf(commands: readonly Command[]): Choice[] {
  const flagsOf = ({ flags }: Command): string[] => flags.map((flag) => `--${flag}`);
  const whole = commands.map((command) => ({
    after: command.name,
    words: [...(names[command.name] ?? []), ...flagsOf(command), ...common],
    takesFile: command.usage.includes('FILE'),
  }));
  const firsts = new Set(commands.map(({ name }) => name.split(' ')[0] ?? ''));
  const groups = [...firsts]
    .filter((first) => !commands.some(({ name }) => name === first))
    .map((first) => ({
      after: first,
      words: commands.flatMap(({ name }) =>
        name.startsWith(`${first} `) ? [name.slice(first.length + 1)] : [],
      ),
      takesFile: false,
    }));
  const inspect = commands.find(({ name }) => name === 'inspect');
  const inspecting = {
    after: 'inspect scenario',
    words: [...(names['inspect scenario'] ?? []), ...(inspect ? flagsOf(inspect) : []), ...common],
    takesFile: false,
  };
  return [...groups, ...whole, inspecting];
}

const firstWords = (choices: readonly Choice[]): string[] => [
  ...new Set(choices.map(({ after }) => after.split(' ')[0] ?? '')),
];

/** Two words decide before one does. */
const byLength = (choices: readonly Choice[]): Choice[] =>
  choices.toSorted((a, b) => b.after.split(' ').length - a.after.split(' ').length);

function bash(choices: readonly Choice[]): string {
  const cases = byLength(choices).map(({ after, words, takesFile }) => {
    const pattern = after.includes(' ') ? `"${after}"` : `"${after}"|"${after} "*`;
    return `    ${pattern}) words='${words.join('\n')}'${takesFile ? '; files=1' : ''} ;;`;
  });
  return `_call_agent() {
  local IFS=$'\\n' words files= current="\${COMP_WORDS[COMP_CWORD]}" before=
  [ "$COMP_CWORD" -gt 1 ] && before="\${COMP_WORDS[1]}"
  [ "$COMP_CWORD" -gt 2 ] && before="$before \${COMP_WORDS[2]}"
  case "$before" in
    "") words='${firstWords(choices).join('\n')}' ;;
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ -n "$files" ] && COMPREPLY+=($(compgen -f -- "$current"))
}
complete -o filenames -F _call_agent call-agent`;
}

const zsh = (choices: readonly Choice[]): string =>
  `autoload -U +X compinit && compinit
autoload -U +X bashcompinit && bashcompinit
${bash(choices)}`;

function fish(choices: readonly Choice[]): string {
  const seen = (after: string): string =>
    after
      .split(' ')
      .map((word) => `__fish_seen_subcommand_from ${word}`)
      .join('; and ');
  const longer = (after: string): string =>
    choices
      .filter((choice) => choice.after.startsWith(`${after} `))
      .map((choice) => `; and not __fish_seen_subcommand_from ${choice.after.split(' ')[1]}`)
      .join('');
  const lines = choices.map(
    ({ after, words, takesFile }) =>
      `complete -c call-agent -n '${seen(after)}${longer(after)}'${takesFile ? ' -F' : ''} -a '${words.join(' ')}'`,
  );
  return [
    'complete -c call-agent -f',
    `complete -c call-agent -n __fish_use_subcommand -a '${firstWords(choices).join(' ')}'`,
    ...lines,
  ].join('\n');
}

const writers = { bash, zsh, fish } as const;

/** @param commands all there are, this one included */
export const makeCompletion = (commands: () => Promise<readonly Command[]>): Command => ({
  name: 'completion',
  usage: 'completion bash|zsh|fish',
  summary: 'Print a completion script for a shell',
  details:
    'It completes the word call-agent, so that must be one: npm link puts it on the PATH.\n\n' +
    'Examples\n  source <(npx call-agent completion bash)\n' +
    '  npx call-agent completion zsh > ~/.call-agent.zsh      # and source that in ~/.zshrc\n' +
    '  npx call-agent completion fish > ~/.config/fish/completions/call-agent.fish',
  flags: [],
  positionals: { least: 1, most: 1 },
  async run({ positionals, io }) {
    const shell = shells.find((known) => known === positionals[0]);
    if (shell === undefined) {
      throw new UsageError(
        `The shell must be one of ${shells.join(', ')}, got "${positionals[0]}"`,
      );
    }
    io.result(writers[shell](choicesOf(await commands())));
    return EXIT.done;
  },
});
