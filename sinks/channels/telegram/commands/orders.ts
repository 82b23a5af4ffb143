import type { Command } from '../../../../runtime/commands.ts';
import { durationMs } from './parse.ts';
import { alertLine, firingIn, statusText, type Listed } from './answers.ts';

/** Has the agent do something; `by` is added by whoever passes it on. */
export type Ask = (command: Omit<Command, 'by'> & { readonly type: string }) => Promise<unknown>;

interface Order {
  readonly usage: string;
  readonly does: string;
  /** @returns the answer; null when it was asked in the wrong way */
  readonly run: (words: readonly string[], ask: Ask) => Promise<string> | null;
}

/** A telephone writes `elevenlabs`; the agent means one name. What it does not know it says itself. */
async function serviceNamed(word: string, ask: Ask): Promise<string> {
  const { services } = (await ask({ type: 'status' })) as { services: object };
  const known = Object.keys(services);
  return known.find((name) => name.toLowerCase() === word.toLowerCase()) ?? word;
}

async function reset(word: string, ask: Ask): Promise<string> {
  const isAll = word.toLowerCase() === 'all';
  const services = isAll ? null : [await serviceNamed(word, ask)];
  await ask({ type: 'reset', services });
  return `Closed: ${isAll ? 'every circuit breaker' : `the circuit breaker of ${services?.[0]}`}.`;
}

/** Without an id the only open one is meant. */
async function acknowledge(word: string | undefined, ask: Ask): Promise<string> {
  let id = word;
  if (id === undefined) {
    const open = firingIn((await ask({ type: 'alerts.list' })) as readonly Listed[]);
    if (open.length === 0) return 'No alert waits to be acknowledged.';
    if (open.length > 1) {
      const lines = open.slice(0, 20).map((one) => `/ack ${alertLine(one)}`);
      return `Several alerts wait:\n${lines.join('\n')}`;
    }
    id = open[0]?.id ?? '';
  }
  await ask({ type: 'alerts.ack', id });
  return `Acknowledged: ${id}. It is not repeated and goes no further.`;
}

async function mute(word: string, length: string, ms: number, ask: Ask): Promise<string> {
  const service = await serviceNamed(word, ask);
  await ask({ type: 'alerts.silence', match: [service], durationMs: ms });
  return `Nobody is told of ${service} for ${length}.`;
}

async function campaign(type: 'pause' | 'resume', word: string | undefined, ask: Ask) {
  await ask({ type: `campaign.${type}`, campaign: word ?? null });
  const which = word === undefined ? 'Every campaign' : `Campaign ${word}`;
  if (type === 'resume') return `${which} goes on.`;
  return `${which} pauses: calls under way are finished. An agent that was started without --wait ends then, and hears /resume when it is started again.`;
}

/** What a chat may ask for, and the one place that says which command of the agent that is. */
export const orders: { readonly [name: string]: Order } = {
  status: {
    usage: '/status',
    does: 'services and open alerts',
    run: async (_words, ask) => {
      const status = await ask({ type: 'status' });
      const alerts = await ask({ type: 'alerts.list' }).catch(() => []);
      return statusText(status, alerts);
    },
  },
  reset: {
    usage: '/reset SERVICE',
    does: "closes a service's circuit breaker; /reset all closes every one",
    run: ([word], ask) => (word === undefined ? null : reset(word, ask)),
  },
  ack: {
    usage: '/ack [ID]',
    does: 'somebody is looking at an alert',
    run: ([word], ask) => acknowledge(word, ask),
  },
  mute: {
    usage: '/mute SERVICE 30m',
    does: 'no alerts about a service, for s, m, h or d',
    run([word, length = ''], ask) {
      const ms = durationMs(length);
      return word === undefined || ms === null ? null : mute(word, length, ms, ask);
    },
  },
  pause: {
    usage: '/pause [CAMPAIGN]',
    does: 'no new calls',
    run: ([word], ask) => campaign('pause', word, ask),
  },
  resume: {
    usage: '/resume [CAMPAIGN]',
    does: 'calls go on',
    run: ([word], ask) => campaign('resume', word, ask),
  },
};

export const help = (): string =>
  ['I know these:', ...Object.values(orders).map(({ usage, does }) => `${usage}: ${does}`)].join(
    '\n',
  );
