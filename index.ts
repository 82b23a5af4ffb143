import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { storageOf, type AgentOptions, type SingleCallOptions } from './agent-options.ts';
import { Campaigns, type CampaignOptions } from './actors/campaigns.ts';
import { callsDialled } from './actors/calls.ts';
import { addCommands } from './actors/commands.ts';
import { OwedRecords } from './actors/owed-records.ts';
import { finishing, type Finishing } from './actors/finishing.ts';
import type { CampaignReport } from './actors/report.ts';
import { DialGate } from './actors/dial-gate.ts';
import { PublicFront } from './actors/public/front.ts';
import { callPerson, type Person, type SingleCallResult } from './actors/single-call.ts';
import { Workers } from './actors/worker.ts';
import {
  SERVICES,
  callingRulesOf,
  publicRulesOf,
  readAgentConfig,
  secretsOf,
  simulatedServices,
  voiceOf,
  type CallingRules,
  type Config,
  type ServiceName,
  type Voice,
} from './config.ts';
import type { CallSettings } from './machines/call-protocol.ts';
import { SystemClock, type Clock } from './runtime/clock.ts';
import { CommandDesk, type Command } from './runtime/commands.ts';
import { ControlServer, refuseInUse } from './runtime/control.ts';
import { Guard, type GuardOptions } from './runtime/guard.ts';
import { guardServices } from './runtime/guard-services.ts';
import { callSettingsOf } from './runtime/policies.ts';
import { Runtime, type Effects } from './runtime/runtime.ts';
import type { Status } from './runtime/status.ts';
import { Providers } from './scenarios/providers.ts';
import type { World } from './scenarios/world/world.ts';
import type { Alerting } from './sinks/alerts/alerting.ts';
import { makeAlerting } from './sinks/alerts/assemble.ts';
import { alertSettingsOf } from './sinks/alerts/configured.ts';
import { AlertFold } from './sinks/alerts/fold.ts';
import { Attachments } from './sinks/attachments.ts';
import type { Attachment, Sink } from './sinks/sink.ts';
import type { Health, MetricsServer } from './sinks/metrics/server.ts';
import { serveMetrics } from './sinks/metrics/serve.ts';
import { telegramCommandsOf } from './sinks/channels/telegram/commands/configured.ts';
import { standingSinks, type Standing } from './sinks/standing.ts';
import { Artefacts } from './store/artefacts.ts';
import { VERSION } from './version.ts';
import type { Journal } from './store/journal.ts';

export { CircuitBreakerOpenError, PermanentError, TransientError, UserError } from './errors.ts';
export type { AgentOptions, Person, SingleCallOptions, SingleCallResult };

export { VERSION };
/** A dial that has no answer by then is left as it stands. */
const WIND_DOWN_MS = 3_000;

/** Works through contacts: script, speech, call, record, through whatever the services do. */
export class AICallAgent {
  readonly campaigns: Campaigns;
  /** What a start could not do, a sentence each; it does its work all the same. */
  readonly warnings: string[] = [];
  /** Campaigns that this start was not asked for, and whose calls under way it finishes. */
  finishing: readonly Finishing[] = [];
  readonly #runtime: Runtime;
  readonly #commands = new CommandDesk();
  readonly #owed: OwedRecords;
  readonly #settings: CallSettings;
  readonly #config: Config;
  readonly #options: AgentOptions;
  readonly #standing: Standing;
  readonly #attachments: Attachments;
  readonly #providers: Providers;
  readonly #chat: ReturnType<typeof telegramCommandsOf>;
  /** Null when nobody is to reach the agent from outside. */
  readonly #front: PublicFront | null;
  readonly #alerts: Alerting;
  #gate: DialGate | null = null;
  #control: ControlServer | null = null;
  #metricsServer: MetricsServer | null = null;
  #isBroken = false;
  #stopping: Promise<void> | null = null;

  private constructor(options: AgentOptions, config: Config, standing: Standing) {
    this.#options = options;
    this.#config = config;
    const rules = publicRulesOf(config, this.simulated);
    this.#settings = callSettingsOf(config, rules !== null);
    const dir = options.dataDir ?? 'data';
    const artefacts = new Artefacts(path.join(dir, 'artefacts'), options.storage?.disk);
    this.#standing = standing;
    this.#chat = telegramCommandsOf(config, {
      dir,
      port: (command) => this.command(command),
      onDisk: () => this.journal.onDisk(),
    });
    this.#attachments = new Attachments(dir, [
      ...(this.#chat ? [this.#chat] : []),
      ...this.#standing.sinks,
      ...(options.sinks?.({ artefacts, level: config.LOG_LEVEL }) ?? []),
    ]);
    const fold = new AlertFold(alertSettingsOf(config));
    this.#runtime = new Runtime({
      dir,
      artefacts,
      histories: [fold, ...this.#attachments.histories()],
      version: VERSION,
      makeClock:
        options.makeClock ??
        ((notBefore) => new SystemClock({ speed: options.speed ?? 1, notBefore })),
      effects: (runtime) => this.#effects(runtime),
      simulated: this.simulated,
      secrets: secretsOf(config),
      observers: options.observers ?? [],
      onFatal: (error) => this.#fail(error),
      storage: storageOf(config, options.storage),
    });
    this.campaigns = new Campaigns(this.#runtime, this.#rules());
    this.#owed = new OwedRecords(this.#runtime, this.#settings);
    addCommands(this.#commands, {
      runtime: this.#runtime,
      campaigns: this.campaigns,
      owed: this.#owed,
      speed: options.speed ?? 1,
    });
    this.#front = rules && new PublicFront(this.#runtime, config, rules);
    this.#providers = this.#makeProviders();
    this.#alerts = makeAlerting(this.#runtime, this.#commands, fold, config, options);
    this.#attachments.add(this.#runtime.journal, this.#alerts);
    this.#attachments.open(this.#runtime.journal);
  }

  /**
   * Starts the agent on its data folder, and goes on with what it had under way: services as they
   * were, calls at their step, results and alerts that are owed. Contacts are begun only of the
   * campaign that `goesOnWith` names, or that {@link runCampaign} is then asked for.
   * @throws UserError (wrong configuration), LockedError (folder in use), JournalError (damage)
   */
  static async start(options: AgentOptions = {}): Promise<AICallAgent> {
    await refuseInUse(options.dataDir ?? 'data');
    const config = readAgentConfig(options.env ?? process.env, options.simulateAll);
    const agent = new AICallAgent(options, config, await standingSinks(config));
    try {
      await agent.#begin();
    } catch (error) {
      await agent.stop();
      throw error;
    }
    return agent;
  }

  /** Services that the simulated world stands in for. */
  get simulated(): readonly ServiceName[] {
    return this.#options.simulateAll === true ? SERVICES : simulatedServices(this.#config);
  }

  /** Whose voice people hear; null when nobody is really called. */
  get voice(): Voice | null {
    return voiceOf(this.#config, this.simulated);
  }

  /** Emits `record` after each line is written. */
  get journal(): Journal {
    return this.#runtime.journal;
  }

  get clock(): Clock {
    return this.#runtime.clock;
  }

  get artefacts(): Artefacts {
    return this.#runtime.artefacts;
  }

  /** The public side, where there is one: its port, and what came in through it. */
  get front(): Pick<PublicFront, 'port' | 'counts'> | null {
    return this.#front;
  }

  /** Puts one more reader behind the journal: from now on, or from where a durable one left off. */
  attach(sink: Sink): Attachment {
    return this.#attachments.add(this.journal, sink);
  }

  /** The simulated providers, when there are any. */
  get world(): World | null {
    return this.#providers.world;
  }

  /**
   * Calls one person and waits for the end of it.
   * @throws UserError when the number is not one
   */
  async makeSingleCall(person: Person, options: SingleCallOptions = {}): Promise<SingleCallResult> {
    const simulated = options.simulate503 === true;
    if (simulated) await this.#plan503();
    const settings = simulated ? callSettingsOf(this.#config, false) : this.#settings;
    const result = await callPerson(this.#runtime, person, { settings, simulated });
    if (simulated) this.world?.plan('ElevenLabs', []);
    return result;
  }

  /**
   * Works through a contact list; on a folder with an unfinished run of the same file it goes on
   * with that.
   * @param onOpen is told the campaign's name as soon as there is one
   */
  async runCampaign(
    file: string,
    options: CampaignOptions = {},
    onOpen: (campaign: string) => void = () => {},
  ): Promise<CampaignReport> {
    const campaign = await this.campaigns.open(file, options);
    onOpen(campaign);
    await this.campaigns.ended(campaign);
    return this.campaigns.report(campaign);
  }

  status(): Status {
    return this.#runtime.status();
  }

  /** Closes the breakers of the named services, or of all. @throws UserError when one is not known */
  reset(services: readonly string[] | null = null, by = 'reset'): void {
    this.command({ type: 'reset', services, by });
  }

  /** Takes a service out of use until it is released: its breaker refuses everything. */
  isolate(service: string, by = 'isolate'): void {
    this.command({ type: 'isolate', services: [service], by });
  }

  release(service: string, by = 'release'): void {
    this.command({ type: 'release', services: [service], by });
  }

  /**
   * Carries out what somebody asks for: `reset`, `isolate`, `release`, `alerts.…`.
   * @returns the answer, or a promise of it
   * @throws UserError when it can't be
   */
  command(command: Command): unknown {
    return this.#commands.carryOut(command);
  }

  /** Retry cycle and circuit breaker for anyone's own function. */
  guard(service: string, options: GuardOptions = {}): Guard {
    return new Guard(this.#runtime, service, options);
  }

  /** False when there are ways to tell people of alerts, and none of them works. */
  get channelsHealthy(): boolean {
    return this.#alerts.channelsHealthy;
  }

  /** Resolves when the sinks have told all that has happened so far, or after five seconds. */
  flush(): Promise<void> {
    return this.#attachments.flush();
  }

  /** Where `/metrics` and `/healthz` are served; null when they are not. */
  get metricsPort(): number | null {
    return this.#metricsServer?.port ?? null;
  }

  /** Whether it can do its work, and what is wrong all the same. */
  health(): Health {
    const problems = [...this.problems(), ...this.#alerts.problems()];
    return { ok: !this.#isBroken && this.channelsHealthy, problems };
  }

  /** What readers of the journal have missed, and what was refused from outside; empty when all is well. */
  problems(): string[] {
    const chat = this.#chat?.problem ?? null;
    const chats = chat === null ? [] : [`${chat}.`];
    const own = [...this.#attachments.problems(), ...this.#runtime.problems()];
    return [...own, ...chats, ...(this.#front?.problems() ?? [])];
  }

  /**
   * Before a stop: lets no dial out any more, so that whoever is not dialled yet is handed back, and
   * waits for the answer of those that are on their way. Without one they are looked up at the next
   * start.
   * @param patienceMs wall-clock milliseconds
   */
  async windDown(patienceMs: number = WIND_DOWN_MS): Promise<void> {
    this.#gate?.shut();
    await Promise.race([callsDialled(this.#runtime), sleep(patienceMs, undefined, { ref: false })]);
  }

  /** Resolves when the CRM writes that earlier calls left owing have been made, or can't be now. */
  recordsSettled(): Promise<void> {
    return this.#owed.settled();
  }

  /** Stops where things stand: the next start goes on from there. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #begin(): Promise<void> {
    const { goesOnWith } = this.#options;
    const asked = goesOnWith ? await this.campaigns.asked(goesOnWith) : null;
    await this.#providers.start();
    await this.#front?.open();
    this.#runtime.begin((root) => root === `campaign:${asked}`);
    this.finishing = finishing(this.#runtime, asked);
    guardServices(this.#runtime, this.#config, this.#options.healthChecks !== false);
    this.#owed.write();
    this.#metricsServer = await serveMetrics(this.#config.METRICS_PORT, {
      sink: this.#standing.metrics,
      sinks: () => this.#attachments.all,
      chat: () => ({ ...this.#chat?.counts }),
      health: () => this.health(),
      onFailure: (problem) => this.warnings.push(problem),
    });
    this.#alerts.begin();
    this.#control = await ControlServer.listen(this.#runtime.dir, (command) =>
      this.command(command),
    );
    this.#chat?.start();
  }

  async #plan503(): Promise<void> {
    const world = await this.#providers.startWorld();
    const times = this.#config.services.ElevenLabs.RETRY_MAX_ATTEMPTS + 1;
    world.plan('ElevenLabs', [{ match: 'work', times, fault: { status: 503 } }]);
  }

  #makeProviders(): Providers {
    return Providers.of(this.#runtime, {
      config: this.#config,
      simulated: this.simulated,
      world: this.#options.world ?? {},
      addresses: this.#front?.addresses ?? null,
    });
  }

  #rules(): CallingRules {
    return callingRulesOf(this.#config, this.simulated.includes('Telephony'));
  }

  #effects(runtime: Runtime): Effects {
    const gate = new DialGate(runtime, this.#rules());
    this.#gate = gate;
    return {
      operation: (input) => this.#providers.operation(input),
      prepare: (input) => gate.pass(input),
      check: (input, signal) => this.#providers.check(input, signal),
      worker: new Workers(runtime, this.#settings, gate.window).run,
    };
  }

  async #stop(): Promise<void> {
    const closed = this.#front?.close();
    const answered = this.#control?.close();
    await this.#chat?.close();
    this.#metricsServer?.close();
    this.campaigns.close();
    this.#owed.close();
    this.#gate?.close();
    this.#runtime.halt();
    if (this.#runtime.hasBegun) await this.#alerts.end();
    this.#runtime.sayGoodbye();
    await this.#attachments.caughtUp();
    this.#runtime.close();
    await this.#attachments.detach();
    await closed;
    await answered;
    await this.#providers.close();
  }

  #fail(error: unknown): void {
    this.#isBroken = true;
    void this.#chat?.close();
    this.#alerts.close();
    this.#runtime.kill();
    if (!this.#options.onFatal) throw error;
    this.#options.onFatal(error);
  }
}
