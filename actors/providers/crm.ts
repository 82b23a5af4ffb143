import { isProviderError, TransientError } from '../../errors.ts';
import {
  ask,
  fieldsOf,
  invalidResponse,
  jsonOf,
  textOf,
  type HttpAnswer,
  type Wire,
} from './http.ts';

export interface CrmOptions extends Wire {
  readonly baseUrl: string;
  readonly accessToken: string;
}

export interface CallRecord {
  /** Our own id of the call: a second write with it changes nothing. */
  readonly key: string;
  readonly title: string;
  readonly disposition: string;
  readonly durationMs: number;
  /** Epoch ms. */
  readonly at: number;
}

const service = 'CRM';
const provider = 'hubspot';
const CONFLICT = 409;
/** How a unique property says that its value is taken, with 400. */
const TAKEN = 'CONFLICTING_UNIQUE_VALUE';
const NOT_FOUND = 404;
const KEY = 'call_agent_key';

/** HubSpot's call engagements. */
export class CrmClient {
  readonly #options: CrmOptions;

  constructor(options: CrmOptions) {
    this.#options = options;
  }

  /** Writes what a call came to; a record that is there already counts as written. */
  async record(call: CallRecord, signal: AbortSignal): Promise<string> {
    const properties = {
      hs_call_title: call.title,
      hs_call_body: `Outcome: ${call.disposition}`,
      hs_call_status: 'COMPLETED',
      hs_call_duration: String(call.durationMs),
      hs_timestamp: new Date(call.at).toISOString(),
      [KEY]: call.key,
    };
    try {
      return await this.#create(properties, signal);
    } catch (error) {
      if (!isProviderError(error)) throw error;
      if (error.status !== CONFLICT && error.code !== TAKEN) throw error;
      return this.#find(call.key, signal);
    }
  }

  /** Sees the day's last request before a write meets the limit. */
  async check(signal: AbortSignal): Promise<void> {
    const { headers } = await this.#get('/crm/v3/objects/calls?limit=1', signal);
    if (headers.get('x-hubspot-ratelimit-daily-remaining') !== '0') return;
    throw new TransientError(`${service}: all requests of the day are used`, {
      service,
      kind: 'RateLimit',
      code: 'DAILY',
    });
  }

  /** Whether the account has the property that keeps a second write of a call out. */
  async keyProperty(signal: AbortSignal): Promise<'unique' | 'not unique' | 'missing'> {
    try {
      const answer = await this.#get(`/crm/v3/properties/calls/${KEY}`, signal);
      return fieldsOf(jsonOf(answer))['hasUniqueValue'] === true ? 'unique' : 'not unique';
    } catch (error) {
      if (isProviderError(error) && error.status === NOT_FOUND) return 'missing';
      throw error;
    }
  }

  async #create(properties: Record<string, string>, signal: AbortSignal): Promise<string> {
    const { baseUrl } = this.#options;
    const answer = await ask(this.#options, {
      service,
      provider,
      method: 'POST',
      url: `${baseUrl}/crm/v3/objects/calls`,
      headers: { ...this.#headers(), 'content-type': 'application/json' },
      body: JSON.stringify({ properties }),
      signal,
    });
    return idOf(jsonOf(answer));
  }

  async #find(key: string, signal: AbortSignal): Promise<string> {
    const path = `/crm/v3/objects/calls/${encodeURIComponent(key)}?idProperty=${KEY}`;
    return idOf(jsonOf(await this.#get(path, signal)));
  }

  async #get(path: string, signal: AbortSignal): Promise<HttpAnswer> {
    const { baseUrl } = this.#options;
    const request = { service, provider, method: 'GET', url: `${baseUrl}${path}`, signal } as const;
    return ask(this.#options, { ...request, headers: this.#headers() });
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#options.accessToken}`, accept: 'application/json' };
  }
}

function idOf(body: unknown): string {
  const id = textOf(fieldsOf(body)['id']);
  if (id === null) throw invalidResponse(service, 'no record id');
  return id;
}
