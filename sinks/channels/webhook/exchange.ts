import type { ProviderError } from '../../../errors.ts';
import { classifyNetwork } from '../../../runtime/http/network.ts';

const LONGEST_ANSWER_BYTES = 64 * 1024;

export interface Request {
  /** Who is asked, as the channel is named. */
  readonly channel: string;
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** JSON's value, else the text. */
  readonly body: unknown;
}

/** What there is of a body up to a limit; the rest is not even received. */
async function textOf(response: Response): Promise<string> {
  if (!response.body) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= LONGEST_ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, LONGEST_ANSWER_BYTES).toString('utf8');
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** `user:password@` in a URL goes into a header: fetch refuses it where it stands. */
function withLogin(address: string): { url: string; headers: { [name: string]: string } } {
  const url = new URL(address);
  const { username, password } = url;
  if (username === '' && password === '') return { url: address, headers: {} };
  url.username = '';
  url.password = '';
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = `Basic ${Buffer.from(login).toString('base64')}`;
  return { url: url.href, headers: { authorization } };
}

/** What fetch throws may hold the URL, and the URL is a secret. */
function withoutCause(failure: ProviderError): ProviderError {
  failure.cause = undefined;
  return failure;
}

/** One request and its answer, whatever that says. @throws TransientError, PermanentError without one */
export async function exchange(request: Request): Promise<Answer> {
  const { channel, method, body, signal } = request;
  const { url, headers } = withLogin(request.url);
  try {
    const response = await fetch(url, {
      method,
      headers: { 'user-agent': 'ai-call-agent', ...headers, ...request.headers },
      // Whoever is named by a redirect is not who was meant.
      redirect: 'manual',
      signal,
      ...(body !== undefined && { body }),
    });
    const text = await textOf(response);
    return { status: response.status, headers: response.headers, body: jsonOrText(text) };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw withoutCause(classifyNetwork({ service: channel, error, sent: true }));
  }
}
