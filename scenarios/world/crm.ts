import type { Clock } from '../../runtime/clock.ts';
import { crmErrorBody } from './crm-errors.ts';
import { type Incoming, Provider, readJsonObject, Refusal } from './provider.ts';
import { type Random, randomUuid } from './random.ts';

export interface CrmOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Records of earlier lives, oldest first. */
  readonly remembered: readonly CrmRecord[];
  /** Whether the account has the property for the caller's key. @default true */
  readonly hasKeyProperty?: boolean;
  /** Is told of each record before it counts as created. */
  readonly remember: (record: CrmRecord) => void;
}

export interface CrmRecord {
  readonly id: string;
  /** When it was created, in epoch milliseconds. */
  readonly at: number;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Set up as unique in the simulated account: writing a call twice is a conflict, not a copy. */
const UNIQUE_PROPERTY = 'call_agent_key';

/** Call records as at HubSpot. */
export function createCrm(options: CrmOptions): Provider {
  const { random, hasKeyProperty = true } = options;
  const records = new Records(options);
  return new Provider({
    errorBody: crmErrorBody,
    hasCredentials: (headers) => /^Bearer \S/.test(headers.get('authorization') ?? ''),
    requestIdHeader: 'x-hubspot-correlation-id',
    newRequestId: () => randomUuid(random),
    routes: [
      {
        method: 'POST',
        path: /^\/crm\/v3\/objects\/calls$/,
        kind: 'work',
        answer: async ({ request }) =>
          Response.json(
            resource(records.create(known(await propertiesOf(request), hasKeyProperty))),
            { status: 201 },
          ),
      },
      {
        method: 'GET',
        path: /^\/crm\/v3\/objects\/calls\/([^/]+)$/,
        kind: 'work',
        answer: (incoming) => Response.json(resource(lookUp(incoming, records))),
      },
      {
        method: 'GET',
        path: /^\/crm\/v3\/properties\/calls\/([^/]+)$/,
        kind: 'health',
        answer: ({ params: [name = ''] }) => Response.json(property(name, hasKeyProperty)),
      },
      {
        method: 'GET',
        path: /^\/crm\/v3\/objects\/calls$/,
        kind: 'health',
        answer: ({ url }) => {
          const limit = Number(url.searchParams.get('limit') ?? 10);
          return Response.json({ results: records.first(limit).map(resource) });
        },
      },
    ],
  });
}

class Records {
  readonly #clock: Clock;
  readonly #remember: (record: CrmRecord) => void;
  readonly #byId = new Map<string, CrmRecord>();
  readonly #byKey = new Map<string, CrmRecord>();

  constructor({ clock, remembered, remember }: CrmOptions) {
    this.#clock = clock;
    this.#remember = remember;
    for (const record of remembered) this.#add(record);
  }

  create(properties: Record<string, unknown>): CrmRecord {
    const key = properties[UNIQUE_PROPERTY];
    const existing = typeof key === 'string' ? this.#byKey.get(key) : undefined;
    if (existing) {
      const message = `A call with this ${UNIQUE_PROPERTY} already exists. Existing ID: ${existing.id}`;
      throw new Refusal(409, 'CONFLICT', message);
    }
    const id = String(50_000_000_001 + this.#byId.size);
    const record = { id, at: this.#clock.now(), properties };
    this.#remember(record);
    this.#add(record);
    return record;
  }

  find(idProperty: string | null, value: string): CrmRecord | undefined {
    if (idProperty === null) return this.#byId.get(value);
    if (idProperty === UNIQUE_PROPERTY) return this.#byKey.get(value);
    throw new Refusal(400, 'VALIDATION_ERROR', `${idProperty} is not a unique property`);
  }

  first(count: number): readonly CrmRecord[] {
    const found: CrmRecord[] = [];
    for (const record of this.#byId.values()) {
      if (!(found.length < count)) break;
      found.push(record);
    }
    return found;
  }

  #add(record: CrmRecord): void {
    this.#byId.set(record.id, record);
    const key = record.properties[UNIQUE_PROPERTY];
    if (typeof key === 'string') this.#byKey.set(key, record);
  }
}

function resource({ id, at, properties }: CrmRecord): object {
  const createdAt = new Date(at).toISOString();
  return { id, properties, createdAt, updatedAt: createdAt, archived: false };
}

async function propertiesOf(request: Request): Promise<Record<string, unknown>> {
  const { properties } = await readJsonObject(request);
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties)) {
    throw new Refusal(400, 'VALIDATION_ERROR', 'Invalid input JSON: properties is missing');
  }
  const given = properties as Record<string, unknown>;
  // The provider has no time of its own to put on the contact's timeline.
  if (!given['hs_timestamp']) {
    throw new Refusal(400, 'VALIDATION_ERROR', 'Required property hs_timestamp is missing');
  }
  return given;
}

/** HubSpot takes only properties that the account has. */
function known<T extends object>(properties: T, hasKeyProperty: boolean): T {
  if (hasKeyProperty || !(UNIQUE_PROPERTY in properties)) return properties;
  const problem = { isValid: false, error: 'PROPERTY_DOESNT_EXIST', name: UNIQUE_PROPERTY };
  const message = `Property values were not valid: ${JSON.stringify([problem])}`;
  throw new Refusal(400, 'VALIDATION_ERROR', message);
}

function property(name: string, hasKeyProperty: boolean): object {
  if (name !== UNIQUE_PROPERTY || !hasKeyProperty) {
    throw new Refusal(404, 'OBJECT_NOT_FOUND', `Property "${name}" does not exist`);
  }
  const shape = { type: 'string', fieldType: 'text', groupName: 'callinformation' };
  return { name, label: name, ...shape, hasUniqueValue: true };
}

function lookUp({ url, params: [value = ''] }: Incoming, records: Records): CrmRecord {
  const record = records.find(url.searchParams.get('idProperty'), value);
  if (!record)
    throw new Refusal(404, 'OBJECT_NOT_FOUND', `Object not found. No call has ${value}.`);
  return record;
}
