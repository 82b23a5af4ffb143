import { Bucket, HttpPeer, type Asked, type Reply } from './http.ts';

const PATH = '/services/T0000/B0000/xoxSECRETxox';

interface Text {
  readonly type: string;
  readonly text: string;
}

interface Block {
  readonly type: string;
  readonly text?: Text;
  readonly fields?: readonly Text[];
  readonly elements?: readonly Text[];
}

export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly Block[];
}

const isBetween = (text: unknown, least: number, most: number): boolean =>
  typeof text === 'string' && text.length >= least && text.length <= most;

/** Block Kit's reference: what a header, a section and a context may hold. */
function isGoodBlock({ type, text, fields, elements }: Block): boolean {
  if (type === 'header') return text?.type === 'plain_text' && isBetween(text.text, 1, 150);
  if (type === 'context') {
    return isBetween('x'.repeat(elements?.length ?? 0), 1, 10);
  }
  if (type !== 'section') return false;
  if (text) return text.type === 'mrkdwn' && isBetween(text.text, 1, 3_000);
  const all = fields ?? [];
  return (
    all.length > 0 && all.length <= 10 && all.every((field) => isBetween(field.text, 1, 2_000))
  );
}

/**
 * Slack's incoming webhook: one a second, and Block Kit's limits. The short bursts that Slack lets
 * through are not to be relied on.
 */
export async function startSlack(now: () => number = Date.now) {
  const limit = new Bucket(1, 1, now);
  const messages: SlackMessage[] = [];
  const peer = await HttpPeer.start(({ method, path, json }: Asked): Reply => {
    if (path !== PATH) return { status: 404, body: 'no_service' };
    if (method !== 'POST') return { status: 400, body: 'invalid_payload' };
    const waitMs = limit.take();
    if (waitMs > 0) {
      const headers = { 'retry-after': String(Math.ceil(waitMs / 1_000)) };
      return { status: 429, headers, body: 'rate_limited' };
    }
    const { text, blocks } = (json ?? {}) as Partial<SlackMessage>;
    if (!isBetween(text, 1, 40_000) && !blocks) return { status: 400, body: 'no_text' };
    if (!blocks || blocks.length > 50 || !blocks.every(isGoodBlock)) {
      return { status: 400, body: 'invalid_blocks' };
    }
    messages.push({ text: text ?? '', blocks });
    return { status: 200, body: 'ok' };
  });
  return { peer, messages, url: `${peer.origin}${PATH}` };
}
