import { createHash } from 'node:crypto';
/** The page that shows machines; nothing but its own origin is talked to. */
export const STATELY_ORIGIN = 'https://stately.ai';

const STYLE = `
  html, body { height: 100%; margin: 0; }
  body { display: flex; flex-direction: column; font: 13px system-ui, sans-serif; }
  p { margin: 0; padding: 6px 12px; background: #1c1f26; color: #d7dae0; }
  iframe { flex: 1; border: 0; }
`;

/**
 * The hosted inspector says `@statelyai.connected` when it listens, and once more after a reload,
 * when it has forgotten everything: then a new connection brings all definitions again.
 */
const SCRIPT = `
  const WAITING_MAX = 5000;
  const frame = document.querySelector('iframe');
  const status = document.querySelector('output');
  const absent = document.querySelector('#absent');
  let socket, waiting = [], missed = false, listening = false;

  const show = (message) => frame.contentWindow.postMessage(message, '${STATELY_ORIGIN}');

  function connect() {
    if (socket) socket.onclose = socket.onmessage = null, socket.close();
    waiting = [];
    missed = false;
    socket = new WebSocket('ws://' + location.host);
    socket.onopen = () => { status.value = 'connected'; };
    socket.onclose = () => {
      status.value = 'the program has ended, or is starting again';
      setTimeout(connect, 2000);
    };
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (listening) show(message);
      else if (waiting.length < WAITING_MAX) waiting.push(message);
      else missed = true;
    };
  }

  addEventListener('message', ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== '${STATELY_ORIGIN}') return;
    if (data?.type !== '@statelyai.connected') return;
    absent.hidden = true;
    if (listening || missed) connect();
    else for (const message of waiting.splice(0)) show(message);
    listening = true;
  });

  setTimeout(() => {
    if (!listening) absent.hidden = false;
  }, 8000);
  connect();
  frame.src = '${STATELY_ORIGIN}/inspect';
`;

export const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Inspector</title><style>${STYLE}</style></head>
<body>
<p>Needs the internet: this page embeds ${STATELY_ORIGIN}/inspect and shows it the state of the
running program. <output>connecting</output></p>
<p id="absent" role="alert" hidden>${STATELY_ORIGIN} does not answer. Without the internet, <code>npx call-agent
serve</code> shows the live statecharts from this machine alone.</p>
<iframe title="Stately inspector"></iframe>
<script>${SCRIPT}</script>
</body>
</html>
`;

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** @param host the Host header, already checked: 'self' does not cover ws: in every browser */
export function pageHeaders(host: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `frame-src ${STATELY_ORIGIN}`,
    `connect-src ws://${host}`,
    `script-src ${hash(SCRIPT)}`,
    `style-src ${hash(STYLE)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  };
}
