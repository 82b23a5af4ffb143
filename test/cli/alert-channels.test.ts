import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { answering, HTML } from '../peers/http.ts';
import { hookBodies, openTown, type Town } from '../peers/town.ts';
import { Desk } from './support/desk.ts';

// Real processes, and others want the machine, too.
vi.setConfig({ testTimeout: 240_000 });

interface Placed {
  readonly desk: Desk;
  readonly town: Town;
  readonly env: NodeJS.ProcessEnv;
}

async function openPlace(onTestFinished: (end: () => void | Promise<void>) => void) {
  const desk = new Desk(onTestFinished);
  const town = await openTown(desk.dir);
  const ca = path.join(desk.dir, 'ca.pem');
  fs.writeFileSync(ca, town.certificate.cert);
  return { desk, town, env: { ...town.env, NODE_EXTRA_CA_CERTS: ca } } satisfies Placed;
}

const PLAY = ['scenario', 'outage-503', '--speed', '50', '--data', 'd', '--json'];

/** Of what waits for its channel, most is told by then; the rest when somebody asks for it. */
async function flush({ desk, env }: Placed): Promise<void> {
  for (let turn = 0; turn < 4; turn++) {
    const { code } = await desk.run(['alerts', 'flush', '--data', 'd'], { env });
    if (code === 0) return;
  }
}

const rowsOf = ({ google }: Town): string[] =>
  (google.tabs.get('Calls') ?? [])
    .map((cells) => String(cells[3]))
    .filter((what) => /^(Alert|Resolved): /.test(what));

describe('scenario outage-503 with every channel set', () => {
  test('tells each once of each alert, and of the end', async ({ onTestFinished }) => {
    const { desk, town, env } = await openPlace(onTestFinished);
    const played = await desk.run(PLAY, { env });
    expect(played.code, played.stderr).toBe(0);
    const told = hookBodies(town).map(({ event, rule }) => `${event} ${rule}`);
    expect(told.slice(0, 3)).toEqual([
      'raised call.failed',
      'raised breaker.opened',
      'resolved breaker.opened',
    ]);
    for (const [channel, lines] of Object.entries(town.told())) {
      expect([channel, lines.length]).toEqual([channel, told.length]);
    }
    expect(rowsOf(town)).toHaveLength(told.length);
    expect(hookBodies(town).some(({ repeat }) => repeat)).toBe(false);
  });

  test('loses nothing when all of them are away and it is killed', async ({ onTestFinished }) => {
    const place = await openPlace(onTestFinished);
    const { desk, town, env } = place;
    town.plan(answering(502, HTML));
    town.smtp.plan({ at: 'connect', reply: 421 });
    // It has the message; nobody hears of it.
    town.hook.plan({ does: 'taken, hang' });
    town.google.faults.push(
      ...Array.from({ length: 50 }, () => ({ on: 'token', kind: 'reset' }) as const),
    );
    // That channels fail is news, too: without this it would all be one digest.
    const loud = { ...env, ALERT_DIGEST_OVER: '50' };
    const program = desk.start(PLAY, { env: loud });
    await program.says(/"scenario":"outage-503"/);
    const { signal } = await program.stop('SIGKILL');
    expect(signal).toBe('SIGKILL');
    expect(hookBodies(town)).toHaveLength(1);
    town.plan();
    town.smtp.plan();
    town.google.faults.length = 0;
    await flush({ ...place, env: loud });
    const [first, ...others] = hookBodies(town);
    expect(first).toMatchObject({ event: 'raised', rule: 'call.failed', repeat: false });
    const again = others.filter(({ event, rule }) => `${event} ${rule}` === 'raised call.failed');
    expect(again.map(({ repeat }) => repeat)).toEqual([true]);
    const ofBreaker = others.filter(({ rule }) => rule === 'breaker.opened');
    expect(ofBreaker).toMatchObject([
      { event: 'resolved', title: expect.stringContaining('it happened and is over') as string },
    ]);
    const { pagerduty, 'webhook:127.0.0.1': _, ...chats } = town.told();
    for (const [channel, lines] of Object.entries(chats)) {
      const of = (pattern: RegExp) => lines.filter((line) => pattern.test(line)).length;
      const raised = of(/^(?!.*update).*(call:0001 failed|failed at ElevenLabs)/);
      const over = of(/it happened and is over: the circuit breaker/);
      expect([channel, raised, over]).toEqual([channel, 1, 1]);
    }
    expect(pagerduty?.[0]).toMatch(/^trigger: .*(call:0001 failed|failed at ElevenLabs)/);
    expect((await desk.run(['verify', '--data', 'd'], { env })).code).toBe(0);
    // A later agent on the folder writes the rows that are missing.
    const later = ['scenario', 'normal-call', '--speed', '200', '--data', 'd'];
    expect((await desk.run(later, { env })).code).toBe(0);
    for (const start of ['Alert: call:0001', 'Alert: the circuit breaker']) {
      expect(rowsOf(town).filter((row) => row.startsWith(start))).toHaveLength(1);
    }
  });
});
