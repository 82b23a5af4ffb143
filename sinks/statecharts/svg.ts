import { edgeLabel, type Chart, type ChartState } from './chart.ts';
import { ANY, LABEL_LINE, START, type Box, type DrawnLine, type Layout } from './layout.ts';

/** Radius of a line's bends. */
const BEND = 6;

/**
 * One style for README, docs and dashboard. A page that shows the drawing live puts the class
 * `active` on a state and `taken` on the lines and labels of an edge.
 */
const STYLE = `
.chart{--ink:#1f2933;--muted:#5b6875;--paper:#fff;--box:#f4f6f8;--line:#8a97a5;--glow:#0b6bcb;--glow-box:#dcecfc;font-family:ui-sans-serif,system-ui,sans-serif}
@media (prefers-color-scheme:dark){.chart{--ink:#e6ebf0;--muted:#9aa7b4;--paper:#12181f;--box:#1d2630;--line:#66737f;--glow:#6bb5ff;--glow-box:#17344f}}
.chart .paper{fill:var(--paper)}
.chart .state rect{fill:var(--box);stroke:var(--line);stroke-width:1.5}
.chart .state text{fill:var(--ink);font-size:14px;font-weight:600;text-anchor:middle}
.chart .state .runs{fill:var(--muted);font-size:11px;font-weight:400}
.chart .any rect{stroke-dasharray:4 3}
.chart .any text{font-weight:400;font-style:italic}
.chart .line{fill:none;stroke:var(--line);stroke-width:1.5}
.chart .head{fill:var(--line)}
.chart .dot{fill:var(--ink)}
.chart .label rect{fill:var(--paper);opacity:.92}
.chart .label text{fill:var(--muted);font-size:11px;text-anchor:middle}
.chart .active rect{fill:var(--glow-box);stroke:var(--glow);stroke-width:3}
.chart .taken.line{stroke:var(--glow);stroke-width:3}
.chart text.taken{fill:var(--glow);font-weight:700}
`.trim();

const escape = (text: string): string =>
  text.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);
const n = (value: number): string => String(Math.round(value * 10) / 10);
const ids = (line: DrawnLine): string => escape(line.edges.map(({ id }) => id).join(' '));

function pathOf(points: DrawnLine['points']): string {
  const parts: string[] = [];
  for (const [index, point] of points.entries()) {
    const before = points[index - 1];
    const after = points[index + 1];
    if (!before) parts.push(`M${n(point.x)} ${n(point.y)}`);
    else if (!after) parts.push(`L${n(point.x)} ${n(point.y)}`);
    else parts.push(bend(before, point, after));
  }
  return parts.join('');
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function bend(before: Point, corner: Point, after: Point): string {
  const start = towards(corner, before);
  const end = towards(corner, after);
  return `L${n(start.x)} ${n(start.y)}Q${n(corner.x)} ${n(corner.y)} ${n(end.x)} ${n(end.y)}`;
}

function towards(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const part = length === 0 ? 0 : Math.min(BEND, length / 2) / length;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

const drawLine = (line: DrawnLine): string =>
  `<path class="line" data-edges="${ids(line)}" d="${pathOf(line.points)}" marker-end="url(#head)"/>`;

function drawLabel({ label, edges }: DrawnLine): string {
  if (!label) return '';
  const x = n(label.x + label.width / 2);
  const rows = edges.map((edge, index) => {
    const y = n(label.y + 3 + LABEL_LINE * (index + 0.75));
    return `<text x="${x}" y="${y}" data-edge="${escape(edge.id)}" data-to="${escape(edge.to ?? '')}">${escape(edgeLabel(edge))}</text>`;
  });
  const size = `x="${n(label.x)}" y="${n(label.y)}" width="${n(label.width)}" height="${n(label.height)}"`;
  return `<g class="label"><rect ${size} rx="4"/>${rows.join('')}</g>`;
}

function drawState(box: Box, state: ChartState | undefined): string {
  const { name, x, y, width, height } = box;
  const middle = n(x + width / 2);
  if (name === START) return `<circle class="dot" cx="${middle}" cy="${n(y + height / 2)}" r="6"/>`;
  const rect = (inset: number): string =>
    `<rect x="${n(x + inset)}" y="${n(y + inset)}" width="${n(width - 2 * inset)}" height="${n(height - 2 * inset)}" rx="8"/>`;
  if (name === ANY)
    return `<g class="state any">${rect(0)}<text x="${middle}" y="${n(y + 21)}">every state</text></g>`;
  const runs = (state?.invokes ?? []).map(
    (invoke, index) =>
      `<text class="runs" x="${middle}" y="${n(y + 40 + index * 16)}">runs ${escape(invoke)}</text>`,
  );
  const inner = state?.isFinal ? rect(4) : '';
  return `<g class="state" data-state="${escape(name)}">${rect(0)}${inner}<text x="${middle}" y="${n(y + 25)}">${escape(name)}</text>${runs.join('')}</g>`;
}

/** A laid-out statechart as one self-contained SVG, for light and dark surroundings. */
export function svgOf(chart: Chart, layout: Layout): string {
  const { width, height, lines } = layout;
  const states = new Map(chart.states.map((state) => [state.name, state]));
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Statechart of the ${chart.machine} machine">`,
    `<style>${STYLE}</style>`,
    `<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="head" d="M0 0L8 4L0 8z"/></marker></defs>`,
    `<rect class="paper" width="${width}" height="${height}" rx="10"/>`,
    ...lines.map(drawLine),
    ...layout.states.map((box) => drawState(box, states.get(box.name))),
    ...lines.map(drawLabel),
    '</svg>',
  ];
  return `${parts.filter((part) => part !== '').join('\n')}\n`;
}
