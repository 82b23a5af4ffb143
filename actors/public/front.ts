import type { Config, PublicRules } from '../../config.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { PublicAddresses } from './addresses.ts';
import { PublicDoor, type DoorOptions } from './door.ts';
import { tellCall } from './reports.ts';

/** Counts that say that something is set up wrongly, and what it is. */
const complaints: { readonly [counted: string]: string } = {
  'callback with a wrong signature':
    'status callbacks were refused, because their signature fits neither PUBLIC_BASE_URL nor TWILIO_AUTH_TOKEN as they are set',
  'audio that has expired': 'requests for audio came after its address had expired',
  'audio that is gone': 'requests were for audio that is no longer on disk',
};

/** The agent's side towards the world: the addresses it gives out, and the door behind them. */
export class PublicFront {
  readonly #options: DoorOptions;
  #door: PublicDoor | null = null;

  constructor(runtime: Runtime, config: Config, rules: PublicRules) {
    const { artefacts, clock } = runtime;
    this.#options = {
      ...doorOptionsOf(config, rules, () => clock.now()),
      artefacts,
      tell: (dial, report) => tellCall(runtime, dial, report),
    };
  }

  get addresses(): PublicAddresses {
    return this.#options.addresses;
  }

  /** Before anybody is called. @throws UserError when the port can't be had */
  async open(): Promise<void> {
    this.#door = await PublicDoor.open(this.#options);
  }

  /** The port it listens on; null before it is open. */
  get port(): number | null {
    return this.#door?.port ?? null;
  }

  /** What came from outside, by what became of it. */
  get counts(): ReadonlyMap<string, number> {
    return this.#door?.counts ?? new Map();
  }

  problems(): string[] {
    return [...this.counts].flatMap(([counted, times]) => {
      const complaint = complaints[counted];
      return complaint === undefined ? [] : [`${times} ${complaint}.`];
    });
  }

  async close(): Promise<void> {
    await this.#door?.close();
  }
}

function doorOptionsOf(
  config: Config,
  { baseUrl, host, port, playsAudio }: PublicRules,
  now: () => number,
): Omit<DoorOptions, 'artefacts' | 'tell'> {
  const { TWILIO_ACCOUNT_SID: accountSid = '', TWILIO_AUTH_TOKEN: authToken = '' } = config;
  const addresses = new PublicAddresses({ baseUrl, accountSid, authToken, playsAudio, now });
  return { addresses, host, port, authToken };
}

/** A door without an agent behind it, to see whether anybody comes to it. */
export function doorFor(config: Config, rules: PublicRules): DoorOptions {
  return {
    ...doorOptionsOf(config, rules, Date.now),
    artefacts: { path: () => '' },
    tell: () => 'unknown',
  };
}
