import fs from 'node:fs';
import path from 'node:path';
import { describe, test, vi } from 'vitest';
import { answering, HTML } from '../peers/http.ts';
import { hookBodies, openTown, type Town } from '../peers/town.ts';
import { Desk, type OnTestFinished } from './support/desk.ts';

// Real processes, and others want the machine, too.
vi.setConfig({ testTimeout: 240_000 });

interface Placed {
  readonly desk: Desk;
  readonly town: Town;
  readonly env: NodeJS.ProcessEnv;
}

async function openPlace(onTestFinished: OnTestFinished) {
  const desk = new Desk(onTestFinished);
  const town = await openTown(desk.dir, Date.now, onTestFinished);
  const ca = path.join(desk.dir, 'ca.pem');
  fs.writeFileSync(ca, town.certificate.cert);
  const env = { ...town.env, ...UNHURRIED, NODE_EXTRA_CA_CERTS: ca };
  return { desk, town, env } satisfies Placed;
}

/** However long a busy machine makes it last, there is no more news than what happens. */
const UNHURRIED = { ALERT_GROUP_INTERVAL: '86400', ALERT_CALM_AFTER: '86400' };

/** From the breaker's opening to its closing a chat must have its turn: a minute of the agent's. */
const play = (speed: number): string[] => [
  'scenario',
  'outage-503',
  '--speed',
  String(speed),
  '--data',
  'd',
  '--json',
];

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

// Most of their time they wait, for the clock and for each channel's turn.
describe.concurrent('scenario outage-503 with every channel set', () => {
  test('tells each once of each alert, and of the end', async ({ onTestFinished, expect }) => {
    const { desk, town, env } = await openPlace(onTestFinished);
    const played = await desk.run(play(20), { env });
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

  test('loses nothing when all of them are away and it is killed', async ({
    onTestFinished,
    expect,
  }) => {
    const place = await openPlace(onTestFinished);
    const { desk, town, env } = place;
    town.plan(answering(502, HTML));
    town.smtp.plan({ at: 'connect', reply: 421 });
    // It has the message; nobody hears of it.
    town.hook.plan({ does: 'taken, hang' });
    town.google.faults.push(
      ...Array.from({ length: 50 }, () => ({ on: 'token', kind: 'reset' }) as const),
    );
    // That channels fail is news, too: with it, all would be one digest.
    const quiet = ['alerts', 'silence', 'channel.failing', '2d', '--data', 'd'];
    expect((await desk.run(quiet, { env })).code).toBe(0);
    const program = desk.start(play(50), { env });
    await program.says(/"scenario":"outage-503"/);
    const { signal } = await program.stop('SIGKILL');
    expect(signal).toBe('SIGKILL');
    expect(hookBodies(town)).toHaveLength(1);
    town.plan();
    town.smtp.plan();
    town.google.faults.length = 0;
    await flush(place);
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
