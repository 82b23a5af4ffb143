import { isProviderError } from '../../errors.ts';
import { ask, fieldsOf, invalidResponse, jsonOf, textOf, type Wire } from './http.ts';

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
      call_agent_key: call.key,
    };
    try {
      return await this.#create(properties, signal);
    } catch (error) {
      if (!isProviderError(error) || error.status !== CONFLICT) throw error;
      return this.#find(call.key, signal);
    }
  }

  async check(signal: AbortSignal): Promise<void> {
    await this.#get('/crm/v3/objects/calls?limit=1', signal);
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
    const path = `/crm/v3/objects/calls/${encodeURIComponent(key)}?idProperty=call_agent_key`;
    return idOf(await this.#get(path, signal));
  }

  async #get(path: string, signal: AbortSignal): Promise<unknown> {
    const { baseUrl } = this.#options;
    const request = { service, provider, method: 'GET', url: `${baseUrl}${path}`, signal } as const;
    return jsonOf(await ask(this.#options, { ...request, headers: this.#headers() }));
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
