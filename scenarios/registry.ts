import { fullDemo } from './full-demo.ts';
import { normalCall } from './normal-call.ts';
import { outage503 } from './outage-503.ts';
import { recovery } from './recovery.ts';
import type { Scenario } from './scenario.ts';

export const scenarios: readonly Scenario[] = [normalCall, outage503, fullDemo, recovery];

export function findScenario(name: string): Scenario | undefined {
  return scenarios.find((scenario) => scenario.name === name);
}
