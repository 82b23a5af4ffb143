import { describe, expect, test } from 'vitest';
import { play } from '../../../scenarios/play.ts';
import { outage503 } from '../../../scenarios/outage-503.ts';
import { upperFirst } from '../../../sinks/channels/words.ts';
import { hookBodies, type Town } from '../../peers/town.ts';
import { openTownAgent } from '../../support/town-agent.ts';

const MINUTE = 60_000;

const headersOf = ({ smtp }: Town, key: string): (string | undefined)[] =>
  smtp.mails.map(({ parsed }) => parsed.headers.find((header) => header.key === key)?.value);

describe('with every channel set', () => {
  test('the scenario outage-503 has each told of each alert once, and of its end once', async () => {
    const { town, start } = await openTownAgent();
    const v = await start();
    const played = await v.drive(play(outage503, v.agent, () => {}));
    expect(played.problems).toEqual([]);
    await v.clock.advance(15 * MINUTE);
    await v.agent.stop();

    const bodies = hookBodies(town);
    expect(bodies.map(({ event, rule, n }) => `${event} ${rule} ${n}`)).toEqual([
      'raised call.failed 0',
      'raised breaker.opened 0',
      'resolved breaker.opened 1',
      'updated call.failed 1',
      'resolved call.failed 2',
    ]);
    expect(bodies.some(({ repeat }) => repeat)).toBe(false);
    const titles = bodies.map(({ title }) => title);
    expect(titles.map((title) => title.startsWith('Resolved: '))).toEqual(
      bodies.map(({ event }) => event === 'resolved'),
    );
    const lines = (firing: string, over: string): string[] =>
      bodies.map(({ event, title }) => {
        if (event === 'resolved') return over + title;
        return `${firing}Critical${event === 'updated' ? ', update' : ''}: ${title}`;
      });
    const escaped = String.raw`\[simulated\] `;
    const actions = ['trigger', 'trigger', 'resolve', 'trigger', 'resolve'];
    expect(town.told()).toEqual({
      email: lines('[simulated] ', '[simulated] '),
      'telegram:42': lines('🔴 [simulated] ', '✅ [simulated] '),
      slack: lines('🔴 [simulated] ', '✅ [simulated] '),
      discord: lines(escaped, escaped).map(
        (text) => expect.stringContaining(text.slice(0, 20)) as string,
      ),
      pagerduty: titles.map(
        (title, index) => `${actions[index]}: [simulated] ${upperFirst(title)}`,
      ),
      'webhook:127.0.0.1': bodies.map(({ event, title }) => `${event}: ${title}`),
    });
    expect(town.https.flatMap(({ refused }) => refused)).toEqual([]);

    // Threaded and de-duplicated by whoever can.
    const ids = headersOf(town, 'message-id');
    expect(new Set(ids).size).toBe(5);
    const under = [undefined, undefined, ids[1], ids[0], ids[0]];
    expect(headersOf(town, 'in-reply-to')).toEqual(under);
    const keys = town.pagerduty.events.map((event) => event.dedup_key);
    expect(keys).toEqual([0, 1, 1, 0, 0].map((index) => keys[index]));
    expect(new Set(keys).size).toBe(2);
    expect(town.pagerduty.open.size).toBe(0);
    const rows = town.google.tabs.get('Calls')?.map((cells) => String(cells[3])) ?? [];
    expect(rows.filter((row) => /^(Alert|Resolved): /.test(row))).toEqual(
      bodies.map(({ event, title }) => (event === 'resolved' ? title : `Alert: ${title}`)),
    );
    expect(v.agent.problems()).toEqual([]);
  });
});
