/** What an alert's message is about. */
export type NoticeKind = 'raised' | 'updated' | 'acknowledged' | 'resolved' | 'digest' | 'test';

/**
 * What a person is told. It was frozen when it was decided: a repeat says the same words, however
 * long the channel was down.
 */
export interface Notice {
  readonly kind: NoticeKind;
  /** The alert's id; a digest has one of its own. */
  readonly alert: string;
  /** The same incident has the same key: what a receiver de-duplicates by. At most 255 characters. */
  readonly key: string;
  /**
   * Which message about this alert it is, from 0. One data folder never uses `alert` and `n` together
   * twice, but another one may.
   */
  readonly n: number;
  readonly rule: string;
  readonly severity: 'critical' | 'warning';
  /** Null when it is about no single service. */
  readonly service: string | null;
  /** One line, without a full stop. A resolve's begins with "Resolved". */
  readonly title: string;
  /** Sentences for a person: what happened, what it means, what the agent does, what to do. */
  readonly paragraphs: readonly string[];
  /** Short facts beside them: "Contacts waiting" → "12". */
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** When it was decided, epoch ms. */
  readonly at: number;
  /** When the incident began, epoch ms. */
  readonly since: number;
  /** It may have been delivered before: nobody knows whether an earlier try arrived. */
  readonly isRepeat: boolean;
  /** What it is about is played by the simulated world: no real service is concerned. @default false */
  readonly isSimulated?: boolean;
  /** It tells the end of what nobody there has heard the beginning of. @default false */
  readonly wasMissed?: boolean;
}

/** `reached`: somebody is there, and more could only be found out by a message. */
export type Checked = 'works' | 'reached';

/** How often the other side takes a message. */
export interface Pace {
  /** No more messages than this leave in a minute. */
  readonly perMinute: number;
  /** So many may go one right after another. */
  readonly burst: number;
  /** Least time from the end of one to the beginning of the next, in milliseconds. @default 0 */
  readonly gapMs?: number;
}

/** A way to a person. One channel is one address: each of several receivers' URLs is its own. */
export interface Channel {
  /** As people name it and the journal may: `email`, `telegram:-1001234`, `slack`, `webhook:host`. */
  readonly name: string;
  readonly pace: Pace;
  /**
   * It makes an incident of each alert and keeps it open until it hears of the end: it is told of
   * acknowledgements, and never gets a digest, which nothing would ever close. @default false
   */
  readonly keepsIncidents?: boolean;
  /**
   * Resolves when the other side has taken the message.
   * @throws TransientError to be tried again, not before its `retryAfterMs` when it has one
   * @throws PermanentError of scope `contact` when this one message can't be delivered ever, of
   *   scope `account` or `config` when the channel itself is broken
   */
  deliver(notice: Notice, signal: AbortSignal): Promise<void>;
  /** Sends nothing to a person. @throws as {@link deliver}, when the channel would not work */
  check(signal: AbortSignal): Promise<Checked>;
}
