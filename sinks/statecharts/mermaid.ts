import { edgeLabel, type Chart } from './chart.ts';

const ANY = 'any';

/** A statechart as a Mermaid state diagram, which GitHub and others show as a picture. */
export function mermaidOf({ initial, states, edges }: Chart): string {
  const lines = [`[*] --> ${initial}`];
  if (edges.some(({ from }) => from === null)) lines.push(`state "every state" as ${ANY}`);
  for (const edge of edges) {
    const from = edge.from ?? ANY;
    lines.push(`${from} --> ${edge.to ?? from} : ${edgeLabel(edge)}`);
  }
  for (const { name, isFinal } of states) if (isFinal) lines.push(`${name} --> [*]`);
  return ['stateDiagram-v2', ...lines.map((line) => `  ${line}`)].join('\n');
}
