/**
 * The providers of a campaign that is going to be killed: a process of their own, so that they
 * outlive it and remember every call that was placed.
 *
 * Run by `fork`, with its settings as JSON in the first argument; tells its urls, and then its
 * dials whenever it is sent anything.
 */
import { SystemClock } from '../../runtime/clock.ts';
import { startWorld, type World, type WorldOptions } from '../../scenarios/world/world.ts';

export interface ProviderSettings extends Pick<WorldOptions, 'seed' | 'plans'> {
  readonly speed: number;
}

export type ProviderMessage =
  | { readonly type: 'ready'; readonly urls: World['urls'] }
  | { readonly type: 'dials'; readonly numbers: readonly string[] };

const tell = (message: ProviderMessage): void => void process.send?.(message);

const { speed, ...options } = JSON.parse(process.argv[2] ?? '{}') as ProviderSettings;
const world = await startWorld({ clock: new SystemClock({ speed }), ...options });
process.on('message', () => tell({ type: 'dials', numbers: world.dials.map(({ to }) => to) }));
// Whoever started it has gone.
process.on('disconnect', () => process.exit());
tell({ type: 'ready', urls: world.urls });
