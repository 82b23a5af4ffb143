import fs from 'node:fs';
import { machines, type MachineName } from '../../machines/registry.ts';
import { chartOf } from '../../sinks/statecharts/chart.ts';
import { drawingFile } from '../../sinks/statecharts/drawings.ts';
import { mermaidOf } from '../../sinks/statecharts/mermaid.ts';
import type { Command, Invocation } from '../command.ts';
import { EXIT, UsageError } from '../exit.ts';

const formats = ['mermaid', 'svg'] as const;
type Format = (typeof formats)[number];

const drawings: { readonly [format in Format]: (machine: MachineName) => string } = {
  mermaid: (machine) => mermaidOf(chartOf(machines[machine])),
  svg: (machine) => fs.readFileSync(drawingFile(machine), 'utf8').trimEnd(),
};

const names = Object.keys(machines) as MachineName[];

function machineNamed(name: string): MachineName {
  const found = names.find((known) => known === name);
  if (found) return found;
  throw new UsageError(`There is no machine called "${name}": known are ${names.join(', ')}`);
}

function formatOf(name = 'mermaid'): Format {
  const found = formats.find((known) => known === name);
  if (found) return found;
  throw new UsageError(`--format must be ${formats.join(' or ')}, got "${name}"`);
}

function list({ flags, io }: Invocation): void {
  const known = names.map((machine) => {
    const { states, edges } = chartOf(machines[machine]);
    return { machine, states: states.length, transitions: edges.length };
  });
  if (flags.json) return io.result(JSON.stringify(known));
  for (const { machine, states, transitions } of known) {
    io.result(`${machine.padEnd(10)}${states} states, ${transitions} transitions`);
  }
}

export const draw: Command = {
  name: 'draw',
  usage: 'draw [MACHINE] [--format mermaid|svg]',
  summary: 'A machine’s statechart as a picture; without a name, the machines',
  details:
    'Mermaid is text that GitHub and many editors show as a diagram; svg is the drawing that the\n' +
    'documentation shows.\n\nExamples\n  npx call-agent draw\n  npx call-agent draw breaker\n' +
    '  npx call-agent draw call --format svg > call.svg',
  flags: ['format'],
  positionals: { least: 0, most: 1 },
  run(invocation) {
    const { flags, io, positionals } = invocation;
    const format = formatOf(flags.format);
    const [name] = positionals;
    if (name === undefined) {
      list(invocation);
      return Promise.resolve(EXIT.done);
    }
    const machine = machineNamed(name);
    const drawing = drawings[format](machine);
    io.result(flags.json ? JSON.stringify({ machine, format, drawing }) : drawing);
    return Promise.resolve(EXIT.done);
  },
};
