import { PermanentError, TransientError } from '../../errors.ts';
import type { Channel, Checked, Notice } from '../../sinks/channels/channel.ts';

type Behaviour = (notice: Notice, signal: AbortSignal) => void | Promise<void>;

/** A way to a person in this process: what arrives is kept, and it fails as it is told to. */
export class TestChannel implements Channel {
  readonly name: string;
  readonly pace: Channel['pace'];
  readonly received: Notice[] = [];
  /** When each message arrived, on the clock that was given. */
  readonly times: number[] = [];
  attempts = 0;
  behave: Behaviour = () => {};
  now: () => number = () => 0;

  constructor(name = 'mail', pace: Channel['pace'] = { perMinute: 60, burst: 60 }) {
    this.name = name;
    this.pace = pace;
  }

  async deliver(notice: Notice, signal: AbortSignal): Promise<void> {
    this.attempts++;
    await this.behave(notice, signal);
    this.received.push(notice);
    this.times.push(this.now());
  }

  check(): Promise<Checked> {
    return Promise.resolve('works');
  }

  /** `raised breaker.opened`: what arrived, in short. */
  get told(): string[] {
    return this.received.map(({ kind, rule }) => `${kind} ${rule}`);
  }
}

const about = { service: 'channel:mail' } as const;

export const down = (): never => {
  throw new TransientError('the mail server is away', { ...about, kind: 'ServiceUnavailable' });
};

/** Nobody knows whether it arrived. */
export const lost = (): never => {
  throw new TransientError('no answer', { ...about, kind: 'Timeout', ambiguous: true });
};

export const limited = (retryAfterMs: number) => (): never => {
  throw new TransientError('slow down', { ...about, kind: 'RateLimit', retryAfterMs });
};

export const refused = (): never => {
  throw new PermanentError('no such message', {
    ...about,
    kind: 'InvalidPayload',
    scope: 'contact',
  });
};

export const broken = (): never => {
  throw new PermanentError('the password is wrong', {
    ...about,
    kind: 'Authentication',
    scope: 'account',
  });
};
