import { describe, expect, test, vi } from 'vitest';
import { ada } from '../../../scenarios/people.ts';
import type { JournalRecord } from '../../../store/record.ts';
import type { Trouble } from '../../peers/http.ts';
import { answering, HTML } from '../../peers/http.ts';
import { REPEAT_NOTE } from '../../../sinks/channels/words.ts';
import type { SmtpFault } from '../../peers/smtp.ts';
import { hookBodies, type Town } from '../../peers/town.ts';
import { journalOf } from '../../support/agent.ts';
import { cutBehind } from '../../support/cut-journal.ts';
import { openTownAgent, type TownAgent } from '../../support/town-agent.ts';

vi.setConfig({ testTimeout: 60_000 });

const MINUTE = 60_000;
const HOOK = 'webhook:127.0.0.1';

/** A message that has arrived, and whether it says that it may be a repeat. */
interface Arrived {
  readonly alert: string;
  readonly isMarked: boolean;
}

const onHook = (town: Town): Arrived[] =>
  hookBodies(town).map(({ alert, event, repeat }) => {
    return { alert: `${event} ${alert}`, isMarked: repeat };
  });

const onMail = ({ smtp }: Town): Arrived[] =>
  smtp.mails.map(({ parsed }) => {
    const subject = parsed.subject ?? '';
    return { alert: parsed.messageId ?? '', isMarked: subject.endsWith(' (possible repeat)') };
  });

/** In chats a message has no id: the same words are the same message. */
const inChat = (title: string, whole: unknown): Arrived => ({
  alert: title,
  isMarked: JSON.stringify(whole).includes(REPEAT_NOTE),
});

const onOthers: { readonly [channel: string]: (town: Town) => Arrived[] } = {
  'telegram:42': ({ telegram }) =>
    telegram.sent.map(({ text }) => inChat(text.split('\n')[0] ?? '', text)),
  slack: ({ slack }) => slack.messages.map(({ text, blocks }) => inChat(text, blocks)),
  discord: ({ discord }) =>
    discord.messages.map(({ embeds }) => inChat(embeds?.[0]?.title ?? '', embeds)),
  // There the key is the mark: what comes again is no second incident.
  pagerduty: ({ pagerduty }) =>
    pagerduty.events.map(({ event_action: action, dedup_key: key }) => {
      return { alert: `${action} ${key}`, isMarked: true };
    }),
};

interface Story {
  readonly channel: string;
  /** By the wall: with a receiver that does not answer. */
  readonly patienceMs: number;
  readonly arrived: (town: Town) => Arrived[];
  /** What goes wrong in the first life; nothing does in the second one. */
  readonly fail: (town: Town) => void;
  readonly mend: (town: Town) => void;
}

/** From the alert on, whatever its delivery has written. */
function linesOfDelivery(records: readonly JournalRecord[]): JournalRecord[] {
  const raised = records.findIndex(({ event }) => event.type === 'alert.raised');
  return records
    .slice(raised)
    .filter(({ actor }, index) => index === 0 || /^(request|breaker):channel:/.test(actor));
}

/** A call that fails, told about to the end; and how much had arrived when each line was written. */
async function firstLife(
  { start, town, dir }: TownAgent,
  { arrived, fail, mend, patienceMs }: Story,
) {
  const v = await start({ deliveryMs: patienceMs });
  const marks = new Map<number, number>();
  v.agent.journal.on('record', ({ seq }) => void marks.set(seq, arrived(town).length));
  fail(town);
  await v.drive(v.agent.makeSingleCall(ada, { simulate503: true }));
  await v.clock.advance(5 * MINUTE);
  mend(town);
  await v.clock.advance(MINUTE);
  await v.agent.stop();
  const records = journalOf(v);
  return { dir, records, marks, messages: arrived(town) };
}

/** Every message is there, twice at most, and the second time it says so. */
function expectTold(all: readonly Arrived[], mostRepeats: number): void {
  expect(all.length).toBeGreaterThan(0);
  const [first, ...repeats] = all;
  expect(new Set(all.map(({ alert }) => alert))).toEqual(new Set([first?.alert]));
  expect(repeats.every(({ isMarked }) => isMarked)).toBe(true);
  expect(repeats.length).toBeLessThanOrEqual(mostRepeats);
}

/** @returns how many cuts were tried */
async function expectEveryCutToHeal(story: Story): Promise<number> {
  const towned = await openTownAgent(story.channel);
  const { town, start } = towned;
  const life = await firstLife(towned, story);
  expectTold(life.messages, 1);
  const lines = linesOfDelivery(life.records);
  let cuts = 0;
  for (const { seq, at } of lines) {
    const [now, later] = [life.marks.get(seq) ?? 0, life.marks.get(seq + 1) ?? 0];
    // A crash at once, and one just before the next line, when the peer has the message already.
    for (const had of new Set([now, later])) {
      cuts++;
      const before = story.arrived(town).length;
      const v = await start({ dataDir: cutBehind(life.dir, seq), startAt: at + 7 });
      await v.clock.advance(6 * MINUTE);
      await v.agent.stop();
      const again = story.arrived(town).slice(before);
      // What arrived in vain before the crash was one repeat already.
      expectTold([...life.messages.slice(0, had), ...again], 1 + Math.max(0, had - 1));
    }
  }
  return cuts;
}

const refusal = (code: number, more: object): Trouble =>
  answering(code, JSON.stringify({ message: 'no', ...more }), { 'retry-after': '7' });

describe('a delivery that is cut off behind any of its lines is made again, and repeats are marked', () => {
  test.for<[string, ...Trouble[]]>([
    ['when all went well'],
    ['when the answer was 429 with a time to wait', { ...refusal(429, {}), times: 1 }],
    ['when the answer was 500', { ...answering(500), times: 1 }],
    ['when a proxy answered with a page', { ...answering(502, HTML), times: 1 }],
    ['when the connection was cut before it was taken', { does: 'reset', times: 1 }],
    ['when the connection was cut after it was taken', { does: 'taken, reset', times: 1 }],
    ['when it was taken, and 502 was the answer', { does: 'taken, 502', times: 1 }],
    ['when nobody answered', { does: 'hang', times: 1 }],
    ['when it was taken, and nobody answered', { does: 'taken, hang', times: 1 }],
    [
      'when it was taken and lost, and then turned away for a while',
      { does: 'taken, reset', times: 1 },
      { ...answering(408), times: 4 },
    ],
    ['when the receiver was away for a while', { ...answering(503), times: 4 }],
  ])('%s', async ([, ...troubles]) => {
    const cuts = await expectEveryCutToHeal({
      channel: HOOK,
      patienceMs: 100,
      arrived: onHook,
      fail: ({ hook }) => hook.plan(...troubles),
      mend: ({ hook }) => hook.plan(),
    });
    expect(cuts).toBeGreaterThan(3);
  });

  test.for<[string, SmtpFault | null]>([
    ['by mail when all went well', null],
    ['by mail when the server said 421', { at: 'connect', reply: 421, times: 1 }],
    ['by mail when the server said 450', { at: 'receiver', reply: 450, times: 1 }],
    [
      'by mail when it was taken and the line went dead',
      { at: 'data', reply: 'taken, drop', times: 1 },
    ],
    [
      'by mail when it was taken and nobody answered',
      { at: 'data', reply: 'taken, hang', times: 1 },
    ],
  ])('%s', async ([, fault]) => {
    const cuts = await expectEveryCutToHeal({
      channel: 'email',
      // A mail server takes its time to say hello.
      patienceMs: 1_500,
      arrived: onMail,
      fail: ({ smtp }) => smtp.plan(...(fault ? [fault] : [])),
      mend: ({ smtp }) => smtp.plan(),
    });
    expect(cuts).toBeGreaterThan(3);
  });

  const inTheMiddle: readonly [string, ...Trouble[]][] = [
    ['when all went well'],
    ['when the answer was 429 with a time to wait', { ...refusal(429, {}), times: 1 }],
    ['when it was taken, and the connection was cut', { does: 'taken, reset', times: 1 }],
  ];
  const stories = Object.entries(onOthers).flatMap(([channel, arrived]) =>
    inTheMiddle.map(([how, ...troubles]) => ({ channel, arrived, how, troubles })),
  );
  test.for(stories)('$channel $how', async ({ channel, arrived, troubles }) => {
    const cuts = await expectEveryCutToHeal({
      channel,
      arrived,
      patienceMs: 100,
      fail: (town) => town.plan(...troubles),
      mend: (town) => town.plan(),
    });
    expect(cuts).toBeGreaterThan(3);
  });
});
