import type { AgentContext } from './agent.ts';
import type { BreakerContext } from './breaker.ts';
import { blankIncident } from './blank-incident.ts';
import { defaultBreakerOptions } from './breaker.ts';
import type { CampaignContext } from './campaign-protocol.ts';
import { defaultHealthOptions, type HealthContext } from './health.ts';
import type { IncidentContext } from './incident.ts';
import type { SilenceContext } from './silence.ts';

/** Where an actor stands. */
export interface Life<Context = { readonly [key: string]: unknown }> {
  readonly state: string;
  readonly context: Context;
}

/**
 * Takes an actor over from an earlier definition of its machine, by what its lines say of it. Pure.
 * @param at epoch ms
 * @returns where it goes on in the machine of today; null where only the earlier one can
 */
export type Migration = (old: Life, at: number) => Life | null;

type Old<Context> = Partial<Context>;

/** What today's context has, from the old one where that has it. */
function carried<Context extends object>(old: object, missing: Context): Context {
  const known = Object.entries(old).filter(([key]) => Object.hasOwn(missing, key));
  return { ...missing, ...Object.fromEntries(known) };
}

const life = <Context extends object>(state: string, context: Context): Life => ({
  state,
  context: { ...context } as unknown as Life['context'],
});

/** The program goes on as what it was; the start that follows notes its own definitions. */
const agent: Migration = ({ state, context }) =>
  life<AgentContext>(
    state === 'running' ? 'running' : 'stopped',
    carried<AgentContext>(context, {
      simulated: [],
      definitions: {},
      starts: 0,
      version: '',
      interventions: 0,
      lives: [],
    }),
  );

/**
 * No open breaker is forgotten: it stays open until the same moment. The generation stays, so that
 * a result under way counts as it would have. A state that is not known any more is one in which
 * nobody was let through for sure: it is open until its next probe.
 */
const breaker: Migration = ({ state, context }, at) => {
  const old = context as Old<BreakerContext>;
  const now = carried<BreakerContext>(old, {
    service: '',
    options: defaultBreakerOptions,
    failures: 0,
    generation: 0,
    dueAt: null,
    probes: [],
    passed: 0,
    isolatedFrom: null,
  });
  const filled = { ...now, options: { ...defaultBreakerOptions, ...old.options } };
  if (state === 'closed') return life('closed', filled);
  if (state === 'halfOpen') return life('halfOpen', filled);
  if (state === 'isolated') {
    return life('isolated', { ...filled, isolatedFrom: filled.isolatedFrom ?? 'closed' });
  }
  return life('open', { ...filled, dueAt: filled.dueAt ?? at, probes: [], passed: 0 });
};

/** What is known of the service stays known, and the next check is at the same moment. */
const health: Migration = ({ state, context }, at) => {
  const old = context as Old<HealthContext>;
  const now = carried<HealthContext>(old, {
    service: '',
    options: defaultHealthOptions,
    health: 'UNKNOWN',
    dueAt: at,
    since: at,
    error: null,
  });
  const filled = { ...now, options: { ...defaultHealthOptions, ...old.options } };
  return life(state === 'checking' ? state : filled.health.toLowerCase(), filled);
};

/** What people were told is not told again, and what they were not, is still to be told. */
const incident: Migration = ({ state, context }, at) => {
  const now = carried<IncidentContext>(context, {
    id: '',
    key: '',
    rule: '',
    severity: 'warning',
    service: null,
    since: at,
    dueAt: null,
    ...blankIncident,
  });
  const open = ['pending', 'firing', 'acknowledged', 'silenced'];
  if (open.includes(state)) return life(state, now);
  if (now.mutedBy !== null) return life('silenced', now);
  if (now.acknowledgedBy !== null) return life('acknowledged', now);
  return life(now.n > 0 ? 'firing' : 'pending', now);
};

/** It begins and ends when it was to. */
const silence: Migration = ({ state, context }, at) => {
  const old = context as Old<SilenceContext>;
  const now = carried<SilenceContext>(old, {
    id: '',
    match: { services: [], rules: [] },
    from: at,
    until: at,
    by: '',
    dueAt: at,
    liftedBy: null,
    result: null,
  });
  const isActive = state === 'active' || (state !== 'scheduled' && now.from <= at);
  return isActive
    ? life('active', { ...now, dueAt: now.until })
    : life('scheduled', { ...now, dueAt: now.from });
};

/** One that nobody is working on; what workers were doing only the machine of then can say. */
const campaign: Migration = ({ state, context }) => {
  const now = carried<CampaignContext>(context, {
    id: '',
    total: 0,
    concurrency: 1,
    queued: 0,
    active: 0,
    workers: 0,
    ended: { completed: 0, failed: 0, skipped: 0, unknown: 0 },
    dueAt: null,
    heldBy: null,
    pausedBy: null,
    pauses: 0,
    isTrial: false,
    haltedBy: null,
  });
  const atRest = ['ready', 'holding', 'paused', 'stopped', 'undecided'];
  return now.active === 0 && atRest.includes(state) ? life(state, now) : null;
};

/**
 * How the actors that outlive a version of the program are taken over by the next, by machine. What
 * is not listed (calls and requests) is finished with the version that began it.
 *
 * Whoever changes one of these machines says here what becomes of the lives of before.
 */
export const migrations: ReadonlyMap<string, Migration> = new Map(
  Object.entries({ agent, breaker, campaign, health, incident, silence }),
);
