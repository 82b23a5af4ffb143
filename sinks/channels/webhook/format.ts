import type { Channel, Notice } from '../channel.ts';

/** How one kind of receiver is spoken to. */
export interface Format {
  readonly pace: Channel['pace'];
  readonly keepsIncidents?: boolean;
  /** Where to post, from what was set. */
  urlFor(url: string, notice: Notice): string;
  /** What is posted, as JSON. */
  payload(notice: Notice): unknown;
  /** Headers that depend on the body. @param now epoch ms */
  headers?(notice: Notice, body: string, now: number): { readonly [name: string]: string };
  /** A URL to GET, if that says whether the webhook exists and tells nobody. */
  checkUrl?(url: string): string;
  /** Words in a refusal that mean that no message will ever be taken. */
  readonly broken?: RegExp;
  /** Beside the URL. */
  readonly secrets?: readonly string[];
}
