import { describe, expect, test } from 'vitest';
import { UnknownRule } from '../../../sinks/alerts/rules/unknowns.ts';
import type { Happening } from '../../../sinks/reading.ts';
import type { JournalRecord } from '../../../store/record.ts';
import { openAgent } from '../../support/agent.ts';
import { listOf } from '../../support/campaigns.ts';
import { TestChannel } from '../../support/test-channel.ts';

const MINUTE = 60_000;

/** The number was dialled, the answer was lost, and the provider can't be asked afterwards. */
const inDoubt = [
  { match: 'work', times: 1, fault: { reset: true, after: true } },
  { match: 'work', times: 1, fault: { status: 400 } },
] as const;

async function openInDoubt() {
  const mail = new TestChannel();
  const v = await openAgent({ channels: [mail], world: { plans: { Telephony: inDoubt } } });
  mail.now = () => v.clock.now();
  const report = await v.drive(v.agent.runCampaign(listOf(2), { concurrency: 1 }));
  await v.clock.advance(MINUTE);
  const of = (rule: string) => mail.received.filter((told) => told.rule === rule);
  return { ...v, report, of };
}

describe('a contact of whom nobody knows whether it was called', () => {
  test('is told of, with what to do about it, and ended by a person’s decision', async () => {
    const v = await openInDoubt();
    expect(v.report.contacts).toMatchObject({ unknown: 1 });
    const [raised, ...more] = v.of('call.unknown');
    expect(more).toEqual([]);
    expect(raised).toMatchObject({ kind: 'raised', severity: 'warning', service: null });
    expect(raised?.title).toBe('contact 0001 may have been called, and nobody knows');
    expect(raised?.paragraphs.join(' ')).toContain('call-agent campaign settle CONTACT answered');
    expect(raised?.facts).toContainEqual({ name: 'Contacts', value: '0001' });

    v.agent.command({ type: 'campaign.settle', contact: '0001', verdict: 'answered', by: 'test' });
    await v.clock.advance(15 * MINUTE);
    expect(v.of('call.unknown').map(({ kind }) => kind)).toEqual(['raised', 'resolved']);
  });

  const line = (actor: string, type: string, more: object = {}): JournalRecord =>
    ({ machine: actor.split(':')[0], actor, at: 1_000, event: { type, ...more } }) as JournalRecord;
  const ended = (status: string): Happening[] => [
    { type: 'call.ended', result: { status } } as Happening,
  ];
  const titleOf = (rule: UnknownRule) => rule.evaluate('call.unknown')?.text(0).title ?? null;

  test('is counted with others, and stays over a restart', () => {
    const rule = new UnknownRule();
    expect(rule.keys()).toEqual([]);
    rule.apply(line('call:0001', 'xstate.done'), ended('unknown'));
    rule.apply(line('call:0002.1', 'xstate.done'), ended('unknown'));
    rule.apply(line('call:0003', 'xstate.done'), ended('failed'));
    expect(rule.apply(line('call:0004', 'actor.failed'), [])).toEqual(['call.unknown']);
    const again = new UnknownRule();
    again.restore(JSON.parse(JSON.stringify(rule.snapshot())));
    expect(titleOf(again)).toBe('3 contacts may have been called, and nobody knows');
    expect(again.evaluate('call.unknown')?.text(0).facts).toContainEqual({
      name: 'Contacts',
      value: '0001, 0002, 0004',
    });
    for (const contact of ['0001', '0004'])
      again.apply(line('campaign:list', 'contact.decided', { contact }), []);
    // Called again, by a decision of which the line is not there any more.
    again.apply(line('call:0002.2', 'xstate.init'), []);
    expect(titleOf(again)).toBeNull();
  });
});
