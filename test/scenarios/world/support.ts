import { setImmediate as nextRound } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Fetch } from '../../../scenarios/world/in-process-fetch.ts';
import { VirtualClock } from '../../../scenarios/world/virtual-clock.ts';
import { startWorld, type World, type WorldOptions } from '../../../scenarios/world/world.ts';

export const TRANSPORTS = ['sockets', 'in process'] as const;
export type Transport = (typeof TRANSPORTS)[number];

export interface OpenedWorld {
  readonly world: World;
  readonly clock: VirtualClock;
  readonly fetch: Fetch;
}

/** A world without base latency on a virtual clock, closed when the test ends. */
export async function openWorld(
  transport: Transport,
  options: Partial<WorldOptions> = {},
): Promise<OpenedWorld> {
  const clock = new VirtualClock();
  const world = await startWorld({
    clock,
    latencyMs: 0,
    listen: transport === 'sockets',
    ...options,
  });
  onTestFinished(() => world.close());
  return { world, clock, fetch: transport === 'sockets' ? fetch : world.fetch };
}

/** Lets sockets do their work until something has happened; waits for no time at all. */
export async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await nextRound();
}

/** How a promise was rejected. */
export async function rejectionOf(promise: Promise<unknown>): Promise<Error & { cause?: unknown }> {
  return promise.then(
    () => {
      throw new Error('expected a rejection');
    },
    (error: Error) => error,
  );
}

const json = { 'content-type': 'application/json' };

export function askLlm({ world, fetch }: OpenedWorld, body: unknown = CHAT): Promise<Response> {
  return fetch(`${world.urls.LLM}/v1/chat/completions`, {
    method: 'POST',
    headers: { ...json, authorization: 'Bearer key' },
    body: JSON.stringify(body),
  });
}

export const CHAT = {
  model: 'gpt-4o-mini',
  messages: [
    { role: 'system', content: 'Company name: Acme\nWrite a call script.' },
    { role: 'user', content: 'Name: Ada Lovelace\nTopic: delivery' },
  ],
};

export function speak(
  { world, fetch }: OpenedWorld,
  text = 'Hello.',
  init: RequestInit = {},
): Promise<Response> {
  return fetch(`${world.urls.ElevenLabs}/v1/text-to-speech/rachel`, {
    method: 'POST',
    headers: { ...json, 'xi-api-key': 'key' },
    body: JSON.stringify({ text, model_id: 'eleven_multilingual_v2' }),
    ...init,
  });
}

export const ACCOUNT = '/2010-04-01/Accounts/AC1';
export const BASIC = { authorization: `Basic ${btoa('AC1:token')}` };

export function dial(
  { world, fetch }: OpenedWorld,
  to: string,
  init: RequestInit = {},
): Promise<Response> {
  return fetch(`${world.urls.Telephony}${ACCOUNT}/Calls.json`, {
    method: 'POST',
    headers: BASIC,
    body: new URLSearchParams({ To: to, From: '+14155550100', Twiml: '<Response/>' }),
    ...init,
  });
}

export async function telephone(
  { world, fetch }: OpenedWorld,
  path: string,
): Promise<Record<string, unknown>> {
  const response = await fetch(`${world.urls.Telephony}${path}`, { headers: BASIC });
  return (await response.json()) as Record<string, unknown>;
}

export function crm(
  { world, fetch }: OpenedWorld,
  path: string,
  properties?: Record<string, string>,
): Promise<Response> {
  return fetch(`${world.urls.CRM}/crm/v3/objects/calls${path}`, {
    method: properties ? 'POST' : 'GET',
    headers: { ...json, authorization: 'Bearer key' },
    ...(properties && { body: JSON.stringify({ properties }) }),
  });
}
