import { describe, expect, test } from 'vitest';
import { answering } from '../../peers/http.ts';
import { dataFolder } from '../../support/agent.ts';
import { raise, resolve, servicesNamed } from '../../support/alarms.ts';
import { openTownAgent } from '../../support/town-agent.ts';

const MINUTE = 60_000;
const PATIENCE_MS = 100;

describe('an incident at PagerDuty', () => {
  test('is acknowledged there when it is here, and resolved with the alert', async () => {
    const { town, start } = await openTownAgent('pagerduty', 'webhook:127.0.0.1');
    const v = await start();
    await raise(v.agent, ['Fax']);
    await v.clock.advance(0);
    v.agent.command({ type: 'alerts.ack', id: '1', by: 'Ada' });
    await v.clock.advance(MINUTE);
    await resolve(v.agent, ['Fax']);
    await v.clock.advance(MINUTE);
    const { events, open } = town.pagerduty;
    expect(events.map((event) => event.event_action)).toEqual([
      'trigger',
      'acknowledge',
      'resolve',
    ]);
    expect(new Set(events.map((event) => event.dedup_key)).size).toBe(1);
    expect(open.size).toBe(0);
    expect(town.told()['webhook:127.0.0.1']).toHaveLength(2);
  });

  test('is triggered before it is acknowledged, also when both had to wait', async () => {
    const { town, start } = await openTownAgent('pagerduty');
    town.pagerduty.peer.plan(answering(408));
    const v = await start();
    await raise(v.agent, ['Fax']);
    v.agent.command({ type: 'alerts.ack', id: '1', by: 'Ada' });
    await v.clock.advance(10 * MINUTE);
    town.pagerduty.peer.plan();
    await v.clock.advance(10 * MINUTE);
    const actions = town.pagerduty.events.map((event) => event.event_action);
    expect(actions).toEqual(['trigger', 'acknowledge']);
  });

  test('is one for each alert however many there are, and none is left open', async () => {
    const { town, start } = await openTownAgent('pagerduty');
    const services = servicesNamed('Fax', 40);
    // So many failures make an alert of their own otherwise.
    const v = await start({ env: { ALERT_ERROR_RATE: '100' } });
    await raise(v.agent, services);
    await v.clock.advance(2 * MINUTE);
    const { events, changes, open, peer } = town.pagerduty;
    expect(open.size).toBe(40);
    expect(events).toHaveLength(40);
    await resolve(v.agent, services);
    await v.clock.advance(2 * MINUTE);
    expect(open.size).toBe(0);
    expect([events.length, changes.length, peer.refused]).toEqual([80, 0, []]);
  });

  test('is another one for the same alert of another data folder', async () => {
    const { town, start } = await openTownAgent('pagerduty');
    const here = await start();
    await raise(here.agent, ['Fax']);
    await here.clock.advance(0);
    await here.agent.stop();
    const there = await start({ dataDir: dataFolder(), startAt: here.clock.now() + MINUTE });
    await raise(there.agent, ['Fax']);
    await there.clock.advance(0);
    await resolve(there.agent, ['Fax']);
    await there.clock.advance(MINUTE);
    const [first, second, end] = town.pagerduty.events.map((event) => event.dedup_key);
    expect([...town.pagerduty.open]).toEqual([first]);
    expect(end).toBe(second);
  });

  test('is not opened for what is over: the service has it among its changes', async () => {
    const { town, start } = await openTownAgent('pagerduty');
    town.pagerduty.peer.plan(answering(404));
    const v = await start();
    await raise(v.agent, ['Fax']);
    await v.clock.advance(MINUTE);
    await resolve(v.agent, ['Fax']);
    town.pagerduty.peer.plan();
    await v.clock.advance(20 * MINUTE);
    const { events, changes, open } = town.pagerduty;
    expect([events, open.size]).toEqual([[], 0]);
    expect(changes.map(({ payload }) => payload?.summary)).toEqual([
      expect.stringMatching(/^Resolved: it happened and is over: Fax refuses this account/),
    ]);
  });

  test('is closed all the same when nobody knows whether it was opened', async () => {
    const { town, start } = await openTownAgent('pagerduty');
    town.pagerduty.peer.plan({ does: 'taken, hang' });
    const v = await start({ deliveryMs: PATIENCE_MS });
    await raise(v.agent, ['Fax']);
    await v.clock.advance(MINUTE);
    expect(town.pagerduty.open.size).toBe(1);
    await resolve(v.agent, ['Fax']);
    town.pagerduty.peer.plan();
    await v.clock.advance(10 * MINUTE);
    expect([town.pagerduty.open.size, town.pagerduty.changes]).toEqual([0, []]);
  });
});
