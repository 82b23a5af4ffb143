import type { Notice } from '../channel.ts';
import {
  escapeHtml,
  footerOf,
  headlineOf,
  labelOf,
  REPEAT_NOTE,
  timeOf,
  paragraphsOf,
  titleOf,
  toneOf,
  type Tone,
} from '../words.ts';

/** Bar and badge, readable with white letters in both colour schemes. */
const colours: { readonly [tone in Tone]: string } = {
  critical: '#c62828',
  warning: '#a85b00',
  resolved: '#2e7d32',
  test: '#1565c0',
};

/**
 * Styles stand on the elements, for many a mail program drops a style sheet; the sheet only adds
 * what the dark scheme changes, for those that keep it.
 */
const sheet = `
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .page { background: #15181c !important; }
  .card { background: #20252b !important; border-left-color: #333a42 !important; border-right-color: #333a42 !important; border-bottom-color: #333a42 !important; }
  .ink { color: #e8eaed !important; }
  .soft { color: #a3abb5 !important; }
  .line { border-color: #333a42 !important; }
}`;

const font = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

const paragraph = (text: string): string =>
  `<p class="ink" style="margin:0 0 12px;font-size:15px;line-height:22px;color:#1f2328">${escapeHtml(text)}</p>`;

const fact = ({ name, value }: Notice['facts'][number]): string =>
  `<tr>
<td class="soft line" style="padding:8px 16px 8px 0;border-top:1px solid #e3e6ea;font-size:13px;color:#59636e;white-space:nowrap;vertical-align:top">${escapeHtml(name)}</td>
<td class="ink line" style="padding:8px 0;border-top:1px solid #e3e6ea;font-size:13px;color:#1f2328;width:100%;overflow-wrap:anywhere">${escapeHtml(value)}</td>
</tr>`;

const table = (rows: string): string =>
  rows === ''
    ? ''
    : `<table role="presentation" cellpadding="0" cellspacing="0" width="100%" style="margin:4px 0 0;border-collapse:collapse">
${rows}
</table>`;

function cardOf(notice: Notice): string {
  const colour = colours[toneOf(notice)];
  const repeat = notice.isRepeat
    ? `<p class="soft" style="margin:0 0 12px;font-size:13px;font-style:italic;color:#59636e">${REPEAT_NOTE}</p>`
    : '';
  return `<table role="presentation" class="card" cellpadding="0" cellspacing="0" width="100%" style="max-width:600px;background:#ffffff;border:1px solid #e3e6ea;border-top:4px solid ${colour};border-radius:6px">
<tr><td style="padding:20px 24px 24px;text-align:left;${font}">
<p class="soft" style="margin:0 0 10px;font-size:13px;color:#59636e"><span style="background:${colour};color:#ffffff;border-radius:10px;padding:2px 9px;font-size:12px;font-weight:600">${labelOf(notice)}</span>&ensp;${timeOf(notice.at)}</p>
<h1 class="ink" style="margin:0 0 14px;font-size:20px;line-height:27px;color:#1f2328">${escapeHtml(titleOf(notice))}</h1>
${repeat}${paragraphsOf(notice).map(paragraph).join('\n')}
${table(notice.facts.map(fact).join('\n'))}
</td></tr>
</table>`;
}

/** A mail that reads well on a phone, in both colour schemes, with pictures off: there are none. */
export function htmlOf(notice: Notice): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(headlineOf(notice))}</title>
<style>${sheet}
</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f3f5f7">
<table role="presentation" class="page" cellpadding="0" cellspacing="0" width="100%" style="background:#f3f5f7">
<tr><td align="center" style="padding:20px 12px">
${cardOf(notice)}
<p class="soft" style="margin:12px 0 0;font-size:12px;color:#59636e;${font}">${escapeHtml(footerOf(notice))}<br>Sent by AI call agent</p>
</td></tr>
</table>
</body>
</html>
`;
}
