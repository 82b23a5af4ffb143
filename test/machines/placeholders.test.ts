import { describe, expect, test } from 'vitest';
import { createActor, type AnyActorLogic } from 'xstate';
import { callMachine } from '../../machines/call.ts';
import { campaignMachine } from '../../machines/campaign.ts';
import { defaultHealthOptions, healthMachine } from '../../machines/health.ts';
import { requestMachine } from '../../machines/request.ts';
import { NOW, callInput, requestInput } from './fixtures.ts';

/** Runs a machine for real, with none of its effects provided. */
const errorOf = (logic: AnyActorLogic, input: unknown, ...events: { type: string }[]): unknown => {
  const errors: unknown[] = [];
  const actor = createActor(logic, { input });
  actor.subscribe({ error: (error) => errors.push(error) });
  actor.start();
  for (const event of events) actor.send(event);
  expect(actor.getSnapshot().status).toBe('error');
  return errors[0];
};

describe('an effect that was not provided', () => {
  test('is named when a machine starts it at its birth', () => {
    expect(errorOf(requestMachine, requestInput())).toEqual(
      new Error('The effect "attempt" was not provided.'),
    );
  });

  test('is named when it is the timer', () => {
    const input = { service: 'LLM', options: defaultHealthOptions, at: NOW };
    expect(errorOf(healthMachine, input)).toEqual(
      new Error('The effect "timer" was not provided.'),
    );
  });

  test('is named when a machine spawns it', () => {
    const input = { id: 'campaign:x', total: 1, concurrency: 1 };
    const begin = { type: 'campaign.begin', at: NOW };
    expect(errorOf(campaignMachine, input, begin)).toEqual(
      new Error('The effect "worker" was not provided.'),
    );
  });

  test('ends a call as failed, because its request has died', () => {
    const actor = createActor(callMachine, { input: callInput() }).start();
    actor.send({ type: 'call.begin', at: NOW });
    expect(actor.getSnapshot()).toMatchObject({
      value: 'failed',
      output: {
        status: 'failed',
        error: { message: 'internal error: a request ended without a result' },
      },
    });
  });
});
