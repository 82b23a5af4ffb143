import { isProviderError, UserError } from '../../errors.ts';
import { classify, type Provider } from './errors/classify.ts';
import { classifyNetwork } from '../../runtime/http/network.ts';
import { exchange, fieldsOf, textOf, type Wire } from './http.ts';

/** The longest that a timer can be (Node.js documentation, `timers`): the attempt's own ends first. */
const NEVER_MS = 2 ** 31 - 1;

/** For both vendors' clients: one try, no clock and no words of their own. */
const quietOptions = { maxRetries: 0, timeout: NEVER_MS, logLevel: 'off' } as const;

/**
 * Carries an error through a vendor's client, which reads "timed out" in a message, or in a
 * cause, as its own timeout and drops what it was.
 */
class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly why: unknown;

  constructor(why: unknown) {
    super('no answer');
    this.why = why;
  }
}

/** The `fetch` for a vendor's client: ours, which reads the whole body before it answers. */
function sdkFetch(wire: Wire, service: string): typeof fetch {
  return async (input, init = {}) => {
    const { method = 'GET', headers = {}, body = null, signal } = init;
    const url = input instanceof Request ? input.url : String(input);
    try {
      const answer = await exchange(wire, {
        service,
        method,
        url,
        headers,
        body,
        signal: signal ?? new AbortController().signal,
      });
      const { bytes, status } = answer;
      return new Response(bytes.length === 0 ? null : bytes, { status, headers: answer.headers });
    } catch (error) {
      throw new NoAnswer(error);
    }
  };
}

/**
 * Makes a vendor's client without what it would read from the environment: another organisation,
 * headers, logging. What counts is this program's own configuration.
 */
function withoutEnvironment<T>(prefix: string, make: () => T): T {
  const hidden = Object.entries(process.env).filter(([name]) => name.startsWith(prefix));
  for (const [name] of hidden) delete process.env[name];
  try {
    return make();
  } finally {
    for (const [name, value] of hidden) process.env[name] = value;
  }
}

/** Both clients put a body that is no JSON behind the status, and these words when there is none. */
function textAfterStatus(message: unknown): string | null {
  const text = textOf(message)?.replace(/^\d+ /, '') ?? null;
  return text === 'status code (no body)' ? null : text;
}

export interface SdkOptions<Client> {
  readonly service: string;
  readonly provider: Provider;
  readonly wire: Wire;
  /** The name of its package. */
  readonly name: string;
  /** What the names of its environment variables begin with. */
  readonly prefix: string;
  /** Imports the package. @returns how a client is made */
  readonly load: () => Promise<(options: typeof quietOptions & { fetch: typeof fetch }) => Client>;
  /** The error body out of what the client makes of it. @default as it is */
  readonly bodyOf?: (said: unknown) => unknown;
}

/**
 * A vendor's own client, loaded when it is first needed. It is heavy, so whoever gives a request
 * a time to be answered in loads it before that time begins to run.
 */
export class Sdk<Client> {
  readonly #options: SdkOptions<Client>;
  #client: Promise<Client> | null = null;

  constructor(options: SdkOptions<Client>) {
    this.#options = options;
  }

  /** @throws UserError when it is not installed */
  load(): Promise<Client> {
    this.#client ??= this.#make();
    return this.#client;
  }

  /**
   * The answer as it came: the client's types are a promise of its vendor's, and not looked at.
   * @throws TransientError, PermanentError; the signal's reason when it is aborted
   */
  async ask(
    method: 'GET' | 'POST',
    signal: AbortSignal,
    send: (client: Client) => PromiseLike<unknown>,
  ): Promise<unknown> {
    const client = await this.load();
    try {
      return await send(client);
    } catch (error) {
      throw signal.aborted ? signal.reason : this.#understood(error, method);
    }
  }

  /** A client's error as ours: by the provider's code and the status, as for everybody else. */
  #understood(error: unknown, method: string): unknown {
    const { service, provider, wire, bodyOf = (said) => said } = this.#options;
    const { status, headers, error: said, message, cause } = fieldsOf(error);
    if (typeof status === 'number' && headers instanceof Headers) {
      const body = said === undefined ? textAfterStatus(message) : bodyOf(said);
      const now = (wire.now ?? Date.now)();
      return classify({ provider, status, headers, body, method, sent: true, now });
    }
    const why = cause instanceof NoAnswer ? cause.why : error;
    return isProviderError(why) ? why : classifyNetwork({ service, error: why, sent: true });
  }

  async #make(): Promise<Client> {
    const { service, name, prefix, wire, load } = this.#options;
    const make = await load().catch((cause: unknown) => {
      throw new UserError(`The client library ${name} can't be loaded: run npm ci.`, { cause });
    });
    const options = { ...quietOptions, fetch: sdkFetch(wire, service) };
    return withoutEnvironment(prefix, () => make(options));
  }
}
