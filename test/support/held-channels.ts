import type { VirtualClock } from '../../scenarios/world/virtual-clock.ts';
import type { Channel, Notice } from '../../sinks/channels/channel.ts';

/** Real ways to a person in virtual time, which stands still while one of them is talking. */
export class HeldChannels {
  readonly all: readonly Channel[];
  #clock: VirtualClock | null = null;
  readonly #talking = new Set<Promise<void>>();

  constructor(channels: readonly Channel[]) {
    this.all = channels.map((channel) => this.#held(channel));
  }

  /** The clock of the agent that uses them from now on: another one after each restart. */
  useClock(clock: VirtualClock): void {
    this.#clock = clock;
    for (const delivery of this.#talking) void clock.hold(delivery).catch(() => {});
  }

  now(): number {
    return this.#clock?.now() ?? 0;
  }

  #held(channel: Channel): Channel {
    const deliver = (notice: Notice, signal: AbortSignal): Promise<void> => {
      const delivery = channel.deliver(notice, signal);
      const forget = (): void => void this.#talking.delete(delivery);
      this.#talking.add(delivery);
      delivery.then(forget, forget);
      return this.#clock ? this.#clock.hold(delivery) : delivery;
    };
    const { name, pace, keepsIncidents = false } = channel;
    return { name, pace, keepsIncidents, deliver, check: (signal) => channel.check(signal) };
  }
}
