import { expect } from 'vitest';
import { isProviderError, type ProviderError } from '../../../errors.ts';

/** What a delivery failed with. */
export async function rejectionOf(delivery: Promise<unknown>): Promise<ProviderError> {
  const error: unknown = await delivery.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!isProviderError(error)) expect.fail(`not a provider's error: ${String(error)}`);
  return error;
}

export const patience = (): AbortSignal => AbortSignal.timeout(30_000);
