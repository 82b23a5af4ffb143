import type { Command } from '../../../../runtime/commands.ts';
import { durationMs } from './parse.ts';
import {
  alertLine,
  firingIn,
  silenceLine,
  silencesNowIn,
  statusText,
  type Listed,
  type ListedSilence,
} from './answers.ts';

/** Has the agent do something; `by` is added by whoever passes it on. */
export type Ask = (command: Omit<Command, 'by'> & { readonly type: string }) => Promise<unknown>;

interface Order {
  readonly usage: string;
  readonly does: string;
  /** It changes nothing, so it may come late. @default false */
  readonly onlyTells?: boolean;
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

/** Ends what silences just that, and says what goes on silencing it. */
async function unmute(word: string, ask: Ask): Promise<string> {
  const wanted = word.toLowerCase();
  const now = silencesNowIn(await ask({ type: 'alerts.silences' }));
  const isMeant = ({ number, match: { services } }: ListedSilence): boolean =>
    wanted === 'all' || wanted === number || (services.length === 1 && isAbout(services, wanted));
  const lifted = now.filter(isMeant);
  for (const { number } of lifted) await ask({ type: 'alerts.lift', id: number });
  const left = now.filter((one) => !lifted.includes(one) && isAbout(one.match.services, wanted));
  return [
    lifted.length === 0
      ? `Nothing silences ${wanted === 'all' ? 'any alert' : `${word} alone`} now.`
      : `Told of again: ${lifted.map(silenceLine).join(', ')}.`,
    ...left.map((one) => `Still silenced: ${silenceLine(one)}. /unmute ${one.number} ends that.`),
  ].join('\n');
}

/** No service in it means every one. */
const isAbout = (services: readonly string[], wanted: string): boolean =>
  services.length === 0 || services.some((service) => service.toLowerCase() === wanted);

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
    does: 'services, open alerts, and what is silenced',
    onlyTells: true,
    run: async (_words, ask) => {
      const status = await ask({ type: 'status' });
      const alerts = await ask({ type: 'alerts.list' }).catch(() => []);
      const silences = await ask({ type: 'alerts.silences' }).catch(() => []);
      return statusText(status, alerts, silences);
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
  unmute: {
    usage: '/unmute SERVICE',
    does: 'ends such a silence; /unmute all ends every one',
    run: ([word], ask) => (word === undefined ? null : unmute(word, ask)),
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
