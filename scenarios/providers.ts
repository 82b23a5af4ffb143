import path from 'node:path';
import { makeOperations, type OperationsOptions } from '../actors/operations.ts';
import type { Wire } from '../actors/providers/http.ts';
import { makeServices, type Services } from '../actors/services.ts';
import type { Config, ServiceName } from '../config.ts';
import type { CheckInput } from '../machines/health.ts';
import type { AttemptInput } from '../machines/request-protocol.ts';
import type { Operation } from '../runtime/attempt.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Times } from '../runtime/wall-time.ts';
import { startWorld, type World, type WorldOptions } from './world/world.ts';

export interface ProvidersOptions extends Pick<OperationsOptions, 'addresses'> {
  readonly config: Config;
  /** Services that the simulated world stands in for. */
  readonly simulated: readonly ServiceName[];
  readonly world: Omit<WorldOptions, 'clock' | 'services'>;
  readonly runtime: Pick<Runtime, 'artefacts' | 'clock' | 'contacts' | 'placed' | 'times'>;
}

/**
 * The clients of all services, whoever answers them: the real ones, or for those without a key
 * the simulated world. What uses them can't tell the one from the other.
 */
export class Providers {
  readonly #options: ProvidersOptions;
  #world: World | null = null;
  /** The clients in use, and those of the world for calls that must not be real. */
  #services: Services | null = null;
  #standIns: Services | null = null;

  constructor(options: ProvidersOptions) {
    this.#options = options;
  }

  /** Those of a running agent. */
  static of(runtime: Runtime, { world, ...options }: Omit<ProvidersOptions, 'runtime'>): Providers {
    // A real provider does not forget a call because the caller's process has died.
    const memoryFile = path.join(runtime.dir, 'contacts', 'simulated-providers.log');
    return new Providers({ ...options, world: { memoryFile, ...world }, runtime });
  }

  /** The simulated providers, when there are any. */
  get world(): World | null {
    return this.#world;
  }

  /**
   * Also loads the libraries of the clients: before any actor lives, so that nobody's time runs
   * meanwhile, on however fast a clock.
   */
  async start(): Promise<void> {
    const { simulated, config } = this.#options;
    if (simulated.length > 0) await this.startWorld();
    const origins = simulated.flatMap((service) => {
      const url = this.#world?.urls[service];
      return url === undefined ? [] : [[service, url] as const];
    });
    this.#services = makeServices(config, this.#wire(), Object.fromEntries(origins));
    await this.#services.llm.load();
  }

  async startWorld(): Promise<World> {
    const { runtime, world: settings, config } = this.#options;
    this.#world ??= await startWorld({ clock: runtime.clock, ...settings });
    this.#standIns ??= makeServices(config, this.#wire(), this.#world.urls);
    await this.#standIns.llm.load();
    return this.#world;
  }

  operation(input: AttemptInput): Operation | undefined {
    const isStandIn = input.payload['simulated'] === true;
    const services = isStandIn ? this.#standIns : this.#services;
    if (!services) return undefined;
    const { runtime } = this.#options;
    const { artefacts, contacts, placed } = runtime;
    const addresses = isStandIn ? null : this.#options.addresses;
    const times = (): Times => runtime.times;
    const options = { artefacts, contacts, placed, times, services, addresses };
    return makeOperations(options)(input.operation);
  }

  async check({ service }: CheckInput, signal: AbortSignal): Promise<void> {
    const services = this.#services;
    if (!services) return;
    const { llm, speech, telephony, crm } = services;
    const clients: { readonly [name: string]: { check(signal: AbortSignal): Promise<unknown> } } = {
      LLM: llm,
      ElevenLabs: speech,
      Telephony: telephony,
      CRM: crm,
    };
    await clients[service]?.check(signal);
  }

  async close(): Promise<void> {
    await this.#world?.close();
  }

  /** Without sockets only the world's own fetch reaches it. */
  #wire(): Wire {
    const world = this.#world;
    const isInProcess = world && this.#options.world.listen === false;
    return {
      fetch: isInProcess ? world.fetch : fetch,
      now: () => this.#options.runtime.clock.now(),
    };
  }
}
