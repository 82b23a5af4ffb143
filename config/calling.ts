import { z } from 'zod';
import { text } from './kinds.ts';

/** `off`, or the hours of a day from which and up to which calls may be placed. */
function isWindow(value: string): boolean {
  const [, from, to] = /^(\d{1,2})-(\d{1,2})$/.exec(value) ?? [];
  return value === 'off' || (from !== undefined && Number(from) < Number(to) && Number(to) <= 24);
}

/** When, how fast and whom to call, and what to ask the LLM for. */
export const calling = z.object({
  CALL_WINDOW: z
    .string()
    .refine(isWindow, 'must be off or two hours of one day such as 8-21')
    .optional()
    .describe("Hours of the contact's own day, such as 8-21 (with real telephony that), or off"),
  CALLS_PER_SECOND: z
    .union([z.literal('off'), z.coerce.number().positive().max(1000)])
    .optional()
    .describe('No more calls than this are placed (with real telephony 1), or off'),
  REQUIRE_CONSENT: z
    .enum(['off', 'on'])
    .default('off')
    .describe('on: a contact whose consent cell is empty is skipped'),
  SCRIPT_PROMPT: text().describe('What the LLM is asked, with {name} and {column} filled in'),
});

/** What holds for dialling: with real telephony people's peace and the provider's limit count. */
export interface CallingRules {
  /** `8-21` or `off`, in the contact's own time. */
  readonly window: string;
  /** Null: as fast as it goes. */
  readonly callsPerSecond: number | null;
  readonly requiresConsent: boolean;
}

export function callingRulesOf(
  config: z.infer<typeof calling>,
  isSimulated: boolean,
): CallingRules {
  const pace = config.CALLS_PER_SECOND ?? (isSimulated ? 'off' : 1);
  return {
    window: config.CALL_WINDOW ?? (isSimulated ? 'off' : '8-21'),
    callsPerSecond: pace === 'off' ? null : pace,
    requiresConsent: config.REQUIRE_CONSENT === 'on',
  };
}
