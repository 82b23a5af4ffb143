import { expect, test } from 'vitest';
import { StepsSink } from '../../../sinks/console/steps.ts';
import { Artefacts } from '../../../store/artefacts.ts';
import type { JournalRecord } from '../../../store/record.ts';
import { dataFolder } from '../../support/agent.ts';

function checked(health: string, error: object | null): JournalRecord {
  const about = { actor: 'health:ElevenLabs', machine: 'health', from: 'checking' };
  const event = { type: error ? 'check.failed' : 'check.passed', at: 1 };
  const to = health.toLowerCase();
  return { v: 1, seq: 1, at: 1, ...about, to, event, context: { health, error } } as never;
}

test('a service that turns unhealthy is told with the reason, and its recovery without one', () => {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const sink = new StepsSink({ write, artefacts: new Artefacts(dataFolder()) });
  const quota = {
    service: 'ElevenLabs',
    category: 'PERMANENT_ERROR',
    kind: 'Quota',
    status: 401,
    message: 'ElevenLabs answered 401: no characters are left',
  };
  sink.take(checked('UNHEALTHY', quota));
  sink.take(checked('HEALTHY', null));
  expect(lines).toEqual([
    expect.stringMatching(/^💔 ElevenLabs is unhealthy: .*(401|Quota)/),
    '💚 ElevenLabs is healthy',
  ]);
});

test('a breaker is open for what it was told, however late the line is written', () => {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const sink = new StepsSink({ write, artefacts: new Artefacts(dataFolder()) });
  const about = { actor: 'breaker:LLM', machine: 'breaker', from: 'closed', to: 'open' };
  const event = { type: 'request.failed', at: 1_000 };
  sink.take({ v: 1, seq: 1, at: 2_600, ...about, event, context: { dueAt: 61_000 } } as never);
  expect(lines).toEqual(['⚡ Circuit breaker LLM: OPEN for 1m']);
});
