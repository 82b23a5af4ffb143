import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ada } from '../../../scenarios/people.ts';
import { Book } from '../../../sinks/dashboard/model/book.ts';
import { journalOf, openAgent } from '../../support/agent.ts';
import { broken, down, TestChannel } from '../../support/test-channel.ts';
import { openDashboard } from './support.ts';

const MINUTE = 60_000;

/** An agent that has something to tell, and a dashboard beside it. */
async function told(...channels: readonly TestChannel[]) {
  const v = await openAgent({ channels, onUnheard: () => {} });
  await v.drive(v.agent.makeSingleCall(ada, { simulate503: true }));
  const dashboard = async () =>
    openDashboard(path.join(v.dir, 'journal'), { stage: { channels: [...channels] } });
  const book = (): Book => {
    const folded = new Book();
    for (const record of journalOf(v)) folded.apply(record);
    return folded;
  };
  return { ...v, dashboard, book, channels };
}

test('a channel that does not answer: what waits for it, why, and when it is tried again', async () => {
  const mail = new TestChannel('mail');
  mail.behave = () => down();
  const v = await told(mail, new TestChannel('chat'));
  await v.clock.advance(3 * MINUTE);
  const { channels, alerts } = v.book().page(v.channels);
  expect(channels).toEqual([
    {
      name: 'mail',
      state: 'failing',
      waiting: 1,
      error: 'the mail server is away',
      failingSince: expect.any(Number),
      nextTryAt: expect.any(Number),
    },
    {
      name: 'chat',
      state: 'working',
      waiting: 0,
      error: null,
      failingSince: null,
      nextTryAt: null,
    },
  ]);
  const tries = mail.attempts;
  await v.clock.advance((channels[0]?.nextTryAt ?? 0) - v.clock.now() - 1);
  expect(mail.attempts).toBe(tries);
  await v.clock.advance(1);
  expect(mail.attempts).toBeGreaterThan(tries);
  const call = alerts.find(({ rule }) => rule === 'call.failed');
  expect(call?.deliveries).toEqual([
    { channel: 'mail', message: 'raised', state: 'pending', at: null },
    { channel: 'chat', message: 'raised', state: 'delivered', at: expect.any(String) },
  ]);
});

test('the health of a dashboard: ill only while nobody can be told of alerts', async () => {
  const [mail, chat] = [new TestChannel('mail'), new TestChannel('chat')];
  mail.behave = () => broken();
  chat.behave = () => down();
  const v = await told(mail, chat);
  await v.clock.advance(10 * MINUTE);
  const { ask } = await v.dashboard();
  const health = async () => {
    const { status, text } = await ask('/healthz');
    return { status, ...(JSON.parse(text) as { ok: boolean; problems: string[] }) };
  };
  expect(await health()).toMatchObject({
    status: 503,
    ok: false,
    problems: [
      'The alert channel mail does not work: the password is wrong',
      'The alert channel chat does not work: the mail server is away',
    ],
  });
  chat.behave = () => {};
  await v.clock.advance(10 * MINUTE);
  await expect
    .poll(health)
    .toMatchObject({ status: 200, ok: true, problems: [expect.stringMatching(/channel mail/)] });
});

test('an alert tells its last transition, and a silence until it has ended', async () => {
  const v = await told(new TestChannel('mail'));
  const { alerts } = v.book().page();
  expect(alerts[0]?.move).toMatchObject({ from: 'pending', to: 'firing', event: 'alert.raised' });
  v.agent.command({ type: 'alerts.silence', match: ['ElevenLabs'], durationMs: MINUTE, by: 'me' });
  await v.clock.advance(0);
  const silenced = v.book().page();
  expect(silenced.alerts[0]?.move).toMatchObject({ to: 'silenced', event: 'alert.silenced' });
  expect(silenced.silences).toMatchObject([
    { id: '1', state: 'active', match: { services: ['ElevenLabs'], rules: [] }, by: 'me' },
  ]);
  await v.clock.advance(2 * MINUTE);
  expect(v.book().page().silences).toEqual([]);
  const copy = new Book();
  copy.restore(JSON.parse(JSON.stringify(v.book().snapshot())));
  expect(copy.page()).toEqual(v.book().page());
  onTestFinished(() => v.agent.stop());
});
