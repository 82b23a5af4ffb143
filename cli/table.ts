import type { Status } from '../runtime/status.ts';
import type { Io } from './io.ts';
import { wrap } from './wrap.ts';

const colours = { CLOSED: 'green', OPEN: 'red', HALF_OPEN: 'yellow', ISOLATED: 'magenta' } as const;

/** `ElevenLabs : CLOSED`, a line a service. */
export function statusTable({ services }: Status, io: Io): string {
  const width = Math.max(0, ...Object.keys(services).map((name) => name.length));
  const lines = Object.entries(services).map(([name, service]) => {
    const { breaker, failures, retryAt, health } = service;
    const facts = [
      `health ${health}`,
      failures > 0 && `${failures} failed in a row`,
      retryAt !== null && `next probe at ${retryAt}`,
    ].filter((fact) => fact !== false);
    const state = io.paint(colours[breaker], breaker);
    return `${name.padEnd(width)} : ${state}  (${facts.join(', ')})`;
  });
  return wrap(lines.join('\n'), io.columns);
}
