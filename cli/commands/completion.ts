import { SERVICES } from '../../config.ts';
import { scenarios } from '../../scenarios/registry.ts';
import type { Command } from '../command.ts';
import { EXIT, UsageError } from '../exit.ts';

const shells = ['bash', 'zsh', 'fish'] as const;

/** What may follow each first word. */
function words(commands: readonly Command[]): Map<string, string[]> {
  const follow = new Map<string, string[]>();
  for (const { name, flags } of commands) {
    const [first = '', second] = name.split(' ');
    const known = follow.get(first) ?? [];
    known.push(...(second === undefined ? [] : [second]), ...flags.map((flag) => `--${flag}`));
    follow.set(first, [...new Set(known)]);
  }
  const add = (first: string, more: readonly string[]): void =>
    void follow.set(first, [...(follow.get(first) ?? []), ...more]);
  add(
    'scenario',
    scenarios.map(({ name }) => name),
  );
  add('inspect', ['scenario', ...scenarios.map(({ name }) => name)]);
  add('reset', SERVICES);
  add('completion', shells);
  return follow;
}

const common = '--data --speed --json --quiet --help';

function bash(follow: Map<string, string[]>): string {
  const first = [...follow.keys()].join(' ');
  const cases = [...follow].map(
    ([first, rest]) => `    ${first}) words="${rest.join(' ')} ${common}" ;;`,
  );
  return `_call_agent() {
  local words current="\${COMP_WORDS[COMP_CWORD]}"
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    *) words="${first} ${common}" ;;
  esac
  [ "$COMP_CWORD" -eq 1 ] && words="${first} ${common}"
  COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current"))
}
complete -o filenames -F _call_agent call-agent`;
}

function fish(follow: Map<string, string[]>): string {
  const first = [...follow.keys()].join(' ');
  const rest = [...follow].map(
    ([word, next]) =>
      `complete -c call-agent -n '__fish_seen_subcommand_from ${word}' -a '${next.join(' ')}'`,
  );
  return [`complete -c call-agent -n __fish_use_subcommand -a '${first}'`, ...rest].join('\n');
}

/** @param commands all there are, this one included */
export const makeCompletion = (commands: () => readonly Command[]): Command => ({
  name: 'completion',
  usage: 'completion bash|zsh|fish',
  summary: 'Print a completion script for a shell',
  details:
    'Examples\n  source <(call-agent completion bash)\n' +
    '  call-agent completion fish > ~/.config/fish/completions/call-agent.fish',
  flags: [],
  positionals: { least: 1, most: 1 },
  run({ positionals, io }) {
    const [shell] = positionals;
    const follow = words(commands());
    if (shell === 'fish') io.result(fish(follow));
    else if (shell === 'bash') io.result(bash(follow));
    else if (shell === 'zsh')
      io.result(`autoload -U +X bashcompinit && bashcompinit\n${bash(follow)}`);
    else throw new UsageError(`The shell must be one of ${shells.join(', ')}, got "${shell}"`);
    return Promise.resolve(EXIT.done);
  },
});
