import path from 'node:path';
import { onTestFinished } from 'vitest';
import { AICallAgent } from '../../index.ts';
import { VirtualClock } from '../../scenarios/world/virtual-clock.ts';
import { startWorld, type World, type WorldOptions } from '../../scenarios/world/world.ts';
import { accountsAt } from '../cli/support/providers.ts';
import { until } from '../cli/support/until.ts';
import { dataFolder } from './agent.ts';
import { openTunnel, type Tunnel } from './tunnel.ts';
import { EPOCH } from './virtual-agent.ts';

/** States of a call in which a request is on the wire. */
const BUSY = ['scripting', 'speaking', 'dialling', 'lookingUp', 'following', 'recording'];
const STEP_MS = 250;

/** Providers that take the agent's keys, and a tunnel from them to it; the time is theirs both. */
export class Outside {
  readonly dataDir = dataFolder();
  readonly clock: VirtualClock;
  readonly world: World;
  readonly tunnel: Tunnel;
  /** Of the one call there is. */
  #state = '';

  private constructor(clock: VirtualClock, world: World, tunnel: Tunnel) {
    this.clock = clock;
    this.world = world;
    this.tunnel = tunnel;
  }

  static async open(options: Partial<WorldOptions> = {}): Promise<Outside> {
    const clock = new VirtualClock({ startAt: EPOCH });
    const world = await startWorld({ clock, latencyMs: 0, ...options });
    onTestFinished(() => world.close());
    return new Outside(clock, world, await openTunnel());
  }

  /** Starts the agent, or starts it again; it is stopped when the test ends. */
  async start(env: NodeJS.ProcessEnv = {}): Promise<AICallAgent> {
    const agent = await AICallAgent.start({
      dataDir: this.dataDir,
      healthChecks: false,
      world: { latencyMs: 0 },
      makeClock: () => this.clock,
      env: {
        ...accountsAt(this.world.urls),
        CALLS_PER_SECOND: 'off',
        LOG_FILE_PATH: path.join(this.dataDir, 'log.json'),
        PUBLIC_BASE_URL: this.tunnel.url,
        PUBLIC_PORT: '0',
        ...env,
      },
    });
    onTestFinished(() => agent.stop());
    this.tunnel.port = agent.front?.port ?? null;
    agent.journal.on('record', ({ actor, to }) => {
      if (/^call:[^/]*$/.test(actor)) this.#state = to;
    });
    return agent;
  }

  /** Lets time pass until the call has come to a state, and every message has its answer. */
  async reaches(...states: string[]): Promise<void> {
    for (;;) {
      await until(() => !BUSY.includes(this.#state) && this.#isQuiet());
      if (states.includes(this.#state)) return;
      await this.clock.advance(STEP_MS);
    }
  }

  /** Lets time pass, and every message have its answer. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      await this.clock.advance(Math.min(left, STEP_MS));
      await until(() => !BUSY.includes(this.#state) && this.#isQuiet());
    }
  }

  /** Lets time pass until `work` has ended. */
  async drive<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const end = work.finally(() => (isDone = true));
    while (!isDone) {
      await until(() => isDone || (!BUSY.includes(this.#state) && this.#isQuiet()));
      if (!isDone) await this.clock.advance(STEP_MS);
    }
    return end;
  }

  #isQuiet(): boolean {
    return this.world.callbacks.every(({ answered }) => answered !== null);
  }
}
