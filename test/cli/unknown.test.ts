import { expect, test, vi } from 'vitest';
import { Desk, jsonOf, refused } from './support/desk.ts';
import { contactList, numberOf } from './support/lists.ts';
import { openAccounts } from './support/providers.ts';
import { reportOf } from './support/report.ts';

vi.setConfig({ testTimeout: 120_000 });

const RUN = ['campaign', 'run', 'list.csv', '--speed', '500', '--concurrency', '1', '--json'];

test('a contact of whom nobody knows is listed, settled and gone on with', async (context) => {
  const desk = new Desk(context.onTestFinished);
  const { world, env } = await openAccounts(context.onTestFinished);
  desk.write('list.csv', contactList(3));
  const doubt = [
    { match: 'work', times: 1, fault: { status: 503, after: true } },
    { match: 'work', times: 1, fault: { status: 400 } },
  ] as const;
  world.plan('Telephony', [...doubt, ...doubt]);
  const ended = await desk.run([...RUN, '--quiet'], { env });
  expect(ended.code).toBe(3);
  const contacts = { completed: 1, unknown: 2 };
  expect(reportOf(ended)).toMatchObject({ state: 'stopped', contacts });

  const listed = jsonOf(await desk.run(['campaign', 'unknown', '--json']));
  expect(listed).toMatchObject([{ contact: '0001' }, { contact: '0002' }]);
  expect((listed as unknown[])[0]).toEqual({
    contact: '0001',
    campaign: 'list',
    phone: '+1415*****00',
    dialledAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    reason: expect.stringMatching(/\w/),
  });
  const table = await desk.run(['campaign', 'unknown', 'list']);
  expect(table.stdout).toMatch(/^0001 {2}list {2}\+1415\*{5}00 {2}dialled at .*: \w/);
  expect(await desk.run(['campaign', 'unknown', 'lost'])).toEqual(
    refused(1, /^There is no campaign called lost/),
  );

  const settled = await desk.run(['campaign', 'settle', '0001', 'answered', '--json']);
  expect(jsonOf(settled)).toMatchObject({ contact: '0001', status: 'completed', crm: 'pending' });
  const again = await desk.run(['campaign', 'settle', '2', 'retry']);
  expect(again).toMatchObject({ code: 0, stdout: '0002  deferred\n' });
  expect(await desk.run(['campaign', 'settle', '0001', 'skip'])).toEqual(
    refused(1, /^Contact 0001 is completed: only one that is unknown can be settled/),
  );
  expect(await desk.run(['campaign', 'settle', '0002', 'perhaps'])).toEqual(
    refused(2, /answered, retry, skip, not "perhaps"/),
  );
  expect(await desk.run(['campaign', 'settle', '0009', 'skip'])).toEqual(
    refused(1, /^No contact 0009 has been called yet/),
  );

  const resumed = await desk.run(['campaign', 'resume', '--speed', '500', '--json'], { env });
  expect(resumed.code).toBe(0);
  expect(reportOf(resumed)).toMatchObject({
    state: 'done',
    contacts: { completed: 3 },
    calls: [
      { status: 'completed', crm: 'done' },
      { attempts: { LLM: 1, ElevenLabs: 1, Telephony: 2 } },
      { crm: 'done' },
    ],
  });
  const dialled = world.dials.map(({ to }) => to);
  expect(dialled).toEqual([0, 1, 2, 1].map(numberOf));
  expect((await desk.run(['verify'])).code).toBe(0);
});
