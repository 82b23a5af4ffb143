import type { Page } from 'playwright-core';

/** From a breaker's page, once it is open, to the other screens: alerts, contacts, a call, events. */
export async function lookAround(page: Page): Promise<void> {
  await page.locator('.statechart .state.active[data-state=open]').waitFor({ timeout: 90_000 });
  await page.locator('.statechart .taken').first().waitFor();
  await page.getByRole('link', { name: /^Alerts/ }).click();
  await page.getByText('the circuit breaker of ElevenLabs opened').first().waitFor();
  await page.getByRole('link', { name: 'Contacts' }).click();
  const failed = page.locator('tbody tr').filter({ hasText: 'failed' });
  await failed.nth(2).waitFor();
  await failed.first().getByRole('link').first().click();
  const attempts = page.locator('.timeline title').filter({ hasText: '503' });
  await attempts.nth(3).waitFor({ state: 'attached' });
  await page.getByRole('link', { name: 'Events' }).click();
  await page.locator('tbody tr').first().waitFor();
}
