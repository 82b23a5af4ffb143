import type { Condition, RuleName } from './alert.ts';
import type { Book, Silence } from './book.ts';

/**
 * Alerts of the same service that say it all. A campaign that paused itself says more than the
 * account's error that it paused for: who waits, and what brings it back.
 */
const inhibitors: { readonly [rule in RuleName]?: readonly RuleName[] } = {
  'breaker.opened': ['service.down'],
  'account.error': ['campaign.paused'],
  'call.failed': ['service.down', 'breaker.opened', 'campaign.paused', 'account.error'],
  'latency.high': ['service.down', 'breaker.opened'],
  'error.rate': ['service.down', 'breaker.opened', 'campaign.paused', 'account.error'],
  'retry.rate': ['service.down', 'breaker.opened'],
};

const causes = new Set<string>(Object.values(inhibitors).flat());

/** Whether an alert of a rule may say it all, so that others are not told. */
export const mayInhibit = (rule: string): boolean => causes.has(rule);

const ruleOf = (key: string): RuleName => key.split(' ', 1)[0] as RuleName;
const inhibitorsOf = (key: string): number => inhibitors[ruleOf(key)]?.length ?? 0;

/**
 * Keys in an order in which every cause stands before what it inhibits, so that of two that have
 * come to hold since the last look only the cause is told. Whatever inhibits has fewer inhibitors.
 */
export const causesFirst = (keys: readonly string[]): string[] =>
  keys.toSorted((a, b) => inhibitorsOf(a) - inhibitorsOf(b));

/** Who says that nobody is to be told of this now: a silence or another alert, by its id. */
export function muteOf(condition: Condition, book: Book, at: number): string | null {
  for (const silence of book.silences.values()) {
    if (silence.from <= at && at < silence.until && fits(silence, condition)) return silence.id;
  }
  const rules: readonly string[] = inhibitors[condition.rule] ?? [];
  for (const other of book.openAbout(condition.blame)) {
    if (rules.includes(other.rule) && other.state !== 'pending') return other.id;
  }
  return null;
}

const same = (a: string, b: string | null): boolean => a.toLowerCase() === b?.toLowerCase();

function fits({ match }: Silence, { rule, service, blame }: Condition): boolean {
  const { services, rules } = match;
  const isService =
    services.length === 0 || services.some((name) => same(name, service) || same(name, blame));
  return isService && (rules.length === 0 || rules.some((name) => same(name, rule)));
}
