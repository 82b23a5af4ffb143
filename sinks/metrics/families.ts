/** What `/metrics` exposes. Labels have few values each; a call's or a person's id is never one. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Upper bounds of a histogram, in seconds. */
  readonly buckets?: readonly number[];
}

const counter = (name: string, help: string): Family => ({ name, help, type: 'counter' });
const gauge = (name: string, help: string): Family => ({ name, help, type: 'gauge' });
const histogram = (name: string, help: string, buckets: readonly number[]): Family => ({
  name,
  help,
  type: 'histogram',
  buckets,
});

const ATTEMPT_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60];
const REQUEST_BUCKETS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 180, 300];
const RECOVERY_BUCKETS = [10, 30, 60, 90, 120, 180, 300, 600, 1800, 3600];
const CALL_BUCKETS = [5, 10, 20, 30, 60, 120, 300, 600, 1800];

/** All told in seconds are seconds of the agent's clock. */
export const families = {
  requests: counter(
    'call_agent_requests_total',
    'Requests that have ended, each with all its retries, by how.',
  ),
  attempts: counter(
    'call_agent_attempts_total',
    'Attempts at a request: succeeded, failed, refused by the circuit breaker, or interrupted by a stop.',
  ),
  errors: counter('call_agent_attempt_errors_total', 'Failed attempts by category and kind.'),
  retries: counter('call_agent_retries_total', 'Retries that were planned.'),
  retried: counter(
    'call_agent_retried_requests_total',
    'Requests that needed at least one retry, by how they ended.',
  ),
  attemptSeconds: histogram(
    'call_agent_attempt_duration_seconds',
    'From the moment an attempt went out to its end; asking how a call stands is left out.',
    ATTEMPT_BUCKETS,
  ),
  requestSeconds: histogram(
    'call_agent_request_duration_seconds',
    'From the start of a request to its end, with all its attempts and waits.',
    REQUEST_BUCKETS,
  ),
  transitions: counter('call_agent_breaker_transitions_total', 'Moves of circuit breakers.'),
  breaker: gauge('call_agent_breaker_state', '1 for the state that a circuit breaker is in.'),
  recoverySeconds: histogram(
    'call_agent_breaker_recovery_seconds',
    'From the opening of a circuit breaker to the closing that a working service brought about.',
    RECOVERY_BUCKETS,
  ),
  healthy: gauge(
    'call_agent_service_healthy',
    '1 when the last health check passed, 0 when it failed.',
  ),
  calls: counter('call_agent_calls_total', 'Calls that have ended, by how and with what outcome.'),
  callSeconds: histogram(
    'call_agent_call_duration_seconds',
    'How long people were on the phone.',
    CALL_BUCKETS,
  ),
  callsActive: gauge('call_agent_calls_active', 'Calls under way.'),
  contacts: gauge('call_agent_contacts', 'Contacts of all campaigns by state.'),
  campaigns: gauge('call_agent_campaigns', 'Campaigns by state.'),
  seq: gauge('call_agent_journal_seq', 'The number of the last journal record.'),
  chatMessages: counter(
    'call_agent_chat_messages_total',
    'Messages to the Telegram bot since the start, by what became of them.',
  ),
  sinkQueue: gauge('call_agent_sink_queue_depth', 'Records in memory that wait for a sink.'),
  sinkBehind: gauge('call_agent_sink_behind', 'Records that a sink has not taken yet.'),
  sinkDropped: counter('call_agent_sink_dropped_total', 'Records that a sink was never given.'),
  sinkFailed: counter('call_agent_sink_failed_total', 'Records at which a sink threw.'),
} as const satisfies { readonly [key: string]: Family };

export type FamilyKey = keyof typeof families;
