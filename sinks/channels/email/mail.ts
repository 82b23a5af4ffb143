import { createHash } from 'node:crypto';
import type { SendMailOptions } from 'nodemailer';
import type { Notice } from '../channel.ts';
import { footerOf, headlineOf, paragraphsOf, REPEAT_NOTE } from '../words.ts';
import { htmlOf } from './html.ts';
import type { EmailSettings } from './settings.ts';

/**
 * The same message always has the same id (RFC 5322, section 3.6.4), so that a mail box may tell a
 * repeat. The hash keeps alerts of two agents with one sender apart.
 */
function messageId({ alert, key, since }: Notice, n: number, sender: string): string {
  const incident = createHash('sha256').update(`${alert} ${key} ${since}`).digest('hex');
  const safe = alert.replace(/[^\w.-]+/g, '-').slice(0, 100);
  return `<${safe}.${n}.${incident.slice(0, 12)}@${sender.split('@')[1]}>`;
}

/** The text for those who don't see HTML. */
export function textOf(notice: Notice): string {
  const { facts, isRepeat } = notice;
  const width = Math.max(0, ...facts.map(({ name }) => name.length)) + 2;
  const lines = facts.map(({ name, value }) => `${`${name}:`.padEnd(width)}${value}`);
  const parts = [
    headlineOf(notice),
    ...(isRepeat ? [REPEAT_NOTE] : []),
    ...paragraphsOf(notice),
    ...(lines.length > 0 ? [lines.join('\n')] : []),
    `-- \n${footerOf(notice)}`,
  ];
  return `${parts.join('\n\n')}\n`;
}

const isUrgent = ({ severity, kind, isSimulated }: Notice): boolean =>
  severity === 'critical' && kind === 'raised' && isSimulated !== true;

/** A notice as a mail. What follows on the first one of an alert is threaded under it. */
export function mailOf(notice: Notice, { sender, receiver }: EmailSettings): SendMailOptions {
  const first = messageId(notice, 0, sender);
  // What was told later is the first mail all the same where the first one could not be sent.
  const isFirst = notice.n === 0 || notice.kind === 'raised';
  return {
    from: { name: 'AI call agent', address: sender },
    to: receiver,
    subject: `${headlineOf(notice)}${notice.isRepeat ? ' (possible repeat)' : ''}`,
    text: textOf(notice),
    html: htmlOf(notice),
    messageId: isFirst ? first : messageId(notice, notice.n, sender),
    ...(!isFirst && { inReplyTo: first, references: [first] }),
    ...(isUrgent(notice) && { priority: 'high' }),
    // RFC 3834, section 5: no out-of-office answers, please.
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
