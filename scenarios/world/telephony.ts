import type { CallProgress } from './call-progress.ts';
import { type Incoming, Provider, Refusal } from './provider.ts';
import { type Random, randomHex } from './random.ts';
import { type LiveCalls, type Wishes, wishesOf } from './live-calls.ts';
import type { PlacedCall, Switchboard } from './switchboard.ts';
import { telephonyErrorBody } from './telephony-errors.ts';
import { parseTwiml } from './twiml.ts';

export interface TelephonyOptions {
  readonly random: Random;
  readonly switchboard: Switchboard;
  readonly live: LiveCalls;
}

const E164 = /^\+[1-9]\d{1,14}$/;
const PAGE_SIZE = 50;

/** Numbers that the provider keeps for tests; each is refused with its own code. */
const REFUSED_NUMBERS: Readonly<Record<string, readonly [code: number, message: string]>> = {
  '+15005550001': [21217, 'The phone number you are attempting to call is not valid.'],
  '+15005550002': [21214, 'The phone number you are attempting to call cannot be reached.'],
  '+15005550003': [21215, 'Account not authorized to call this country.'],
  '+15005550004': [21216, 'Account not allowed to call this number.'],
};

/** Voice calls as at Twilio. A call is placed at once; its status moves on with the time. */
export function createTelephony({ random, switchboard, live }: TelephonyOptions): Provider {
  return new Provider({
    errorBody: telephonyErrorBody,
    hasCredentials: (headers) => /^Basic \S/.test(headers.get('authorization') ?? ''),
    requestIdHeader: 'twilio-request-id',
    newRequestId: () => `RQ${randomHex(random, 32)}`,
    routes: [
      {
        method: 'POST',
        path: /^\/2010-04-01\/Accounts\/([^/]+)\/Calls\.json$/,
        kind: 'work',
        answer: (incoming) => place(incoming, switchboard, live),
      },
      {
        method: 'GET',
        path: /^\/2010-04-01\/Accounts\/([^/]+)\/Calls\.json$/,
        kind: 'work',
        answer: (incoming) => list(incoming, switchboard),
      },
      {
        method: 'GET',
        path: /^\/2010-04-01\/Accounts\/([^/]+)\/Calls\/([^/]+)\.json$/,
        kind: 'work',
        answer: (incoming) => show(incoming, switchboard),
      },
      {
        method: 'GET',
        path: /^\/2010-04-01\/Accounts\/([^/]+)\.json$/,
        kind: 'health',
        answer: ({ params: [sid] }) =>
          Response.json({
            sid,
            status: 'active',
            friendly_name: 'Simulated account',
            type: 'Full',
          }),
      },
    ],
  });
}

async function place(
  { request, params: [account = ''] }: Incoming,
  switchboard: Switchboard,
  live: LiveCalls,
): Promise<Response> {
  const form = new URLSearchParams(await request.text());
  const to = form.get('To') ?? '';
  const from = form.get('From') ?? '';
  if (to === '') throw new Refusal(400, 21201, "No 'To' number is specified");
  if (from === '') throw new Refusal(400, 21213, "No 'From' number is specified");
  if (!E164.test(to)) throw new Refusal(400, 21211, `The 'To' number ${to} is not valid.`);
  if (!E164.test(from)) throw new Refusal(400, 21212, `The 'From' number ${from} is not valid.`);
  if (!form.get('Twiml') && !form.get('Url'))
    throw new Refusal(400, 21205, 'Url parameter is required.');
  const refused = REFUSED_NUMBERS[to];
  if (refused) throw new Refusal(400, refused[0], refused[1]);
  const wishes = wishesIn(form, account, request.headers);
  const call = switchboard.place(to, from);
  live.begin(call, wishes);
  return Response.json(resource(call, switchboard.progress(call), account), { status: 201 });
}

/** Callbacks are signed with the key that the request came with: any key will do here. */
function wishesIn(form: URLSearchParams, account: string, headers: Headers): Wishes {
  const basic = headers.get('authorization')?.replace(/^Basic /, '') ?? '';
  const credentials = Buffer.from(basic, 'base64').toString();
  const authToken = credentials.slice(credentials.indexOf(':') + 1);
  const callback = form.get('StatusCallback');
  if (callback !== null && !URL.canParse(callback)) {
    throw new Refusal(400, 21609, `Invalid 'StatusCallback' URL ${callback}`);
  }
  // The real one would ring first and then say that something went wrong.
  if (!isTwiml(form.get('Twiml'))) throw new Refusal(400, 12100, 'Document parse failure');
  const wishes = wishesOf(form, account, authToken);
  if (wishes === null) throw new Refusal(400, 21626, "Invalid 'StatusCallbackEvent'");
  return wishes;
}

function isTwiml(twiml: string | null): boolean {
  try {
    if (twiml !== null) parseTwiml(twiml);
    return true;
  } catch {
    return false;
  }
}

function show({ params: [account, sid = ''] }: Incoming, switchboard: Switchboard): Response {
  const call = switchboard.find(sid);
  if (!call)
    throw new Refusal(404, 20404, `The requested resource /Calls/${sid}.json was not found`);
  return Response.json(resource(call, switchboard.progress(call), account));
}

function list({ url, params: [account] }: Incoming, switchboard: Switchboard): Response {
  const { searchParams } = url;
  const since = timeParam(searchParams, 'StartTime>') ?? -Infinity;
  const until = timeParam(searchParams, 'StartTime<') ?? Infinity;
  const pageSize = Number(searchParams.get('PageSize') ?? PAGE_SIZE);
  const page = Number(searchParams.get('Page') ?? 0);
  // A queued call has no start time yet, but a look-up that missed it would allow a second dial.
  const found = switchboard.list(searchParams.get('To')).filter((call) => {
    const startedAt = switchboard.progress(call).startedAt ?? call.at;
    return startedAt >= since && startedAt <= until;
  });
  const start = page * pageSize;
  const calls = found.slice(start, start + pageSize);
  const body = {
    calls: calls.map((call) => resource(call, switchboard.progress(call), account)),
    page,
    page_size: pageSize,
    start,
    end: start + Math.max(0, calls.length - 1),
    uri: url.pathname + url.search,
    next_page_uri: start + calls.length < found.length ? nextPage(url, page + 1) : null,
  };
  const date = new Date(switchboard.dated()).toUTCString();
  return Response.json(body, { headers: { date } });
}

function nextPage(url: URL, page: number): string {
  const next = new URL(url);
  next.searchParams.set('Page', String(page));
  return next.pathname + next.search;
}

/** The provider's `StartTime>=…` is the key `StartTime>`: the `=` only ends it. */
function timeParam(params: URLSearchParams, key: string): number | null {
  const value = params.get(key);
  if (value === null) return null;
  const at = Date.parse(value);
  if (Number.isNaN(at)) throw new Refusal(400, 20001, `Parameter ${key} is not a valid date`);
  return at;
}

function resource(call: PlacedCall, progress: CallProgress, account = ''): object {
  const updatedAt = progress.endedAt ?? progress.startedAt ?? call.at;
  return {
    sid: call.sid,
    account_sid: account,
    to: call.to,
    from: call.from,
    status: progress.status,
    date_created: rfc2822(call.created ?? call.at),
    date_updated: rfc2822(updatedAt),
    start_time: progress.startedAt === null ? null : rfc2822(progress.startedAt),
    end_time: progress.endedAt === null ? null : rfc2822(progress.endedAt),
    duration: progress.durationS === null ? null : String(progress.durationS),
    answered_by: progress.answeredBy,
    direction: 'outbound-api',
    price: null,
    price_unit: 'USD',
    uri: `/2010-04-01/Accounts/${account}/Calls/${call.sid}.json`,
  };
}

function rfc2822(at: number): string {
  return new Date(at).toUTCString().replace('GMT', '+0000');
}
