import { randomBytes } from 'node:crypto';
import { isUserError } from '../../errors.ts';
import type { PublicAddresses } from './addresses.ts';
import { PublicDoor, type DoorOptions } from './door.ts';

const PATIENCE_MS = 5_000;

export interface Probed {
  readonly isReached: boolean;
  /** One sentence for a person. */
  readonly message: string;
}

type Answer = 'ours' | { readonly problem: string };

/** Asks the public address for something that only an agent of this account can answer. */
async function ask(addresses: PublicAddresses): Promise<Answer> {
  const nonce = randomBytes(16).toString('base64url');
  const url = `${addresses.baseUrl}/probe/${nonce}`;
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(url, { redirect: 'manual', signal });
    const text = await response.text();
    if (response.status === 200 && text === addresses.proof(nonce)) return 'ours';
    return { problem: `something else answers there, with ${response.status}` };
  } catch (error) {
    const { name, cause } = error as Error & { cause?: NodeJS.ErrnoException };
    if (name === 'TimeoutError') return { problem: `no answer within ${PATIENCE_MS / 1000} s` };
    return { problem: `it can't be reached (${cause?.code ?? (error as Error).message})` };
  }
}

/**
 * Goes out to the public address and sees whether it leads back here: to a door that is opened for
 * the purpose, or to that of an agent which is running.
 */
export async function probePublicAddress(options: DoorOptions): Promise<Probed> {
  const { addresses, host } = options;
  let door: PublicDoor | null = null;
  let refusal = '';
  try {
    door = await PublicDoor.open(options);
  } catch (error) {
    if (!isUserError(error)) throw error;
    refusal = error.message;
  }
  const start = performance.now();
  const answer = await ask(addresses);
  const ms = Math.round(performance.now() - start);
  const at = door && `${host}:${door.port}`;
  await door?.close();
  if (answer === 'ours') {
    return { isReached: true, message: `${addresses.baseUrl} leads to the agent, in ${ms} ms` };
  }
  const advice = at
    ? `Lead it to ${at}, by a tunnel or a reverse proxy`
    : refusal.replace(/\.$/, '');
  return {
    isReached: false,
    message: `${addresses.baseUrl} does not lead to the agent: ${answer.problem}. ${advice}`,
  };
}
