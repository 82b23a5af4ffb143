import { describe, expect, test } from 'vitest';
import { isProviderError, type ProviderError } from '../../../errors.ts';
import type { Provider } from '../../../actors/providers/errors/classify.ts';
import type { StatusFault } from '../../../scenarios/world/faults.ts';
import type { World } from '../../../scenarios/world/world.ts';
import { openWorld } from '../../scenarios/world/support.ts';
import { byStatus, cases } from '../errors/table-cases.ts';
import { bodies } from '../errors/shapes.ts';
import { clientsAt, work, type Asked } from './clients.ts';

const never = new AbortController().signal;

/** The first thing that each provider is asked in a call. */
const firstAsked = new Map(
  work.toReversed().map((asked): [Provider, Asked] => [asked.provider, asked]),
);

const requestIdHeaders: { readonly [provider in Provider]: string } = {
  openai: 'x-request-id',
  anthropic: 'request-id',
  elevenlabs: 'x-request-id',
  twilio: 'twilio-request-id',
  hubspot: 'x-hubspot-correlation-id',
};

/** Asks the real client, over real HTTP, a world that answers with a fault. */
async function failureOf(
  world: World,
  { ask, service }: Asked,
  fault: StatusFault,
): Promise<ProviderError> {
  world.plan(service, [{ fault }]);
  const error = await ask(clientsAt(world.urls[service] ?? ''), never).then(
    () => new Error('expected a rejection'),
    (thrown: unknown) => thrown,
  );
  if (!isProviderError(error)) throw error;
  return error;
}

describe.for([...firstAsked])('%s', ([provider, asked]) => {
  const open = async (): Promise<World> => {
    const llm = provider === 'anthropic' ? 'anthropic' : 'openai';
    const { world } = await openWorld('sockets', { llm, services: [asked.service] });
    return world;
  };

  test('every row of its table, from its own body, with id and hint', async () => {
    const world = await open();
    for (const [status, code, kind, scope, said = 'It did not work.'] of cases[provider]) {
      const error = await failureOf(world, asked, {
        status,
        headers: { 'retry-after': '7', [requestIdHeaders[provider]]: 'req_17' },
        body: bodies[provider](code, said),
      });
      expect(error, `${status} ${code}`).toMatchObject({
        category: scope === null ? 'TRANSIENT_ERROR' : 'PERMANENT_ERROR',
        kind,
        scope,
        status,
        code: code ?? status,
        requestId: 'req_17',
        retryAfterMs: 7_000,
        service: asked.service,
        provider,
      });
      expect(error.message).toBe(`${asked.service} answered ${status}: ${said}`);
      expect(error.ambiguous, `${status} ${code}`).toBe(status >= 499);
    }
  });

  test('a status in the words that the simulated provider has for it', async () => {
    const world = await open();
    const own = cases[provider].map(([status]) => status);
    for (const [status, kind, scope] of byStatus) {
      // In its own words it may say more than the status does.
      if (status < 400 || status > 599 || own.includes(status)) continue;
      const error = await failureOf(world, asked, { status });
      expect(error, String(status)).toMatchObject({ kind, scope, status });
      expect(error.requestId).toEqual(expect.any(String));
      expect(error.retryAfterMs).toBeNull();
    }
    const busy = await failureOf(world, asked, { status: 429, retryAfterS: 3 });
    expect(busy).toMatchObject({ kind: 'RateLimit', scope: null, retryAfterMs: 3_000 });
    const broken = await failureOf(world, asked, { status: 503 });
    expect(broken).toMatchObject({ kind: 'ServiceUnavailable', scope: null });
    const refused = await failureOf(world, asked, { status: 401 });
    expect(refused).toMatchObject({ kind: 'Authentication', scope: 'account' });
  });
});
