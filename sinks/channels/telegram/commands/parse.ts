/** What somebody in a chat asks for. */
export interface ChatCommand {
  /** Lower case, without the slash. */
  readonly name: string;
  readonly words: readonly string[];
  /** Which bot is meant, when it is said: `/status@agent_bot`. */
  readonly bot: string | null;
}

/** @returns null when it is no command */
export function parseCommand(text: string): ChatCommand | null {
  const [first = '', ...words] = text.trim().split(/\s+/);
  const [, name, bot] = /^\/(\w+)(?:@(\w+))?$/.exec(first) ?? [];
  if (name === undefined) return null;
  return { name: name.toLowerCase(), words, bot: bot ?? null };
}

const units: { readonly [unit: string]: number } = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `30m`, `2h`, `1d`. @returns milliseconds; null when it is none */
export function durationMs(text: string): number | null {
  const [, amount, unit = ''] = /^(\d{1,6})([smhd])$/i.exec(text) ?? [];
  const ms = Number(amount) * (units[unit.toLowerCase()] ?? 0);
  return amount === undefined || ms === 0 ? null : ms;
}
