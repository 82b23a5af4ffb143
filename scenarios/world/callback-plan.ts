/** What telephony can be asked to tell of a call. */
export const CALL_EVENTS = ['initiated', 'ringing', 'answered', 'completed'] as const;
export type CallEventName = (typeof CALL_EVENTS)[number];

/** What becomes of a status callback on its way. */
export type CallbackFault =
  | { readonly lost: true }
  /** Sent so many times in all. */
  | { readonly repeated: number }
  /** Sent so much later, in milliseconds: by then it may be overtaken. */
  | { readonly lateMs: number }
  /** Signed with another key. */
  | { readonly forged: true };

export interface CallbackRule {
  readonly fault: CallbackFault;
  /** @default all */
  readonly event?: CallEventName;
  /** How many callbacks it befalls before it is used up. @default Infinity */
  readonly times?: number;
}

/** The faults of status callbacks. Rules are asked in order, and the first that applies decides. */
export class CallbackPlan {
  #rules: { readonly rule: CallbackRule; left: number }[] = [];

  /** Forgets the old rules, used up or not. @throws RangeError when a rule is out of range */
  replace(rules: readonly CallbackRule[]): void {
    for (const rule of rules) checkRule(rule);
    this.#rules = rules.map((rule) => ({ rule, left: rule.times ?? Infinity }));
  }

  draw(event: CallEventName): CallbackFault | null {
    const armed = this.#rules.find(
      ({ rule, left }) => left > 0 && (rule.event === undefined || rule.event === event),
    );
    if (!armed) return null;
    armed.left -= 1;
    return armed.rule.fault;
  }
}

function checkRule({ fault, event, times = Infinity }: CallbackRule): void {
  if (event !== undefined && !CALL_EVENTS.includes(event)) {
    throw new RangeError(`event must be one of ${CALL_EVENTS.join(', ')}, got ${event}`);
  }
  if (!(times === Infinity || (Number.isInteger(times) && times >= 1))) {
    throw new RangeError(`times must be a whole number of at least 1 or Infinity, got ${times}`);
  }
  if ('repeated' in fault && !(Number.isInteger(fault.repeated) && fault.repeated >= 1)) {
    throw new RangeError(`repeated must be a whole number of at least 1, got ${fault.repeated}`);
  }
  if ('lateMs' in fault && !(fault.lateMs >= 0)) {
    throw new RangeError(`lateMs must be at least 0, got ${fault.lateMs}`);
  }
}
