import type { CampaignRef } from '../machines/campaign.ts';
import type { TimerHandle } from '../runtime/clock.ts';
import type { Runtime } from '../runtime/runtime.ts';

const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** Campaigns that an error has paused and that go on by themselves when the service is back. */
export class Comebacks {
  readonly #runtime: Runtime;
  readonly #waiting = new Map<string, TimerHandle>();
  readonly #resume: (campaign: string, by: string) => void;

  /** @param resume has the campaign go on, one contact alone first */
  constructor(runtime: Runtime, resume: (campaign: string, by: string) => void) {
    this.#runtime = runtime;
    this.#resume = resume;
  }

  /**
   * Goes on after a pause, each time twice as long, and sooner when the service, unhealthy before,
   * is healthy again. A check that fails keeps nobody waiting: it may be all that does.
   */
  await(campaign: string, root: CampaignRef): void {
    if (this.#waiting.has(campaign)) return;
    const { clock } = this.#runtime;
    const { pauses, pausedBy } = root.getSnapshot().context;
    const waitMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (pauses - 1));
    const resumeAt = clock.now() + waitMs;
    let wasUnhealthy = this.#healthOf(pausedBy?.service) === 'UNHEALTHY';
    const wait = (): void => {
      const ms = Math.min(FIRST_PAUSE_MS, resumeAt - clock.now());
      this.#waiting.set(campaign, clock.setTimeout(look, Math.max(0, ms)));
    };
    const look = (): void => {
      this.#waiting.delete(campaign);
      const { value, context } = root.getSnapshot();
      // A person who has paused it meanwhile decides when it goes on.
      if (value !== 'paused' || context.haltedBy !== null) return;
      const health = this.#healthOf(pausedBy?.service);
      wasUnhealthy ||= health === 'UNHEALTHY';
      const isBack = wasUnhealthy && health === 'HEALTHY';
      if (isBack || clock.now() >= resumeAt)
        this.#resume(campaign, isBack ? 'health check' : 'a wait');
      else wait();
    };
    wait();
  }

  /** Waits for nothing any more. */
  close(): void {
    for (const handle of this.#waiting.values()) this.#runtime.clock.clearTimeout(handle);
    this.#waiting.clear();
  }

  #healthOf(service = ''): string | undefined {
    return this.#runtime.status().services[service]?.health;
  }
}
