import type { AnyMachineSnapshot } from 'xstate';
import { rootOf, type Line, type RecordedEvent } from './record.ts';

/** A state's name as the journal writes it: nested states joined by dots. */
export function stateName(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  const names = Object.entries(value).map(([name, inner]) => `${name}.${stateName(inner)}`);
  return names.join(' & ');
}

type Context = { readonly [key: string]: unknown };

function changed(before: Context, after: Context): Context | undefined {
  if (before === after) return undefined;
  let diff: Record<string, unknown> | undefined;
  for (const key in after) if (before[key] !== after[key]) (diff ??= {})[key] = after[key];
  return diff;
}

function sameChildren(before: Context, after: Context): boolean {
  if (before === after) return true;
  const ids = Object.keys(after);
  return ids.length === Object.keys(before).length && ids.every((id) => before[id] === after[id]);
}

/** A try's number is no part of the call's name: `call:0007.2` belongs to `call:0007`. */
const callOf = (root: string): string => root.replace(/\.\d+$/, '');

function corrOf(actor: string, event: RecordedEvent): string | undefined {
  const root = rootOf(actor);
  if (root.startsWith('call:')) return callOf(root);
  const own = event['corr'] ?? (event['input'] as Context | undefined)?.['corr'];
  return typeof own === 'string' ? own : undefined;
}

/** The line of an actor's birth. */
export function birthLine(
  actor: string,
  machine: string,
  event: RecordedEvent,
  born: AnyMachineSnapshot,
): Line {
  const corr = corrOf(actor, event);
  return {
    actor,
    machine,
    event,
    from: null,
    to: stateName(born.value),
    context: born.context as Context,
    ...(born.status === 'done' && { done: true }),
    ...(corr !== undefined && { corr }),
  };
}

/** The line of one microstep, or null where it changed nothing. */
export function transitionLine(
  actor: string,
  machine: string,
  event: RecordedEvent,
  step: number,
  before: AnyMachineSnapshot,
  after: AnyMachineSnapshot,
): Line | null {
  const context = changed(before.context as Context, after.context as Context);
  const from = stateName(before.value);
  const to = stateName(after.value);
  if (
    context === undefined &&
    from === to &&
    after.status === before.status &&
    sameChildren(before.children as Context, after.children as Context)
  ) {
    return null;
  }
  const corr = corrOf(actor, event);
  return {
    actor,
    machine,
    event,
    ...(step > 1 && { step }),
    from,
    to,
    ...(context !== undefined && { context }),
    ...(after.status === 'done' && { done: true }),
    ...(corr !== undefined && { corr }),
  };
}
