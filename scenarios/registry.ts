import { badKey } from './bad-key.ts';
import { crashAndResume } from './crash-and-resume.ts';
import { flaky } from './flaky.ts';
import { fullDemo } from './full-demo.ts';
import { longOutage } from './long-outage.ts';
import { normalCall } from './normal-call.ts';
import { outage503 } from './outage-503.ts';
import { quotaExhausted } from './quota-exhausted.ts';
import { rateLimited } from './rate-limited.ts';
import { recovery } from './recovery.ts';
import type { Scenario } from './scenario.ts';
import { slow } from './slow.ts';

export const scenarios: readonly Scenario[] = [
  normalCall,
  outage503,
  fullDemo,
  recovery,
  flaky,
  slow,
  rateLimited,
  quotaExhausted,
  badKey,
  longOutage,
  crashAndResume,
];

export function findScenario(name: string): Scenario | undefined {
  return scenarios.find((scenario) => scenario.name === name);
}
