import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { HttpBindings } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { isUserError } from '../../../errors.ts';
import { statusOf } from '../../../runtime/status.ts';
import { isLockedError } from '../../../store/lock.ts';
import { Book } from '../model/book.ts';
import type { Overview } from '../model/overview.ts';
import type { KnownChannel } from '../model/alerts.ts';
import type { Model } from '../model/model.ts';
import { isOrder } from '../model/orders.ts';
import { registryOf } from '../../metrics/registry.ts';
import { streamRecords } from './event-stream.ts';
import type { JournalSource } from './journal-source.ts';
import { contactsOf, type RecordQuery } from './queries.ts';
import { findRecords, type FoundRecords } from './records.ts';

/** What the pages can't find in the journal: others answer that. */
export interface Backstage {
  /** Passes a command on to whoever works on the folder. @throws UserError when nobody can */
  readonly command: ((command: unknown) => Promise<unknown>) | null;
  /** Reports of the campaigns, as `campaign status --json` prints them. */
  readonly campaigns: () => Promise<unknown>;
  /** The agent's own time, which may run faster than life. */
  readonly time: () => Promise<{ readonly now: number; readonly speed: number } | null>;
  /** The alert channels that are set up; null where only the journal knows. */
  readonly channels: readonly KnownChannel[] | null;
}

type Env = { Bindings: HttpBindings };
type Ctx = Context<Env>;

const MOST_RECORDS = 500;
const MOST_CONTACTS = 200;

/** A command; nothing else is sent to us. */
const BODY_BYTES_MAX = 64 * 1024;

class BadQuery extends Error {}

function whole(
  context: Ctx,
  name: string,
  fallback: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const text = context.req.query(name);
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return Math.min(value, most);
  throw new BadQuery(`${name} must be a whole number of at least 0`);
}

const word = (context: Ctx, name: string): string | null => context.req.query(name) || null;

/** What the journal says at the moment that `until` names, else as it is now. */
async function bookFor(context: Ctx, source: JournalSource): Promise<Book> {
  const until = whole(context, 'until', Infinity);
  if (until >= source.seq) return source.book;
  const { signal } = context.req.raw;
  return (await source.momentAt(until, () => !signal.aborted)) ?? new Book();
}

async function overview(context: Ctx, source: JournalSource, stage: Backstage): Promise<Overview> {
  const [book, time] = await Promise.all([bookFor(context, source), stage.time()]);
  return {
    ...book.page(stage.channels),
    firstSeq: source.first,
    lastSeq: source.seq,
    lastAt: source.book.model.at,
    time,
    canCommand: stage.command !== null,
    problem: source.problem?.message ?? null,
    isReading: !source.hasCaughtUp,
    goal: source.goal,
  };
}

function recordQueryOf(context: Ctx): RecordQuery {
  return {
    actor: word(context, 'actor'),
    call: word(context, 'call'),
    isFailed: context.req.query('failed') === '1',
  };
}

function recordsFor(context: Ctx, source: JournalSource): Promise<FoundRecords> {
  const { signal } = context.req.raw;
  const range = {
    before: Math.min(whole(context, 'before', Infinity), whole(context, 'until', Infinity) + 1),
    after: whole(context, 'after', 0),
    limit: whole(context, 'limit', 100, MOST_RECORDS),
  };
  return findRecords(source, recordQueryOf(context), range, () => !signal.aborted);
}

function statusFor({ services }: Model): object {
  const names = [...services.keys()].filter((name) => !name.includes(':'));
  return statusOf(names, (id) => {
    const [kind, name = ''] = id.split(/:(.*)/s);
    const service = services.get(name);
    if (!service) return undefined;
    return kind === 'breaker'
      ? { state: service.breaker, context: { failures: service.failures, dueAt: service.dueAt } }
      : { state: service.checker, context: { health: service.health } };
  });
}

/** Ill when the journal is damaged, or when there are channels and nobody can be told of alerts. */
function healthOf({ book, problem }: JournalSource, { channels: known }: Backstage) {
  const channels = book.channels(known);
  const failing = channels.filter(({ state }) => state !== 'working');
  const problems = failing.map(
    ({ name, error }) => `The alert channel ${name} does not work: ${error ?? 'no answer'}`,
  );
  if (problem) problems.unshift(problem.message);
  const isHeard = channels.length === 0 || failing.length < channels.length;
  return { ok: problem === null && isHeard, problems };
}

/** What a person can do something about is said. */
function answerFor(error: Error, context: Context): Response {
  if (error instanceof HTTPException) return error.getResponse();
  if (error instanceof BadQuery) return context.json({ error: error.message }, 400);
  const isExpected = isUserError(error) || isLockedError(error);
  if (isExpected) return context.json({ error: error.message }, 409);
  return context.json({ error: 'That went wrong inside.' }, 500);
}

/** Everything the pages ask, and the endpoints of the contract. */
export function makeApi(source: JournalSource, stage: Backstage): Hono<Env> {
  const app = new Hono<Env>();
  const registry = registryOf(source.book.metrics, { sinks: () => [] });
  app.onError(answerFor);
  app.get('/api/overview', async (context) => context.json(await overview(context, source, stage)));
  app.get('/api/status', (context) => context.json(statusFor(source.book.model)));
  app.get('/api/metrics', (context) => context.json(source.book.metrics.figures()));
  app.get('/api/alerts', (context) => context.json(source.book.page(stage.channels).alerts));
  app.get('/api/campaigns', async (context) => context.json((await stage.campaigns()) as object));
  app.get('/api/contacts', async (context) => {
    const query = {
      status: word(context, 'status'),
      reason: word(context, 'reason'),
      campaign: word(context, 'campaign'),
      offset: whole(context, 'offset', 0),
      limit: whole(context, 'limit', 100, MOST_CONTACTS),
    };
    return context.json(contactsOf((await bookFor(context, source)).model, query));
  });
  app.get('/api/records', async (context) => context.json(await recordsFor(context, source)));
  app.get('/api/events', async (context) => {
    const last = context.req.header('last-event-id') ?? context.req.query('after');
    const after = last === undefined ? source.end : Number(last);
    if (!Number.isSafeInteger(after) || after < 0)
      throw new BadQuery('Last-Event-ID must be a seq');
    await streamRecords(source, context.env.incoming, context.env.outgoing, after);
    return RESPONSE_ALREADY_SENT;
  });
  app.post('/api/commands', bodyLimit({ maxSize: BODY_BYTES_MAX }), async (context) => {
    if (!stage.command) return context.json({ error: 'There is no agent to ask here.' }, 409);
    const command: unknown = await context.req.json().catch(() => null);
    if (typeof command !== 'object' || command === null) throw new BadQuery('A command is JSON');
    if (!isOrder(command)) throw new BadQuery('That can only be asked for on the command line.');
    // Whatever a page says of itself: the journal is to tell where it came from.
    const result = await stage.command({ ...command, by: 'dashboard' });
    return context.json({ result: result ?? null });
  });
  app.get('/healthz', (context) => {
    const health = healthOf(source, stage);
    return context.json({ ...health, seq: source.seq }, health.ok ? 200 : 503);
  });
  app.get('/metrics', async (context) => {
    return context.body(await registry.metrics(), 200, { 'content-type': registry.contentType });
  });
  return app;
}
