import type { Recent } from '../../../model/recent.ts';
import { slots } from '../../../model/recent.ts';

/** The attempts of the last two minutes: what went well above, what failed below. */
export function Bars({ recent, now }: { recent: Recent; now: number }) {
  const slices = slots(recent, now);
  const most = Math.max(1, ...slices.map(({ ok, failed }) => Math.max(ok, failed)));
  const [ok, failed] = [sum(slices.map((s) => s.ok)), sum(slices.map((s) => s.failed))];
  return (
    <svg
      class="bars"
      viewBox="0 0 120 40"
      preserveAspectRatio="none"
      role="img"
      aria-label={`Last two minutes: ${ok} attempts well, ${failed} failed`}
    >
      <line x1="0" y1="24" x2="120" y2="24" />
      {slices.map((slice, index) => (
        <g key={slice.at}>
          <rect
            class="ok"
            x={index * 5 + 0.5}
            y={24 - (slice.ok / most) * 23}
            width="4"
            height={(slice.ok / most) * 23}
          />
          <rect
            class="failed"
            x={index * 5 + 0.5}
            y={24}
            width="4"
            height={(slice.failed / most) * 15}
          />
        </g>
      ))}
    </svg>
  );
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
