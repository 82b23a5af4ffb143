import { z } from 'zod';
import { count } from './kinds.ts';
import type { ServiceName } from './services.ts';

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

export const isLoopbackUrl = (url: string): boolean => LOOPBACK.test(new URL(url).hostname);

/** What goes over it are people's calls, and whoever has an address of it may listen. */
function isFit(value: string): boolean {
  const url = URL.parse(value);
  if (!url || url.username + url.password + url.search + url.hash !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackUrl(value));
}

/** How telephony reaches the agent. */
export const publicAddress = z.object({
  PUBLIC_BASE_URL: z
    .string()
    .refine(isFit, 'must be https://… without user, query or fragment (http on this machine only)')
    .transform((value) => value.replace(/\/+$/, ''))
    .optional()
    .meta({
      description:
        'Where Twilio reaches this agent: people hear the ElevenLabs voice, calls report',
      isAddress: true,
    }),
  PUBLIC_HOST: z
    .string()
    .regex(/^[\w.:-]+$/, 'must be an address or a name of this machine')
    .default('127.0.0.1')
    .describe('Where the agent listens for what comes by PUBLIC_BASE_URL'),
  PUBLIC_PORT: count(8089, 0, 65_535).describe('The port there; 0 for any free one'),
});

type PublicConfig = z.infer<typeof publicAddress>;

/** How the agent is reached from outside. */
export interface PublicRules {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly host: string;
  readonly port: number;
  /** Whether there is audio that is worth hearing: a simulated voice is silence. */
  readonly playsAudio: boolean;
}

/** Null where nobody is to reach the agent: without an address, or when nobody is really called. */
export function publicRulesOf(
  config: PublicConfig,
  simulated: readonly ServiceName[],
): PublicRules | null {
  const { PUBLIC_BASE_URL: baseUrl, PUBLIC_HOST: host, PUBLIC_PORT: port } = config;
  if (baseUrl === undefined || simulated.includes('Telephony')) return null;
  return { baseUrl, host, port, playsAudio: !simulated.includes('ElevenLabs') };
}

/** Whose voice the people who are called hear. */
export type Voice = 'ElevenLabs' | 'Twilio';

/** Null when nobody is really called. */
export function voiceOf(config: PublicConfig, simulated: readonly ServiceName[]): Voice | null {
  if (simulated.includes('Telephony')) return null;
  return publicRulesOf(config, simulated)?.playsAudio === true ? 'ElevenLabs' : 'Twilio';
}

/** Why it is not the ElevenLabs voice that is heard, and what to do about it. */
export function voiceAdvice(simulated: readonly ServiceName[]): string {
  const heard = "Twilio speaks the script with its own voice; the ElevenLabs voice can't be heard";
  if (simulated.includes('ElevenLabs')) return `${heard} while ElevenLabs is simulated`;
  return `${heard}: set PUBLIC_BASE_URL to an https address that leads to this agent`;
}
