import { z } from 'zod';

export const profiles = z.object({
  PROFILE: z
    .enum(['low-traffic', 'high-traffic', 'production'])
    .optional()
    .describe('Other defaults for a kind of use: low-traffic, high-traffic or production'),
});

/** Initial delay, retries, threshold and breaker timeout for kinds of use. */
const values: { readonly [profile: string]: { readonly [name: string]: string } } = {
  'low-traffic': profile(5, 3, 3, 60),
  'high-traffic': profile(2, 2, 5, 30),
  production: profile(3, 3, 5, 45),
};

function profile(delay: number, retries: number, threshold: number, timeout: number) {
  return {
    RETRY_INITIAL_DELAY: String(delay),
    RETRY_MAX_ATTEMPTS: String(retries),
    CIRCUIT_BREAKER_FAILURE_THRESHOLD: String(threshold),
    CIRCUIT_BREAKER_TIMEOUT: String(timeout),
  };
}

/** What a profile sets, by variable; nothing for one that does not exist. */
export const profileValues = (name: string | undefined): { readonly [name: string]: string } =>
  values[name ?? ''] ?? {};
