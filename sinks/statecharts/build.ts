/**
 * Draws every machine into `drawings/`, and the Mermaid diagrams into the docs: `npm run draw`.
 * What it makes is committed, so that nobody has to lay anything out to see it.
 */
import fs from 'node:fs';
import { machines } from '../../machines/registry.ts';
import { chartOf } from './chart.ts';
import { drawingFile } from './drawings.ts';
import { layOut } from './layout.ts';
import { svgOf } from './svg.ts';

for (const machine of Object.values(machines)) {
  const chart = chartOf(machine);
  fs.writeFileSync(drawingFile(machine.id), svgOf(chart, await layOut(chart)));
}
