import type { CampaignEvent, WorkerInput } from '../machines/campaign-protocol.ts';
import type { CheckInput, HealthEvent } from '../machines/health.ts';
import { machines } from '../machines/registry.ts';
import type { AttemptInput } from '../machines/request-protocol.ts';
import type { Logic } from '../store/fold.ts';
import { makeAttempt, type Operation } from './attempt.ts';
import { makeEffect, makeTimer, type EffectScope } from './effect.ts';
import { toFailure } from './failure.ts';
import { redact } from './redact.ts';
import type { Effects, Runtime } from './runtime.ts';

/** The machines with something that happens behind their placeholders. */
export function provideLogic(
  runtime: Runtime,
  effects: Effects,
  onDefect: (error: unknown) => void,
): Logic {
  const { clock, journal, desk } = runtime;
  const timer = makeTimer(clock);
  const attempt = makeAttempt({
    clock,
    journal,
    desk,
    operation: (input) => operationOf(input, runtime, effects),
    ...(effects.prepare && { prepare: effects.prepare }),
    redact: (text, { payload }) => redactFor(runtime, text, payload['contact']),
    onDefect,
  });
  const check = makeEffect<CheckInput, HealthEvent>(
    (scope) => checkService(scope, runtime, effects),
    onDefect,
  );
  const worker = makeEffect<WorkerInput, CampaignEvent>(effects.worker, onDefect);
  const request = machines.request.provide({ actors: { timer, attempt } });
  return {
    agent: machines.agent,
    breaker: machines.breaker.provide({ actors: { timer } }),
    call: machines.call.provide({ actors: { timer, request } }),
    campaign: machines.campaign.provide({ actors: { timer, worker } }),
    health: machines.health.provide({ actors: { timer, check } }),
    incident: machines.incident.provide({ actors: { timer } }),
    request,
    silence: machines.silence.provide({ actors: { timer } }),
  };
}

function operationOf(input: AttemptInput, { callers }: Runtime, effects: Effects): Operation {
  const operation = callers.get(input.id) ?? effects.operation(input);
  if (operation) return operation;
  return () => Promise.reject(new Error(`nobody carries out "${input.operation}"`));
}

function redactFor({ contacts, secrets }: Runtime, text: string, contact?: unknown): string {
  const person = typeof contact === 'string' ? contacts.get(contact) : undefined;
  return redact(text, secrets, person);
}

async function checkService(
  scope: EffectScope<CheckInput, HealthEvent>,
  runtime: Runtime,
  effects: Effects,
): Promise<void> {
  const { clock } = runtime;
  const { service, timeoutMs } = scope.input;
  const timedOut = new Error(`no answer within ${timeoutMs / 1000} s`);
  const handle = clock.setTimeLimit(() => scope.abort(timedOut), timeoutMs);
  scope.onStop(() => clock.clearTimeout(handle));
  try {
    await effects.check(scope.input, scope.signal);
    scope.send({ type: 'check.passed', at: clock.now() });
  } catch (error) {
    const options = { redact: (text: string) => redactFor(runtime, text), isCallers: true };
    const failure = toFailure(error, service, options);
    scope.send({ type: 'check.failed', at: clock.now(), error: failure });
  } finally {
    clock.clearTimeout(handle);
  }
}
