import { useState } from 'preact/hooks';
import { date } from '../format.ts';
import { goTo, route } from '../route.ts';
import { overview } from '../store.ts';

/** Copies a link that shows this very moment to whoever opens it. */
function ShareLink({ seq }: { seq: number }) {
  const [said, setSaid] = useState('');
  const share = (): void => {
    const link = new URL(location.href);
    link.search = ''; // nothing of ours stands there, and a token must not be passed on
    const hash = link.hash || '#/';
    if (route.value.at === null) link.hash = `${hash}${hash.includes('?') ? '&' : '?'}at=${seq}`;
    navigator.clipboard.writeText(link.href).then(
      () => setSaid('Link copied.'),
      () => setSaid(link.href),
    );
  };
  return (
    <>
      <button type="button" onClick={share}>
        copy link
      </button>
      <span role="status">{said}</span>
    </>
  );
}

/** The slider over the journal: every screen shows the moment it stands at. */
export function TimeTravel() {
  const seen = overview.value;
  if (!seen || seen.lastSeq === 0) return null;
  const { at } = route.value;
  const { firstSeq, lastSeq } = seen;
  const seq = Math.min(at ?? lastSeq, lastSeq);
  const go = (to: number): void => goTo(to >= lastSeq ? null : Math.max(firstSeq, to));
  return (
    <div class={`travel ${at === null ? '' : 'past'}`} role="group" aria-label="Time travel">
      <Step label="One record back" sign="◀" isOff={seq <= firstSeq} onGo={() => go(seq - 1)} />
      <input
        type="range"
        min={firstSeq}
        max={lastSeq}
        value={seq}
        aria-label="Moment"
        aria-valuetext={`record ${seq} of ${lastSeq}, ${date(seen.at)}`}
        onInput={({ currentTarget }) => go(Number(currentTarget.value))}
      />
      <Step label="One record on" sign="▶" isOff={at === null} onGo={() => go(seq + 1)} />
      <output>
        {at !== null ? `record ${seq}` : seen.isReading ? 'read so far' : 'now'}, {date(seen.at)}
      </output>
      {at !== null && (
        <button type="button" class="primary" onClick={() => goTo(null)}>
          back to now
        </button>
      )}
      <ShareLink seq={seq} />
    </div>
  );
}

interface StepProps {
  readonly label: string;
  readonly sign: string;
  readonly isOff: boolean;
  readonly onGo: () => void;
}

const Step = ({ label, sign, isOff, onGo }: StepProps) => (
  <button type="button" aria-label={label} onClick={onGo} disabled={isOff}>
    {sign}
  </button>
);
