import tls from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EmailChannel } from '../../../sinks/channels/email/channel.ts';
import { maskAddress } from '../../../sinks/channels/email/errors.ts';
import { htmlOf } from '../../../sinks/channels/email/html.ts';
import { textOf } from '../../../sinks/channels/email/mail.ts';
import { tlsFor, type EmailSettings } from '../../../sinks/channels/email/settings.ts';
import { selfSigned } from '../../peers/certificate.ts';
import { SmtpPeer, type SmtpFault, type SmtpOptions } from '../../peers/smtp.ts';
import { raised, resolved } from './notices.ts';
import { patience, rejectionOf } from './rejection.ts';

const PASSWORD = 'correct horse';
const certificate = selfSigned();
const trusted = tls.getCACertificates('default');
const peers: SmtpPeer[] = [];

beforeAll(() => tls.setDefaultCACertificates([...trusted, certificate.cert]));
afterAll(() => tls.setDefaultCACertificates(trusted));
afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

async function peerWith(...faults: readonly SmtpFault[]): Promise<SmtpPeer> {
  const peer = await start({ certificate });
  peer.plan(...faults);
  return peer;
}

async function start(options: SmtpOptions): Promise<SmtpPeer> {
  const peer = await SmtpPeer.start(options);
  peers.push(peer);
  return peer;
}

const channel = (port: number, settings: Partial<EmailSettings> = {}): EmailChannel =>
  new EmailChannel('email', {
    host: '127.0.0.1',
    port,
    tls: 'starttls',
    sender: 'agent@example.com',
    user: 'agent@example.com',
    password: PASSWORD,
    receiver: 'ada@example.org',
    ...settings,
  });

const headerOf = (peer: SmtpPeer, key: string, mail = 0): string | undefined =>
  peer.mails[mail]?.parsed.headers.find((header) => header.key === key)?.value;

describe('an alert by e-mail', () => {
  it('is sent over STARTTLS after a login, as text and as HTML', async () => {
    const peer = await peerWith();
    await channel(peer.port).deliver(raised, patience());
    expect(peer.mails).toHaveLength(1);
    const [mail] = peer.mails;
    expect(mail).toMatchObject({
      from: 'agent@example.com',
      to: ['ada@example.org'],
      isOverTls: true,
      user: 'agent@example.com',
    });
    expect(mail?.parsed.subject).toBe(`Critical: ${raised.title}`);
    expect(mail?.parsed.text?.trim()).toBe(textOf(raised).trim());
    expect(mail?.parsed.html?.trim()).toBe(htmlOf(raised).trim());
    expect(headerOf(peer, 'auto-submitted')).toBe('auto-generated');
  });

  it('reaches a server by its name too, which its certificate must bear', async () => {
    const peer = await peerWith();
    await channel(peer.port, { host: 'localhost' }).deliver(raised, patience());
    expect(peer.mails).toHaveLength(1);
  });

  it('has one Message-ID however often it is sent, and another one for another incident', async () => {
    const peer = await peerWith();
    const sender = channel(peer.port);
    await sender.deliver(raised, patience());
    await sender.deliver({ ...raised, isRepeat: true }, patience());
    await sender.deliver({ ...raised, since: raised.since + 1 }, patience());
    const ids = [0, 1, 2].map((mail) => headerOf(peer, 'message-id', mail));
    expect(ids[0]).toMatch(/^<breaker\.opened-ElevenLabs-1\.0\.[\da-f]{12}@example\.com>$/);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it('says when it may be a repeat', async () => {
    const peer = await peerWith();
    await channel(peer.port).deliver({ ...raised, isRepeat: true }, patience());
    expect(peer.mails[0]?.parsed.subject).toMatch(/ \(possible repeat\)$/);
    expect(peer.mails[0]?.parsed.text).toContain('may have reached you before');
    expect(peer.mails[0]?.parsed.html).toContain('may have reached you before');
  });

  it('has its resolve threaded under it, with Resolved in front', async () => {
    const peer = await peerWith();
    await channel(peer.port).deliver(raised, patience());
    await channel(peer.port).deliver(resolved, patience());
    expect(peer.mails[1]?.parsed.subject).toMatch(/^Resolved: /);
    expect(headerOf(peer, 'in-reply-to', 1)).toBe(headerOf(peer, 'message-id', 0));
    expect(headerOf(peer, 'references', 1)).toBe(headerOf(peer, 'message-id', 0));
    expect(headerOf(peer, 'message-id', 1)).not.toBe(headerOf(peer, 'message-id', 0));
  });

  it('can not have headers or markup smuggled in', async () => {
    const peer = await peerWith();
    const title = 'down\r\nBcc: eve@example.org\r\n\r\n<script>alert(1)</script>';
    const nasty = { ...raised, title, alert: 'a>\r\nBcc: eve@example.org', paragraphs: ['<b>&'] };
    await channel(peer.port).deliver(nasty, patience());
    const [mail] = peer.mails;
    expect(mail?.to).toEqual(['ada@example.org']);
    expect(headerOf(peer, 'bcc')).toBeUndefined();
    expect(mail?.parsed.html).not.toContain('<script>');
    expect(mail?.parsed.html).toContain('&lt;b&gt;&amp;');
  });

  it('is sent over TLS from the start where that is spoken, as on port 465', async () => {
    const peer = await start({ certificate, tls: 'implicit' });
    await channel(peer.port, { tls: 'implicit' }).deliver(raised, patience());
    expect(peer.mails).toMatchObject([{ isOverTls: true }]);
    expect(tlsFor(465, false)).toBe('implicit');
    expect([25, 587, 2525].map((port) => tlsFor(port, false))).toEqual(Array(3).fill('starttls'));
    expect([465, 1025].map((port) => tlsFor(port, true))).toEqual(['none', 'none']);
  });
});

describe('a mail server without TLS', () => {
  it('gets neither mail nor password', async () => {
    const peer = await start({ tls: 'none' });
    const error = await rejectionOf(channel(peer.port).deliver(raised, patience()));
    expect(error).toMatchObject({ category: 'PERMANENT_ERROR', kind: 'Network', scope: 'config' });
    expect(error.message).toContain('does not offer STARTTLS');
    expect(peer.mails).toHaveLength(0);
  });

  it('is used when that is allowed, as on this machine', async () => {
    const peer = await start({ tls: 'none' });
    await channel(peer.port, { tls: 'none' }).deliver(raised, patience());
    expect(peer.mails).toMatchObject([{ isOverTls: false, user: 'agent@example.com' }]);
  });

  it('is not trusted with a certificate that nobody has vouched for', async () => {
    const peer = await start({ certificate: selfSigned() });
    const error = await rejectionOf(channel(peer.port).deliver(raised, patience()));
    expect(error).toMatchObject({ category: 'PERMANENT_ERROR', kind: 'Network', scope: 'config' });
    expect(error.message).toContain('self-signed certificate');
  });
});

describe('what a mail server answers', () => {
  const transient = { category: 'TRANSIENT_ERROR', scope: null };
  const permanent = { category: 'PERMANENT_ERROR' };
  const throttled = 'Throttling failure: Maximum sending rate exceeded.';

  it.each<[string, SmtpFault, object]>([
    ['421 at once is for now', { at: 'connect', reply: 421 }, { ...transient, status: 421 }],
    [
      '450 for a receiver is for now',
      { at: 'receiver', reply: 450 },
      { ...transient, status: 450 },
    ],
    ['451 for the mail is for now', { at: 'data', reply: 451 }, { ...transient, status: 451 }],
    [
      '454 for the rate says to wait',
      { at: 'data', reply: 454, says: throttled },
      { ...transient, kind: 'RateLimit', retryAfterMs: 60_000 },
    ],
    ['454 at the login is for now', { at: 'auth', reply: 454 }, { ...transient, status: 454 }],
    [
      '535 is a wrong password',
      { at: 'auth', reply: 535 },
      { ...permanent, kind: 'Authentication', scope: 'account' },
    ],
    ['550 for the sender breaks the channel', { at: 'sender', reply: 550 }, { scope: 'config' }],
    ['550 for the receiver breaks it', { at: 'receiver', reply: 550 }, { scope: 'config' }],
    ['554 for the mail is about this one', { at: 'data', reply: 554 }, { scope: 'contact' }],
    [
      'a cut in the middle leaves doubt',
      { at: 'data', reply: 'drop' },
      { ...transient, kind: 'Network', ambiguous: true },
    ],
  ])('%s', async (_title, fault, expected) => {
    const peer = await peerWith(fault);
    const error = await rejectionOf(channel(peer.port).deliver(raised, patience()));
    expect(error).toMatchObject({ service: 'email', ...expected });
    expect(peer.mails).toHaveLength(0);
  });

  it('means nothing that lasts: the next try goes through', async () => {
    const peer = await peerWith({ at: 'receiver', reply: 450, times: 1 });
    await rejectionOf(channel(peer.port).deliver(raised, patience()));
    await channel(peer.port).deliver(raised, patience());
    expect(peer.mails).toHaveLength(1);
  });

  it('is not waited for beyond the signal', async () => {
    const peer = await peerWith({ at: 'data', reply: 'hang' });
    const abort = new AbortController();
    const delivery = channel(peer.port).deliver(raised, abort.signal);
    setTimeout(() => abort.abort(new Error('enough')), 50);
    await expect(delivery).rejects.toThrow('enough');
  });

  it('is not there at all: nothing was sent, and it is worth another try', async () => {
    const peer = await SmtpPeer.start();
    await peer.close();
    const error = await rejectionOf(channel(peer.port).deliver(raised, patience()));
    expect(error).toMatchObject({ ...transient, kind: 'Network', ambiguous: false });
  });
});

describe('with several receivers', () => {
  it('whom the server took is not written to again when another is refused', async () => {
    const peer = await peerWith({
      at: 'receiver',
      reply: 450,
      receiver: 'bob@example.org',
      times: 1,
    });
    const ada = channel(peer.port);
    const bob = channel(peer.port, { receiver: 'bob@example.org' });
    await ada.deliver(raised, patience());
    await rejectionOf(bob.deliver(raised, patience()));
    await bob.deliver(raised, patience());
    expect(peer.mails.map(({ to }) => to)).toEqual([['ada@example.org'], ['bob@example.org']]);
  });
});

describe('the check', () => {
  it('connects, negotiates TLS and logs in, and sends nothing', async () => {
    const peer = await peerWith();
    await channel(peer.port).check(patience());
    expect(peer.connections).toBe(1);
    expect(peer.mails).toHaveLength(0);
  });

  it('finds a wrong password', async () => {
    const peer = await peerWith();
    const error = await rejectionOf(
      channel(peer.port, { password: 'Tr0ub4dor&3' }).check(patience()),
    );
    expect(error).toMatchObject({ kind: 'Authentication', scope: 'account' });
  });

  it('ends with its signal', async () => {
    const peer = await peerWith({ at: 'connect', reply: 'hang' });
    const abort = new AbortController();
    const check = channel(peer.port).check(abort.signal);
    setTimeout(() => abort.abort(new Error('enough')), 50);
    await expect(check).rejects.toThrow('enough');
  });
});

describe('an error', () => {
  it('never holds the password, though the server repeats it', async () => {
    const peer = await peerWith();
    const password = 'Tr0ub4dor&3';
    const error = await rejectionOf(channel(peer.port, { password }).deliver(raised, patience()));
    expect(error.message).toContain('***');
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain(password);
    expect(error.cause).toBeUndefined();
  });

  it('shows of an address no more than whose server it is', () => {
    expect(maskAddress('550 <ada.lovelace@example.org>: unknown')).toBe(
      '550 <a…@example.org>: unknown',
    );
  });
});
