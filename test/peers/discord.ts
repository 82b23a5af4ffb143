import { HttpPeer, Limit, type Asked, type Reply } from './http.ts';

const PATH = '/api/webhooks/111/dscSECRETdsc';

interface Embed {
  readonly title?: string;
  readonly description?: string;
  readonly color?: number;
  readonly fields?: readonly { readonly name: string; readonly value: string }[];
  readonly footer?: { readonly text: string };
  readonly timestamp?: string;
}

export interface DiscordMessage {
  readonly content?: string;
  readonly embeds?: readonly Embed[];
  readonly allowed_mentions?: { readonly parse?: readonly string[] };
}

const length = (text: string | undefined): number => text?.length ?? 0;

const sizeOf = ({ title, description, fields = [], footer }: Embed): number =>
  length(title) +
  length(description) +
  length(footer?.text) +
  fields.reduce((sum, { name, value }) => sum + name.length + value.length, 0);

const isGoodEmbed = ({ title, description, fields = [], footer }: Embed): boolean =>
  length(title) <= 256 &&
  length(description) <= 4_096 &&
  length(footer?.text) <= 2_048 &&
  fields.length <= 25 &&
  fields.every(
    ({ name, value }) =>
      name.length >= 1 && name.length <= 256 && value.length >= 1 && value.length <= 1_024,
  );

function isGood({ content, embeds = [] }: DiscordMessage): boolean {
  const together = embeds.reduce((sum, embed) => sum + sizeOf(embed), 0);
  return (
    (length(content) > 0 || embeds.length > 0) &&
    length(content) <= 2_000 &&
    embeds.length <= 10 &&
    together <= 6_000 &&
    embeds.every(isGoodEmbed)
  );
}

/** A Discord webhook: 5 in 2 seconds and 30 a minute, and the limits of embeds. */
export async function startDiscord(now: () => number = Date.now) {
  const burst = new Limit(5, 2_000, now);
  const limit = new Limit(30, 60_000, now);
  const messages: DiscordMessage[] = [];
  const peer = await HttpPeer.start(({ method, path, json }: Asked): Reply => {
    const { pathname, searchParams } = new URL(path, 'http://x');
    if (pathname !== PATH)
      return { status: 404, body: { message: 'Unknown Webhook', code: 10015 } };
    if (method === 'GET') return { status: 200, body: { id: '111', type: 1 } };
    const waitMs = Math.max(burst.take(), limit.take());
    if (waitMs > 0) {
      const seconds = waitMs / 1_000;
      const headers = {
        'retry-after': String(Math.ceil(seconds)),
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset-after': String(seconds),
      };
      const message = 'You are being rate limited.';
      return { status: 429, headers, body: { message, retry_after: seconds, global: false } };
    }
    const message = (json ?? {}) as DiscordMessage;
    if (!isGood(message)) {
      return { status: 400, body: { message: 'Invalid Form Body', code: 50035 } };
    }
    messages.push(message);
    return searchParams.get('wait') === 'true'
      ? { status: 200, body: { id: String(messages.length) } }
      : { status: 204 };
  });
  return { peer, messages, url: `${peer.origin}${PATH}` };
}
