import { type ServiceName, SERVICES } from '../../config.ts';
import type { Clock } from '../../runtime/clock.ts';
import { createAnthropic } from './anthropic.ts';
import type { CallbackRule } from './callback-plan.ts';
import type { CallOutcome, CallTimings } from './call-progress.ts';
import { createCrm } from './crm.ts';
import { createElevenLabs } from './elevenlabs.ts';
import { OpenExchanges } from './exchange.ts';
import { FaultPlan, type FaultRule } from './fault-plan.ts';
import { listen } from './http-server.ts';
import { type Fetch, inProcessFetch } from './in-process-fetch.ts';
import { createLlm } from './llm.ts';
import { LiveCalls, type SentCallback } from './live-calls.ts';
import { Memory } from './memory.ts';
import type { Provider } from './provider.ts';
import { type Random, randomFor } from './random.ts';
import { type LoggedRequest, type RequestCounts, RequestLog } from './request-log.ts';
import { Service } from './service.ts';
import { type Dial, Switchboard } from './switchboard.ts';
import { createTelephony } from './telephony.ts';
import type { FetchedAudio } from './webhooks.ts';

const LOGGED_REQUESTS = 10_000;

/** Without faults, in milliseconds: roughly what the real ones take. */
export const DEFAULT_LATENCY_MS: Readonly<Record<ServiceName, number>> = {
  LLM: 300,
  ElevenLabs: 400,
  Telephony: 150,
  CRM: 80,
};

export interface WorldOptions {
  readonly clock: Clock;
  /** Every chance and every id follows from it; a whole number. @default 1 */
  readonly seed?: number;
  /** @default all four */
  readonly services?: readonly ServiceName[];
  /** Serve on 127.0.0.1, each service on a free port; else only `fetch` reaches them. @default true */
  readonly listen?: boolean;
  /** Milliseconds before a request is carried out; a number goes for all. @default DEFAULT_LATENCY_MS */
  readonly latencyMs?: number | Partial<Readonly<Record<ServiceName, number>>>;
  /** Faults from the start on. @default none */
  readonly plans?: Partial<Readonly<Record<ServiceName, readonly FaultRule[]>>>;
  /** Faults of telephony's status callbacks from the start on. @default none */
  readonly callbackFaults?: readonly CallbackRule[];
  /** The time by which Telephony dates its calls, epoch ms. @default that of `clock` */
  readonly telephonyNow?: () => number;
  /** When things happen to a call. @default DEFAULT_CALL_TIMINGS */
  readonly callTimings?: Partial<CallTimings>;
  /** Whether the CRM has the property that keeps a call's second record out. @default true */
  readonly hasKeyProperty?: boolean;
  /** Whose API the LLM speaks. @default 'openai' */
  readonly llm?: 'openai' | 'anthropic';
  /** Characters that can be spoken before ElevenLabs answers `quota_exceeded`. @default 1_000_000_000 */
  readonly characterLimit?: number;
  /**
   * Where Telephony keeps its calls and CRM its records, for a world that goes on where a killed
   * one was cut off; not for two at a time. @default none, all is forgotten
   */
  readonly memoryFile?: string;
}

/** The simulated providers, and what they saw. */
export interface World {
  /** The origin of each service, such as `http://127.0.0.1:41234`. */
  readonly urls: Readonly<Partial<Record<ServiceName, string>>>;
  /** Reaches the services in this process, by the same origins, without sockets. */
  readonly fetch: Fetch;
  readonly counts: Readonly<Partial<Record<ServiceName, Readonly<RequestCounts>>>>;
  /** The last 10,000 requests, oldest first. */
  readonly requests: readonly Readonly<LoggedRequest>[];
  /** Epoch ms: what the times of fault rules are counted from. */
  readonly startedAt: number;
  /** Every number that Telephony dialled in this world's life, in order. */
  readonly dials: readonly Dial[];
  /** Every status callback that Telephony sent, in order. */
  readonly callbacks: readonly Readonly<SentCallback>[];
  /** Every audio that calls fetched when they were answered. */
  readonly played: readonly FetchedAudio[];
  /** Replaces the service's fault rules. @throws RangeError when it is not in this world or a rule is bad */
  plan(service: ServiceName, rules: readonly FaultRule[]): void;
  /** Replaces the fault rules of status callbacks. @throws RangeError when a rule is bad */
  planCallbacks(rules: readonly CallbackRule[]): void;
  /** What becomes of calls to `to` that are placed from now on. @default 'answered' */
  setOutcome(to: string, outcome: CallOutcome): void;
  /** Ends what hangs, and the servers. */
  close(): Promise<void>;
}

/**
 * Starts the simulated providers.
 *
 * @example
 * const world = await startWorld({ clock: new SystemClock() });
 * world.plan('ElevenLabs', [{ fault: { status: 503 }, times: 3 }]);
 * await fetch(`${world.urls.ElevenLabs}/v1/models`, { headers: { 'xi-api-key': 'any' } }); // 503
 *
 * @throws RangeError when an option is out of range
 * @throws UserError when `memoryFile` holds something else
 */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { clock, seed = 1, services: names = SERVICES } = options;
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed must be a whole number, got ${seed}`);
  const random = randomFor(seed, 'calls');
  const memory = new Memory(options.memoryFile ?? null);
  const switchboard = new Switchboard({
    clock,
    random,
    ...(options.telephonyNow && { now: options.telephonyNow }),
    timings: options.callTimings ?? {},
    remembered: memory.calls,
    remember: (call) => memory.keep({ call }),
  });
  const live = new LiveCalls(clock, switchboard, options.callbackFaults ?? []);
  const log = new RequestLog(LOGGED_REQUESTS);
  const services = new Map(
    names.map((name) => [
      name,
      createService(name, options, seed, { switchboard, live, memory, log }),
    ]),
  );
  const exchanges = new OpenExchanges();
  const { origins, close } = await open(services, exchanges, options.listen ?? true);
  return {
    startedAt: clock.now(),
    urls: Object.fromEntries([...origins].map(([origin, { name }]) => [name, origin])),
    fetch: inProcessFetch(origins, exchanges),
    counts: Object.fromEntries([...services].map(([name, { counts }]) => [name, counts])),
    get requests() {
      return log.recent();
    },
    dials: switchboard.dials,
    callbacks: live.callbacks,
    played: live.played,
    plan: (name, rules) => planOf(services, name).replace(rules),
    planCallbacks: (rules) => live.plan.replace(rules),
    setOutcome: (to, outcome) => switchboard.setOutcome(to, outcome),
    close: async () => {
      exchanges.close();
      live.close();
      await close();
    },
  };
}

function planOf(services: ReadonlyMap<ServiceName, Service>, name: ServiceName): FaultPlan {
  const service = services.get(name);
  if (service) return service.plan;
  throw new RangeError(`service must be one of ${[...services.keys()].join(', ')}, got ${name}`);
}

/** What the services of one world have in common. */
interface Shared {
  readonly switchboard: Switchboard;
  readonly live: LiveCalls;
  readonly memory: Memory;
  readonly log: RequestLog;
}

function createService(
  name: ServiceName,
  options: WorldOptions,
  seed: number,
  shared: Shared,
): Service {
  const { clock, latencyMs: latency = {}, plans = {} } = options;
  if (!SERVICES.includes(name)) {
    throw new RangeError(`services must be among ${SERVICES.join(', ')}, got ${name}`);
  }
  const latencyMs =
    typeof latency === 'number' ? latency : (latency[name] ?? DEFAULT_LATENCY_MS[name]);
  if (!(Number.isFinite(latencyMs) && latencyMs >= 0)) {
    throw new RangeError(`latencyMs must be a number of at least 0, got ${latencyMs}`);
  }
  const plan = new FaultPlan(randomFor(seed, `${name}:faults`));
  plan.replace(plans[name] ?? []);
  const provider = createProvider(name, options, randomFor(seed, `${name}:ids`), shared);
  return new Service({ name, provider, plan, log: shared.log, clock, latencyMs });
}

function createProvider(
  name: ServiceName,
  { clock, characterLimit, hasKeyProperty = true, llm = 'openai' }: WorldOptions,
  random: Random,
  { switchboard, live, memory }: Shared,
): Provider {
  switch (name) {
    case 'LLM':
      return llm === 'openai' ? createLlm({ clock, random }) : createAnthropic({ random });
    case 'ElevenLabs':
      return createElevenLabs(
        characterLimit === undefined ? { random } : { random, characterLimit },
      );
    case 'Telephony':
      return createTelephony({ random, switchboard, live });
    case 'CRM':
      return createCrm({
        clock,
        random,
        hasKeyProperty,
        remembered: memory.records,
        remember: (record) => memory.keep({ record }),
      });
  }
}

interface OpenWorld {
  readonly origins: ReadonlyMap<string, Service>;
  readonly close: () => Promise<void>;
}

async function open(
  services: ReadonlyMap<ServiceName, Service>,
  exchanges: OpenExchanges,
  onSockets: boolean,
): Promise<OpenWorld> {
  const origins = new Map<string, Service>();
  const closers: (() => Promise<void>)[] = [];
  for (const [name, service] of services) {
    if (!onSockets) {
      origins.set(`http://${name.toLowerCase()}.world.test`, service);
      continue;
    }
    const listening = await listen(service, exchanges);
    origins.set(listening.origin, service);
    closers.push(listening.close);
  }
  return { origins, close: async () => void (await Promise.all(closers.map((close) => close()))) };
}
