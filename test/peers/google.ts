import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { onTestFinished } from 'vitest';

export type Action = 'token' | 'find' | 'rights' | 'tabs' | 'add tab' | 'read' | 'append';

export interface Fault {
  readonly on: Action;
  /**
   * `applied then reset`: it is carried out, and the answer is lost. `repeats`: it is refused in
   * words that hold all it was asked with.
   */
  readonly kind: 'status' | 'html' | 'reset' | 'hang' | 'applied then reset' | 'repeats';
  readonly status?: number;
  readonly headers?: Record<string, string>;
}

/** Does something when the test is over. */
export type AtTheEnd = (work: () => void | Promise<void>) => void;

interface Told {
  readonly action: Action;
  readonly at: number;
}

class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const SHEETS_SCOPE = 'https://www.googleapis.com/auth/spreadsheets';
const DRIVE_SCOPE = 'https://www.googleapis.com/auth/drive.metadata.readonly';
const EMAIL = 'agent@project.iam.gserviceaccount.com';
const MOST_PER_MINUTE = 60;

const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

/**
 * Google's token endpoint, Sheets API v4 and Drive API v3 on loopback, as far as they are
 * documented: signatures are proven, limits enforced, and what is not asked for in the documented
 * way is refused.
 */
export class Google {
  readonly tabs = new Map<string, unknown[][]>();
  readonly told: Told[] = [];
  readonly faults: Fault[] = [];
  /** Spreadsheets by name; only the ids of the first can be opened. */
  names: Record<string, string[]> = {
    'Our calls': ['1AbCdEfGhIjKlMnOpQrStUvWxYz-0123456789_abcdef'],
  };
  isEditor = true;
  /** Whether the project has the Drive API enabled. */
  hasDrive = true;
  origin = '';
  /** Requests that wait for their answer, the hanging ones left out. */
  open = 0;
  readonly #now: () => number;
  readonly #tokens = new Map<string, string>();

  private constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * @param now the clock that limits go by
   * @param atTheEnd of a test that runs beside others, its own
   */
  static async start(now: () => number, atTheEnd: AtTheEnd = onTestFinished): Promise<Google> {
    const google = new Google(now);
    const server = createServer((request, response) => {
      google.open++;
      void google.#answer(request, response).finally(() => google.open--);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    google.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    atTheEnd(() => {
      server.close();
      server.closeAllConnections();
    });
    return google;
  }

  get id(): string {
    return Object.values(this.names)[0]?.[0] ?? '';
  }

  /** Writes the service account's key file. */
  keyFile(dir: string, more: object = {}): string {
    const file = path.join(dir, 'service-account.json');
    const account = {
      type: 'service_account',
      client_email: EMAIL,
      private_key_id: 'key-1',
      private_key: keys.privateKey,
      token_uri: `${this.origin}/token`,
    };
    fs.writeFileSync(file, JSON.stringify({ ...account, ...more }));
    return file;
  }

  times(action: Action): number {
    return this.told.filter((it) => it.action === action).length;
  }

  /** The most requests that came in any minute. */
  mostInAMinute(): number {
    const times = this.told.filter(({ action }) => action !== 'token').map(({ at }) => at);
    return Math.max(
      0,
      ...times.map((t) => times.filter((at) => at >= t && at < t + 60_000).length),
    );
  }

  revokeTokens(): void {
    this.#tokens.clear();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString('utf8');
    const url = new URL(request.url ?? '/', this.origin);
    const json = (status: number, value: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' });
      response.end(JSON.stringify(value));
    };
    try {
      const action = actionOf(request.method ?? '', url.pathname);
      this.told.push({ action, at: this.#now() });
      const index = this.faults.findIndex(({ on }) => on === action);
      const fault = index >= 0 ? this.faults.splice(index, 1)[0] : undefined;
      if (fault?.kind === 'repeats') {
        const { authorization = '' } = request.headers;
        const held = new URLSearchParams(body).get('assertion') ?? authorization.slice(7);
        throw new Refusal(fault.status ?? 403, `denied ${authorization} ${held}`);
      }
      if (fault && fault.kind !== 'applied then reset') return this.#fail(fault, response);
      if (action !== 'token') this.#limit();
      const value = this.#carryOut(action, url, body, request.headers.authorization);
      if (fault) response.socket?.resetAndDestroy();
      else json(200, value);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      json(error.status, {
        error: { code: error.status, message: error.message, status: 'FAILED' },
      });
    }
  }

  #fail({ kind, status = 503, headers = {} }: Fault, response: ServerResponse): void {
    if (kind === 'hang') return;
    if (kind === 'reset') return void response.socket?.resetAndDestroy();
    if (kind === 'html') {
      response.writeHead(200, { 'content-type': 'text/html' });
      return void response.end('<html>Please log in to this Wi-Fi</html>');
    }
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    const error = { code: status, message: 'Quota exceeded', status: 'RESOURCE_EXHAUSTED' };
    response.end(JSON.stringify({ error }));
  }

  #limit(): void {
    const since = this.#now() - 60_000;
    const recent = this.told.filter(({ at, action }) => at > since && action !== 'token');
    if (recent.length > MOST_PER_MINUTE) throw new Refusal(429, 'Quota exceeded');
  }

  #carryOut(action: Action, url: URL, body: string, authorization = ''): unknown {
    if (action === 'token') return this.#token(new URLSearchParams(body));
    const scope = this.#tokens.get(authorization.replace(/^Bearer /, ''));
    if (scope === undefined)
      throw new Refusal(401, 'Request had invalid authentication credentials');
    const isOfDrive = action === 'find' || action === 'rights';
    const wanted = isOfDrive ? DRIVE_SCOPE : SHEETS_SCOPE;
    if (isOfDrive && !this.hasDrive) {
      throw new Refusal(403, 'Google Drive API has not been used in this project, or is disabled');
    }
    if (!scope.split(' ').includes(wanted)) throw new Refusal(403, 'Insufficient scopes');
    if (action === 'rights') return { capabilities: { canEdit: this.isEditor } };
    if (action === 'find') return this.#find(url.searchParams.get('q') ?? '');
    const [, id = '', rest = ''] = /^\/v4\/spreadsheets\/([^/:]+)(.*)$/.exec(url.pathname) ?? [];
    if (!Object.values(this.names).some(([first]) => first === id)) {
      throw new Refusal(404, 'Requested entity was not found.');
    }
    if (action === 'tabs') {
      return { sheets: [...this.tabs.keys()].map((title) => ({ properties: { title } })) };
    }
    if (action !== 'read' && !this.isEditor) {
      throw new Refusal(403, 'The caller does not have permission');
    }
    if (action === 'add tab') return this.#addTab(body);
    const range = decodeURIComponent(rest.replace(/^\/values\//, '').replace(/:append$/, ''));
    const [, tab = '', from = ''] = /^'(.*)'!([A-Z]):([A-Z])$/.exec(range) ?? [];
    const rows = this.tabs.get(tab.replaceAll("''", "'"));
    if (!rows || from !== 'A') throw new Refusal(400, `Unable to parse range: ${range}`);
    return action === 'read' ? readRange(rows, range, url) : append(rows, url, body);
  }

  #token(form: URLSearchParams): unknown {
    const [header = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
    const isSigned = verify(
      'RSA-SHA256',
      Buffer.from(`${header}.${claims}`),
      createPublicKey(keys.publicKey),
      Buffer.from(signature, 'base64url'),
    );
    const said = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, never>;
    const { iss, aud, iat, exp, scope } = said;
    const isNow = Math.abs(Date.now() / 1000 - Number(iat)) < 300;
    const isGood =
      form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer' &&
      isSigned &&
      iss === EMAIL &&
      aud === `${this.origin}/token` &&
      isNow &&
      Number(exp) - Number(iat) <= 3600;
    if (!isGood) throw new Refusal(400, 'invalid_grant: Invalid JWT Signature.');
    const token = `ya29.${this.#tokens.size}-${signature.slice(0, 10)}`;
    this.#tokens.set(token, String(scope));
    return { access_token: token, expires_in: 3599, token_type: 'Bearer' };
  }

  #find(query: string): unknown {
    const [, quoted = ''] = /^name = '((?:[^'\\]|\\.)*)' and mimeType = /.exec(query) ?? [];
    const name = quoted.replace(/\\(.)/g, '$1');
    return { files: (this.names[name] ?? []).map((id) => ({ id })) };
  }

  #addTab(body: string): unknown {
    const { requests } = JSON.parse(body) as {
      requests: { addSheet: { properties: { title: string } } }[];
    };
    for (const { addSheet } of requests) this.tabs.set(addSheet.properties.title, []);
    return { replies: [] };
  }
}

function actionOf(method: string, pathname: string): Action {
  if (pathname === '/token') return 'token';
  if (pathname === '/drive/v3/files') return 'find';
  if (pathname.startsWith('/drive/v3/files/') && method === 'GET') return 'rights';
  if (pathname.endsWith(':batchUpdate')) return 'add tab';
  if (pathname.endsWith(':append') && method === 'POST') return 'append';
  if (pathname.includes('/values/') && method === 'GET') return 'read';
  if (method === 'GET' && pathname.startsWith('/v4/spreadsheets/')) return 'tabs';
  throw new Refusal(404, `${method} ${pathname}`);
}

function readRange(rows: unknown[][], range: string, url: URL): unknown {
  if (url.searchParams.get('valueRenderOption') !== 'UNFORMATTED_VALUE') {
    // As it is shown: with the reader's thousands separators.
    return { range, values: rows.map(([seq]) => [`${String(seq)},000`]) };
  }
  return { range, ...(rows.length > 0 && { values: rows.map((row) => row.slice(0, 2)) }) };
}

function append(rows: unknown[][], url: URL, body: string): unknown {
  const { valueInputOption, insertDataOption } = Object.fromEntries(url.searchParams);
  if (valueInputOption !== 'RAW') throw new Refusal(400, 'a formula would run');
  if (insertDataOption !== 'INSERT_ROWS') throw new Refusal(400, 'rows would be overwritten');
  const { values } = JSON.parse(body) as { values: unknown[][] };
  rows.push(...values);
  return { updates: { updatedRows: values.length } };
}
