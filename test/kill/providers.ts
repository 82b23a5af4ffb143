import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { World } from '../../scenarios/world/world.ts';
import type { ProviderMessage, ProviderSettings } from './provider.ts';

const FILE = fileURLToPath(new URL('provider.ts', import.meta.url));

/** The providers in their own process. */
export class Providers {
  readonly urls: World['urls'];
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, urls: World['urls']) {
    this.#child = child;
    this.urls = urls;
  }

  static async start(settings: ProviderSettings): Promise<Providers> {
    const child = fork(FILE, [JSON.stringify(settings)], { execArgv: [] });
    const message = await told(child);
    if (message.type !== 'ready') throw new Error('the providers did not start');
    return new Providers(child, message.urls);
  }

  /** Every number that was dialled, in order. */
  async dials(): Promise<readonly string[]> {
    this.#child.send('dials');
    const message = await told(this.#child);
    return message.type === 'dials' ? message.numbers : [];
  }

  /** Keys of the calls that stand in the CRM. */
  async records(): Promise<readonly unknown[]> {
    const url = `${this.urls.CRM}/crm/v3/objects/calls?limit=1000`;
    const response = await fetch(url, { headers: { authorization: 'Bearer key' } });
    const { results } = (await response.json()) as {
      results: { properties: Record<string, unknown> }[];
    };
    return results.map(({ properties }) => properties['call_agent_key']);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.disconnect();
    await once(this.#child, 'exit');
  }
}

async function told(child: ChildProcess): Promise<ProviderMessage> {
  const [message] = (await once(child, 'message')) as [ProviderMessage];
  return message;
}
