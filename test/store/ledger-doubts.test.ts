import { describe, expect, test } from 'vitest';
import { Ledger } from '../../store/ledger.ts';
import { broke, callInput, Live, wholeCall } from './live.ts';
import { recordsIn } from './support.ts';

function ledgerOf(live: Live): Ledger {
  const ledger = new Ledger();
  for (const record of recordsIn(live.dir)) ledger.apply(record);
  return ledger;
}

const begin = (live: Live, id: string, more: object = {}): Live =>
  live.start('call', id, callInput(id, more)).send(id, { type: 'call.begin' });

const permanent = broke({
  category: 'PERMANENT_ERROR',
  kind: 'InvalidPayload',
  scope: 'contact',
  ambiguous: false,
});

describe('contacts of whom nobody knows whether they were called', () => {
  const doubted = (): Live =>
    begin(new Live(), 'call:0007', { script: {}, speech: {} })
      .send('call:0007/dial', broke({ service: 'Telephony' }))
      .send('call:0007', { type: 'timer.fired' })
      .send('call:0007/lookup', permanent);

  const idsOf = (ledger: Ledger): string[] => ledger.unknown().map(({ contact }) => contact);

  test('are found without asking all the others, also behind a snapshot', () => {
    const ledger = ledgerOf(wholeCall(doubted(), 'call:0008'));
    expect(idsOf(ledger)).toEqual(['0007']);
    const later = new Ledger();
    later.restore(JSON.parse(JSON.stringify(ledger.snapshot())));
    expect(idsOf(later)).toEqual(['0007']);
  });

  test.for(['answered', 'retry', 'skip'])(
    'are in no doubt any more once a person says: %s',
    (verdict) => {
      const live = doubted();
      const ledger = ledgerOf(live);
      const [last] = recordsIn(live.dir);
      if (!last) throw new Error('no record');
      const event = { type: 'contact.decided', contact: '0007', verdict };
      ledger.apply({ ...last, actor: 'agent', machine: 'agent', event });
      expect(idsOf(ledger)).toEqual([]);
      expect(ledger.get('0007')?.status).not.toBe('unknown');
    },
  );

  test('are in no doubt while they are called again', () => {
    expect(idsOf(ledgerOf(begin(doubted(), 'call:0007.2')))).toEqual([]);
  });
});
