import { SystemClock } from '../../../runtime/clock.ts';
import { startWorld, type World, type WorldOptions } from '../../../scenarios/world/world.ts';
import type { OnTestFinished } from './desk.ts';

/** Keys as the real ones look, so that a leak of any of them can be searched for. */
export const KEYS = {
  OPENAI_API_KEY: 'sk-proj-0penAiSecretOfTheTest',
  ELEVENLABS_API_KEY: 'sk_e1evenLabsSecretOfTheTest',
  TWILIO_ACCOUNT_SID: 'AC0123456789abcdef0123456789abcdef',
  TWILIO_AUTH_TOKEN: 'tw1lioSecretOfTheTest',
  HUBSPOT_ACCESS_TOKEN: 'pat-na1-hubSpotSecretOfTheTest',
} as const;

export interface Accounts {
  readonly world: World;
  /** Has the program take the world for the real providers. */
  readonly env: NodeJS.ProcessEnv;
}

/** Providers that live in the test's process and so outlive the program's. */
export async function openAccounts(
  onTestFinished: OnTestFinished,
  { speed = 200, ...options }: { speed?: number } & Omit<WorldOptions, 'clock'> = {},
): Promise<Accounts> {
  const world = await startWorld({ clock: new SystemClock({ speed }), latencyMs: 0, ...options });
  onTestFinished(() => world.close());
  return { world, env: accountsAt(world.urls) };
}

/**
 * With real telephony people are called by day only. A test must not depend on the hour at which
 * it runs, least of all one whose clock runs a hundred times faster.
 */
export function accountsAt(urls: World['urls']): NodeJS.ProcessEnv {
  return {
    ...KEYS,
    CALL_WINDOW: 'off',
    TWILIO_FROM_NUMBER: '+14155550199',
    OPENAI_BASE_URL: `${urls.LLM}/v1`,
    ELEVENLABS_BASE_URL: urls.ElevenLabs,
    TWILIO_BASE_URL: urls.Telephony,
    HUBSPOT_BASE_URL: urls.CRM,
  };
}
