import type { ServiceName } from '../config.ts';
import type { AICallAgent } from '../index.ts';
import { Reader, type Happening } from '../sinks/reading.ts';
import type { Outcome } from './scenario.ts';
import type { LoggedRequest } from './world/request-log.ts';
import type { World } from './world/world.ts';

/** Work that reached a service, oldest first: health checks, polls and look-ups are GETs. */
export const workOf = ({ requests }: World, service: ServiceName): readonly LoggedRequest[] =>
  requests.filter((request) => request.service === service && request.method === 'POST');

/** Attempts at a service, over all contacts. */
export function attemptsAt(service: ServiceName, calls: Outcome['calls']): number {
  return calls.reduce((sum, { attempts }) => sum + (attempts[service] ?? 0), 0);
}

/** Between neighbours; one less than there are times. */
export const gapsOf = (times: readonly number[]): number[] =>
  times.slice(1).map((time, index) => time - (times[index] ?? time));

export type Seen<Type extends Happening['type']> = Happening & { readonly type: Type } & {
  /** Epoch ms. */
  readonly at: number;
};

/** Collects what the journal tells of one kind, from now on; `onSeen` is told at once. */
export function watch<Type extends Happening['type']>(
  { journal }: AICallAgent,
  type: Type,
  onSeen: (seen: Seen<Type>) => void = () => {},
): readonly Seen<Type>[] {
  const reader = new Reader();
  const seen: Seen<Type>[] = [];
  journal.on('record', (record) => {
    for (const happening of reader.read(record)) {
      if (happening.type !== type) continue;
      const one = { ...(happening as Seen<Type>), at: record.at };
      seen.push(one);
      onSeen(one);
    }
  });
  return seen;
}

/** For each call that begins from now on: how many are under way then, itself included. */
export function watchCrowd({ journal }: AICallAgent): readonly number[] {
  const alive = new Set<string>();
  const crowd: number[] = [];
  journal.on('record', ({ actor, from, done }) => {
    if (!/^call:[^/]+$/.test(actor)) return;
    if (done) alive.delete(actor);
    if (from !== null) return;
    alive.add(actor);
    crowd.push(alive.size);
  });
  return crowd;
}
