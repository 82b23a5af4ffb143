import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { UserError } from '../../../errors.ts';
import { isLoopback, ownHosts, reachableHost } from '../../web/access.ts';
import { listen } from '../../web/listen.ts';
import { makeApi, type Backstage } from './api.ts';
import { readAssets, type Asset } from './assets.ts';
import { judge } from './guard.ts';
import { JournalSource, type SourceOptions } from './journal-source.ts';

export interface DashboardOptions extends SourceOptions {
  /** A journal's folder, or one of its files alone. */
  readonly place: string;
  /** 0 takes any free port. @default 7070 */
  readonly port?: number;
  /** Anything but a loopback address needs a token. @default '127.0.0.1' */
  readonly host?: string;
  /** Whoever looks must bring it. @default none */
  readonly token?: string | null;
  /** Other names that it is reached by, such as a reverse proxy's; they need a token. @default [] */
  readonly hosts?: readonly string[];
  readonly stage: Backstage;
}

export interface Dashboard {
  /** Where a browser goes. */
  readonly url: string;
  /** Resolves when the journal that was there has been read. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

/** At least as hard to guess as a 96-bit number when it is random. */
const TOKEN_LENGTH_MIN = 16;

/** Nothing from elsewhere is loaded, and nobody frames the page. */
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

function sendAsset(request: IncomingMessage, response: ServerResponse, asset: Asset): void {
  const accepts = String(request.headers['accept-encoding'] ?? '');
  const encoding = accepts.includes('br') ? 'br' : accepts.includes('gzip') ? 'gzip' : null;
  const body = asset.body(encoding);
  response.writeHead(200, {
    'content-type': asset.type,
    'cache-control': asset.cacheControl,
    'content-length': body.length,
    vary: 'accept-encoding',
    ...(encoding && { 'content-encoding': encoding }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function say(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${sentence}\n`);
}

/** To the same page at another address; what stands behind its `#` the browser takes along. */
function move(response: ServerResponse, location: string): void {
  response.writeHead(303, { location, 'cache-control': 'no-store' });
  response.end();
}

/** How long answers under way may take once the dashboard closes. */
const LAST_ANSWERS_MS = 1_000;

/**
 * Serves the dashboard over a journal.
 * @throws UserError when the port can't be had, or another address is asked for without a token
 */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const {
    place,
    port = 7070,
    host = '127.0.0.1',
    token = null,
    hosts: others = [],
    stage,
  } = options;
  checkToken(isLoopback(host) ? others[0] : host, token);
  const server = createServer();
  const own = await listen(server, port, host, 'dashboard');
  const hosts = ownHosts(host, own, others);
  const source = new JournalSource(place, options);
  const ready = source.open();
  const assets = readAssets();
  const api = getRequestListener(makeApi(source, stage).fetch);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    const verdict = judge(request, { hosts, token });
    if (!verdict.isAllowed) return say(response, verdict.status, verdict.why);
    if (verdict.setCookie) response.setHeader('set-cookie', verdict.setCookie);
    const address = (request.url ?? '/').split('?')[0] ?? '/';
    const asset = assets.get(address);
    const isReading = request.method === 'GET' || request.method === 'HEAD';
    if (!asset || !isReading) return api(request, response);
    // Only of a page does anybody see the address; a program may have nowhere to keep a cookie.
    if (address === '/' && verdict.bareAddress !== null) return move(response, verdict.bareAddress);
    sendAsset(request, response, asset);
  };
  server.on('request', (request, response) => {
    answer(request, response).catch(() => {
      // Whatever one visitor brings about, others go on looking.
      if (response.headersSent) response.destroy();
      else say(response, 500, 'That went wrong inside.');
    });
  });
  return {
    url: `http://${reachableHost(host)}:${own}/`,
    ready,
    close: () => close(server, source),
  };
}

/** @param beyond where others would reach it; undefined where nobody does */
function checkToken(beyond: string | undefined, token: string | null): void {
  if (token !== null && token.length < TOKEN_LENGTH_MIN) {
    throw new UserError(`DASHBOARD_TOKEN must have at least ${TOKEN_LENGTH_MIN} characters.`);
  }
  if (beyond === undefined || token !== null) return;
  throw new UserError(
    `The dashboard is for this machine only: to serve it on ${beyond}, set DASHBOARD_TOKEN.`,
  );
}

/** Pages are let go; what is being answered is answered. */
async function close(server: Server, source: JournalSource): Promise<void> {
  source.close();
  const gone = once(server, 'close');
  server.close();
  const patience = setTimeout(() => server.closeAllConnections(), LAST_ANSWERS_MS);
  await gone;
  clearTimeout(patience);
}
