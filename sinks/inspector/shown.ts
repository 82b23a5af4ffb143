/**
 * What an inspector is shown of contexts, events, inputs and outputs, by the name of its field. All
 * else is there, and its value is not: whoever adds a field to a machine decides here whether it
 * may leave the program.
 */
const WORDS = `
  at since until dueAt due id type kind by corr service operation machine version epoch
  status state result error output data input event context options settings policies policy default
  category scope code message requestId retryAfterMs retryAt ambiguous
  attempt attempts retries generation probe probes passed failures once owned
  failureThreshold openForMs halfOpenProbes probeTimeoutMs timeoutMs intervalMs isolatedFrom
  maxRetries initialDelayMs maxDelayMs multiplier jitter hintCapMs attemptTimeoutMs deadlineMs
  deadlineAt delayMs counts health
  contact campaign worker workers queued active total ended concurrency heldBy haltedBy pausedBy
  pauses isTrial verdict disposition crm placed dials dialledAt lookups redials redialAfterMs
  followUntil followForMs reported stage durationMs steps ms ok doubts maxDials maxLookups pollMs settleMs
  script speech ref artefact bytes characters sid payload
  starts simulated lives wall speed interventions downMs reason why child actorId
  rule severity revision reach n raisedAt toldAt isDue acknowledgedBy mutedBy messages liftedBy match
  services rules text title paragraphs
`;

/** Numbers by service or by status. */
const TABLES: ReadonlySet<string> = new Set(['attempts', 'ended']);
const SHOWN: ReadonlySet<string> = new Set(WORDS.trim().split(/\s+/));

/** Whether a field's value may be shown. @param within the field that it is in */
export const isShown = (field: string, within: string, value: unknown): boolean =>
  SHOWN.has(field) || (TABLES.has(within) && typeof value === 'number');
