import { date } from '../format.ts';
import type { SilenceView } from '../types.ts';
import { Action } from './action.tsx';
import { Badge } from './badge.tsx';
import { Folded } from './folded.tsx';
import { Statechart } from './statechart.tsx';

const wordsOf = ({ match: { services, rules } }: SilenceView): string =>
  [...services, ...rules].join(', ') || 'everything';

function Silence({ silence }: { silence: SilenceView }) {
  const { id, state, from, until, by, move } = silence;
  return (
    <article class="card wide" data-silence={id}>
      <h3>
        {wordsOf(silence)} <Badge state={state} />
      </h3>
      <p>
        Nobody is told from {date(from)} until {date(until)}, as {by} asked.
      </p>
      <p class="row">
        <Action
          label="Lift"
          question={`Tell people about ${wordsOf(silence)} again?`}
          what={{ type: 'alerts.lift', id }}
        />
      </p>
      <Folded summary="Its statechart">
        <Statechart machine="silence" state={state} last={move} name={`Silence ${id}`} />
      </Folded>
    </article>
  );
}

/** What nobody is told of for now; nothing where there is none. */
export function Silences({ silences }: { silences: readonly SilenceView[] }) {
  if (silences.length === 0) return null;
  return (
    <section aria-labelledby="silences">
      <h2 id="silences">Silences</h2>
      <div class="grid">
        {silences.map((silence) => (
          <Silence key={silence.id} silence={silence} />
        ))}
      </div>
    </section>
  );
}
