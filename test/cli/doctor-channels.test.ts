import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { selfSigned } from '../peers/certificate.ts';
import { startDiscord } from '../peers/discord.ts';
import { SmtpPeer } from '../peers/smtp.ts';
import { TelegramPeer, TOKEN } from '../peers/telegram.ts';
import { Desk } from './support/desk.ts';

vi.setConfig({ testTimeout: 60_000 });

const PASSWORD = 'correct horse';

describe('doctor', () => {
  test('checks every alert channel without a message, and tells no secret', async ({
    onTestFinished,
  }) => {
    const desk = new Desk(onTestFinished);
    const certificate = selfSigned();
    const smtp = await SmtpPeer.start({ certificate });
    const telegram = await TelegramPeer.start();
    const discord = await startDiscord();
    onTestFinished(async () => {
      await Promise.all([smtp.close(), telegram.close(), discord.peer.close()]);
    });
    const ca = path.join(desk.dir, 'ca.pem');
    fs.writeFileSync(ca, certificate.cert);
    const env = {
      NODE_EXTRA_CA_CERTS: ca,
      EMAIL_SMTP_SERVER: 'localhost',
      EMAIL_SMTP_PORT: String(smtp.port),
      EMAIL_SENDER: 'agent@example.com',
      EMAIL_PASSWORD: PASSWORD,
      EMAIL_RECEIVER: 'ada@example.org',
      TELEGRAM_BOT_TOKEN: TOKEN,
      TELEGRAM_CHAT_ID: '42',
      TELEGRAM_API_ROOT: telegram.peer.origin,
      WEBHOOK_URL: discord.url,
      WEBHOOK_FORMAT: 'discord',
    };
    const good = await desk.run(['doctor'], { env });
    expect(good.stdout).toMatch(/✓ alerts by email: ok: answered in \d+ ms; no message was sent/);
    expect(good.stdout).toMatch(/✓ alerts by telegram:42: ok/);
    expect(good.stdout).toMatch(/✓ alerts by discord: ok/);
    expect(good.code).toBe(0);
    expect([smtp.mails, telegram.sent, discord.messages]).toEqual([[], [], []]);

    const wrong = { ...env, EMAIL_PASSWORD: 'Tr0ub4dor&3', TELEGRAM_CHAT_ID: '43' };
    const url = discord.url.replace('111', '222');
    const bad = await desk.run(['doctor'], { env: { ...wrong, WEBHOOK_URL: url } });
    expect(bad.code).toBe(1);
    expect(bad.stdout).toMatch(/✗ alerts by email: failed: .*does not accept the password/);
    expect(bad.stdout).toMatch(/✗ alerts by telegram:43: failed: .*chat not found/);
    expect(bad.stdout).toMatch(/✗ alerts by discord: failed: .*not there any more/);
    const said = good.stdout + good.stderr + bad.stdout + bad.stderr;
    expect(said).not.toMatch(/correct horse|Tr0ub4dor|SECRET/);
  });
});
