import { stateWord } from '../format.ts';

type Tone = 'good' | 'bad' | 'warn' | 'quiet';

const tones: { readonly [state: string]: Tone } = {
  closed: 'good',
  HEALTHY: 'good',
  completed: 'good',
  done: 'good',
  running: 'good',
  resolved: 'good',
  healthy: 'good',
  open: 'bad',
  UNHEALTHY: 'bad',
  failed: 'bad',
  critical: 'bad',
  firing: 'bad',
  unhealthy: 'bad',
  halfOpen: 'warn',
  isolated: 'warn',
  paused: 'warn',
  stopped: 'warn',
  unknown: 'warn',
  holding: 'warn',
  warning: 'warn',
  deferred: 'warn',
  acknowledged: 'warn',
  working: 'good',
  delivered: 'good',
  failing: 'bad',
  broken: 'bad',
  pending: 'warn',
};

/** Never colour alone: each tone has a sign of its own. */
const signs: { readonly [tone in Tone]: string } = { good: '●', bad: '■', warn: '▲', quiet: '○' };

export const toneOf = (state: string): Tone => tones[state] ?? 'quiet';

/** @param props.of what it is the state of, where several stand side by side */
export function Badge({ of, state }: { of?: string; state: string }) {
  const tone = toneOf(state);
  return (
    <span class={`badge ${tone}`}>
      <span aria-hidden="true">{signs[tone]}</span> {of && <span class="of">{of}</span>}{' '}
      {stateWord(state)}
    </span>
  );
}
