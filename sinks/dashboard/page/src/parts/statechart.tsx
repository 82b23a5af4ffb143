import { useEffect, useRef } from 'preact/hooks';
import breaker from '../../../../statecharts/drawings/breaker.svg?raw';
import health from '../../../../statecharts/drawings/health.svg?raw';
import call from '../../../../statecharts/drawings/call.svg?raw';
import campaign from '../../../../statecharts/drawings/campaign.svg?raw';
import incident from '../../../../statecharts/drawings/incident.svg?raw';
import silence from '../../../../statecharts/drawings/silence.svg?raw';
import { edgesThatFit, type Edge } from './edges.ts';

/** The page's own style sheet draws them: its policy allows no style in the middle of a page. */
const bare = (svg: string): string => svg.replace(/<style>[^]*?<\/style>/, '');
const drawings: { readonly [machine: string]: string } = {
  breaker: bare(breaker),
  health: bare(health),
  call: bare(call),
  campaign: bare(campaign),
  incident: bare(incident),
  silence: bare(silence),
};

interface Props {
  readonly machine: string;
  readonly state: string;
  /** The last edge that was taken is lit. */
  readonly last?: Edge | null;
  /** Whose it is, where a page shows several. @default the machine's name */
  readonly name?: string;
}

/** A live statechart: the drawing is laid out long before; here only classes change. */
export function Statechart({ machine, state, last = null, name = machine }: Props) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const svg = host.current;
    if (!svg) return;
    for (const lit of svg.querySelectorAll('.active, .taken'))
      lit.classList.remove('active', 'taken', 'perhaps');
    for (const title of svg.querySelectorAll('[data-edge] title')) title.remove();
    const active = svg.querySelector<SVGElement>(`[data-state="${CSS.escape(state)}"]`);
    active?.classList.add('active');
    if (active) centre(svg, active);
    if (last) light(svg, last);
  }, [machine, state, last?.from, last?.to, last?.event]);
  return (
    <div
      class="statechart"
      ref={host}
      tabIndex={0}
      role="group"
      aria-label={`${name} is ${state}`}
      dangerouslySetInnerHTML={{ __html: drawings[machine] ?? '' }}
    />
  );
}

/** A large drawing shows the part that matters; the page itself stays where it is. */
function centre(host: HTMLElement, part: Element): void {
  const [outer, inner] = [host.getBoundingClientRect(), part.getBoundingClientRect()];
  host.scrollTop += inner.top - outer.top - (outer.height - inner.height) / 2;
  host.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
}

const SEVERAL = 'One of the dashed edges was taken: the record fits all of them.';

function light(svg: Element, last: Edge): void {
  const labels = [...svg.querySelectorAll<SVGElement>('[data-edge]')].map((label) => {
    const { edge: id = '', to = '' } = label.dataset;
    return { id, to, label };
  });
  const fitting = edgesThatFit(labels, last);
  const isOneOfSeveral = fitting.length > 1;
  for (const { id, label } of fitting) {
    const lines = [...svg.querySelectorAll<SVGElement>('[data-edges]')].filter(({ dataset }) =>
      dataset['edges']?.split(' ').includes(id),
    );
    for (const part of [label, ...lines]) {
      part.classList.add('taken');
      part.classList.toggle('perhaps', isOneOfSeveral);
    }
    if (isOneOfSeveral) explain(label);
  }
}

function explain(label: Element): void {
  const title = document.createElementNS('http://www.w3.org/2000/svg', 'title');
  title.textContent = SEVERAL;
  label.append(title);
}
