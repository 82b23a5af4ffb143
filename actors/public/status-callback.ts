import type { IncomingMessage } from 'node:http';
import type { Report } from '../../machines/call-protocol.ts';
import { readReport, type Told } from './reports.ts';
import { isSignedByTwilio } from './twilio-signature.ts';

/** Twilio's status callbacks are a kilobyte long. */
const MAX_BODY_BYTES = 64 * 1024;

export interface StatusCallback {
  /** The address that Twilio was given. */
  readonly url: string;
  readonly authToken: string;
  readonly tell: (report: Report) => Told;
}

/** What is answered, and what is counted. */
export interface Verdict {
  readonly status: number;
  readonly counted: string;
}

const verdict = (status: number, counted: string): Verdict => ({ status, counted });

/** Null when it is too long. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  if (Number(request.headers['content-length']) > MAX_BODY_BYTES) return null;
  const chunks: Buffer[] = [];
  let length = 0;
  // Destroyed on the way out, it could not be answered any more.
  const body: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const isForm = (request: IncomingMessage): boolean =>
  /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(request.headers['content-type'] ?? '');

/** Reads a status callback, makes sure that Twilio has sent it, and passes on what it tells. */
export async function takeStatusCallback(
  request: IncomingMessage,
  { url, authToken, tell }: StatusCallback,
): Promise<Verdict> {
  if (!isForm(request)) return verdict(415, 'callback of another content type');
  const body = await readBody(request);
  if (body === null) return verdict(413, 'callback too long');
  const form = new URLSearchParams(body);
  const signature = request.headers['x-twilio-signature'];
  const isSigned =
    typeof signature === 'string' && isSignedByTwilio({ authToken, url, form, signature });
  if (!isSigned) return verdict(403, 'callback with a wrong signature');
  const report = readReport(form);
  if (report === null) return verdict(204, 'callback that tells nothing');
  const told = tell(report);
  return verdict(told === 'unknown' ? 404 : 204, `callback: ${told}`);
}
