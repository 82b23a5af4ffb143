import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import type { ServiceName } from '../../config.ts';
import { answering } from '../peers/http.ts';
import { ROUTING_KEY } from '../peers/pagerduty.ts';
import { TOKEN } from '../peers/telegram.ts';
import { EMAIL_PASSWORD, HOOK_PATH, openTown, WEBHOOK_SECRET } from '../peers/town.ts';
import { Desk } from './support/desk.ts';
import { contactList } from './support/lists.ts';
import { KEYS, openAccounts } from './support/providers.ts';

// Real processes, and others want the machine, too.
vi.setConfig({ testTimeout: 240_000 });

const DASHBOARD_TOKEN = 'dashb0ardSecretOfTheTest-0123456789';
const HOOK_LOGIN = 'h00kLoginSecretOfTheTest';
const PROXY_SECRET = 'pr0xyPathSecretOfTheTest';

/** Everything that opens a door, and the parts of addresses that do. */
const SECRETS: { readonly [name: string]: string } = {
  ...KEYS,
  EMAIL_PASSWORD,
  TELEGRAM_BOT_TOKEN: TOKEN,
  TELEGRAM_BOT_SECRET: TOKEN.split(':')[1] ?? '',
  SLACK_PATH: 'xoxSECRETxox',
  DISCORD_PATH: 'dscSECRETdsc',
  WEBHOOK_PATH: HOOK_PATH.split('/').at(-1) ?? '',
  WEBHOOK_LOGIN: HOOK_LOGIN,
  WEBHOOK_SECRET,
  PAGERDUTY_ROUTING_KEY: ROUTING_KEY,
  DASHBOARD_TOKEN,
  PROXY_SECRET,
};
// An account's id is a name, no key: it stands in Twilio's addresses.
const { TWILIO_ACCOUNT_SID: _sid, ...KEPT } = SECRETS;

const talk = `You sent ${Object.values(KEPT).join(' and ')}`;

/** As the mail server gets it: nobody else could repeat it. */
const AUTH_PLAIN = Buffer.from(`\0agent@example.com\0${EMAIL_PASSWORD}`).toString('base64');
const AUTH_LOGIN = Buffer.from(EMAIL_PASSWORD).toString('base64');

const leaksIn = (where: string, text: string): string[] =>
  Object.entries({ ...KEPT, AUTH_PLAIN, AUTH_LOGIN }).flatMap(([name, secret]) =>
    text.includes(secret) ? [`${name} in ${where}`] : [],
  );

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  return port;
}

function filesBelow(folder: string, except: readonly string[]): { file: string; text: string }[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !except.includes(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => ({ file: path.relative(folder, file), text: fs.readFileSync(file, 'latin1') }));
}

test('when everything fails and repeats every credential, none gets out anywhere', async ({
  onTestFinished,
}) => {
  const desk = new Desk(onTestFinished);
  const town = await openTown(desk.dir);
  const { world, env: accounts } = await openAccounts(onTestFinished);
  const privateKey = (
    JSON.parse(fs.readFileSync(town.env['GOOGLE_SHEETS_CREDS'] ?? '', 'utf8')) as {
      private_key: string;
    }
  ).private_key.split('\n')[3] as string;
  const ca = path.join(desk.dir, 'ca.pem');
  fs.writeFileSync(ca, town.certificate.cert);
  const hook = new URL(HOOK_PATH, town.hook.origin);
  hook.username = 'agent';
  hook.password = HOOK_LOGIN;
  hook.search = `?token=${PROXY_SECRET}`;
  const urls = (town.env['WEBHOOK_URL'] ?? '').split(',').slice(0, 3);
  const env = {
    ...accounts,
    ...town.env,
    WEBHOOK_URL: [...urls, hook.href].join(','),
    NODE_EXTRA_CA_CERTS: ca,
    DASHBOARD_TOKEN,
    DEBUG: '1',
    NODE_DEBUG: '',
    RETRY_MAX_ATTEMPTS: '0',
    METRICS_PORT: String(await freePort()),
  };
  // Services and channels fail, each with words that hold every secret there is.
  const body = { error: { message: talk, code: talk }, detail: { message: talk }, message: talk };
  for (const service of [
    'LLM',
    'ElevenLabs',
    'Telephony',
    'CRM',
  ] as const satisfies ServiceName[]) {
    world.plan(service, [
      { match: 'work', times: 1, fault: { status: 500, body } },
      { match: 'health', fault: { status: 503, body } },
    ]);
  }
  const said = JSON.stringify({ ok: false, error_code: 400, description: talk, message: talk });
  town.plan({ ...answering(400, said), times: 2 }, { ...answering(500, talk), times: 2 });
  town.smtp.plan(
    { at: 'data', reply: 554, says: talk, times: 1 },
    { at: 'auth', reply: 454, says: talk, times: 2 },
  );
  desk.write('list.csv', contactList(4));

  const program = desk.start(
    ['campaign', 'run', 'list.csv', '--speed', '200', '--concurrency', '1'],
    { env },
  );
  const { pid } = program.child;
  const commandLine =
    process.platform === 'linux' ? fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8') : '';
  await program.says(/./);
  const served = await Promise.all(
    ['metrics', 'healthz'].map(async (page) => {
      const response = await fetch(`http://127.0.0.1:${env.METRICS_PORT}/${page}`);
      return response.text();
    }),
  );
  expect(served[0]).toContain('call_agent_requests_total');
  const readAll = (...readers: string[][]) =>
    Promise.all(readers.map((args) => desk.run(args, { env })));
  // These need not wait until the last alert is given up.
  const [ended, early] = await Promise.all([
    program.ended,
    readAll(['config'], ['config', '--json'], ['metrics']),
  ]);
  const late = await readAll(['doctor'], ['alerts', 'list', '--json'], ['alerts', 'test']);
  const outputs = [
    ...[ended, ...early, ...late].map(({ stdout, stderr }) => stdout + stderr),
    ...served,
  ];

  const own = ['service-account.json', 'ca.pem', 'list.csv'];
  const files = filesBelow(desk.dir, own);
  const journal = files.filter(({ file }) => file.includes('journal'));
  // The failures did get there, and their words with them.
  expect(journal.some(({ text }) => /You sent \*\*\*/.test(text))).toBe(true);
  const messages = JSON.stringify([
    town.smtp.mails.map(({ parsed }) => parsed),
    town.https.map(({ asked }) => asked.map(({ text }) => text.replaceAll(ROUTING_KEY, ''))),
    [...town.google.tabs],
  ]);
  expect(messages.length).toBeGreaterThan(1_000);
  expect([
    ...outputs.flatMap((text, index) => leaksIn(`output ${index}`, text)),
    ...files.flatMap(({ file, text }) => leaksIn(file, text)),
    ...leaksIn('messages', messages),
    ...leaksIn('arguments', commandLine),
    ...[...outputs, messages, ...files.map(({ text }) => text)].filter((text) =>
      text.includes(privateKey),
    ),
  ]).toEqual([]);
});
