import type { Channel, Checked, Notice } from '../channel.ts';
import { exchange, type Request } from './exchange.ts';
import type { Format } from './format.ts';
import { judge } from './judge.ts';
import { reach } from './reach.ts';

/** Shorter parts of a path are words, not tokens. */
const SHORTEST_TOKEN = 8;

/** The URL in whole and in parts: the tokens of Slack and Discord stand in its path. */
function secretsIn(address: string): string[] {
  const { href, pathname, search, username, password } = new URL(address);
  const parts = [...pathname.split('/'), username, password, ...search.split(/[?&=]/)];
  const tokens = parts.filter((part) => part.length >= SHORTEST_TOKEN);
  return [address, href, ...(pathname.length > 1 ? [pathname + search] : []), ...tokens];
}

/** Posts to one URL, in the words of whoever listens there. */
export class WebhookChannel implements Channel {
  readonly name: string;
  readonly pace: Channel['pace'];
  readonly keepsIncidents: boolean;
  readonly #url: string;
  readonly #format: Format;
  readonly #secrets: readonly string[];

  constructor(name: string, url: string, format: Format) {
    this.name = name;
    this.pace = format.pace;
    this.keepsIncidents = format.keepsIncidents === true;
    this.#url = url;
    this.#format = format;
    this.#secrets = [...secretsIn(url), ...(format.secrets ?? [])];
  }

  async deliver(notice: Notice, signal: AbortSignal): Promise<void> {
    const format = this.#format;
    const body = JSON.stringify(format.payload(notice));
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      ...format.headers?.(notice, body, Date.now()),
    };
    const url = format.urlFor(this.#url, notice);
    await this.#ask({ method: 'POST', url, headers, body, signal });
  }

  /** Asks whether the webhook exists where that tells nobody; else only whether one can connect. */
  async check(signal: AbortSignal): Promise<Checked> {
    const url = this.#format.checkUrl?.(this.#url);
    if (url === undefined) {
      await reach(this.name, this.#url, signal);
      return 'reached';
    }
    await this.#ask({ method: 'GET', url, signal });
    return 'works';
  }

  async #ask(request: Omit<Request, 'channel'>): Promise<void> {
    const answer = await exchange({ channel: this.name, ...request });
    const failure = judge(answer, {
      channel: this.name,
      secrets: this.#secrets,
      broken: this.#format.broken ?? null,
    });
    if (failure) throw failure;
  }
}
