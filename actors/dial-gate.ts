import type { CallingRules } from '../config.ts';
import type { AttemptInput } from '../machines/request-protocol.ts';
import type { Refusal } from '../runtime/attempt.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { opensOn, parseWindow, type CallingWindow } from './calling-window.ts';
import { Pacer } from './pacer.ts';

/**
 * The last look before a number is dialled, also after a wait: not outside the contact's calling
 * window, and no more calls a second than the provider takes.
 */
export class DialGate {
  readonly window: CallingWindow | null;
  readonly #runtime: Runtime;
  readonly #pacer: Pacer | null;
  readonly #shut = Promise.withResolvers<void>();
  #isShut = false;

  constructor(runtime: Runtime, rules: CallingRules) {
    this.#runtime = runtime;
    this.window = parseWindow(rules.window);
    this.#pacer =
      rules.callsPerSecond === null ? null : new Pacer(runtime.clock, rules.callsPerSecond);
  }

  /** @returns why the dial must wait, or nothing when it may go out */
  async pass({ service, operation, payload }: AttemptInput): Promise<Refusal | undefined> {
    if (operation !== 'dial') return undefined;
    const { contacts, clock } = this.#runtime;
    if (payload['simulated'] !== true)
      await Promise.race([this.#pacer?.turn(), this.#shut.promise]);
    if (this.#isShut) return refused(service, clock.now(), 0, 'the agent is being stopped');
    if (payload['simulated'] === true) return undefined;
    const contact = contacts.get(String(payload['contact'] as string));
    const retryAt = contact && this.window ? opensOn(clock, this.window, contact) : null;
    if (retryAt === null) return undefined;
    const waitMs = retryAt - clock.now();
    return refused(service, clock.now(), waitMs, "it is outside the contact's calling window");
  }

  /** Lets no dial out any more: whoever is not dialled yet goes back into the queue. */
  shut(): void {
    this.#isShut = true;
    this.#shut.resolve();
  }

  close(): void {
    this.#pacer?.close();
  }
}

const refused = (service: string, now: number, waitMs: number, message: string): Refusal => ({
  retryAt: now + waitMs,
  error: {
    category: 'TRANSIENT_ERROR',
    kind: 'Unknown',
    scope: null,
    service,
    code: null,
    status: null,
    message,
    retryAfterMs: waitMs,
    ambiguous: false,
  },
});
