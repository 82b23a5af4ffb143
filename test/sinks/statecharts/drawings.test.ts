import fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { machines } from '../../../machines/registry.ts';
import { chartOf, edgeLabel } from '../../../sinks/statecharts/chart.ts';
import { drawingFile } from '../../../sinks/statecharts/drawings.ts';
import { layOut } from '../../../sinks/statecharts/layout.ts';
import { mermaidOf } from '../../../sinks/statecharts/mermaid.ts';
import { svgOf } from '../../../sinks/statecharts/svg.ts';
import { declaredStates, declaredTransitions } from '../../machines/declared.ts';

const all = Object.values(machines);

describe.for(all)('the drawing of $id', (machine) => {
  test('is not older than its machine: otherwise run "npm run draw"', async () => {
    const chart = chartOf(machine);
    const shipped = fs.readFileSync(drawingFile(machine.id), 'utf8');
    expect(svgOf(chart, await layOut(chart))).toBe(shipped);
  });

  test('shows every state and every transition once', () => {
    const chart = chartOf(machine);
    expect(chart.states.map(({ name }) => name).toSorted()).toEqual(declaredStates(machine));
    expect(chart.edges).toHaveLength(declaredTransitions(machine).length);
    const shipped = fs.readFileSync(drawingFile(machine.id), 'utf8');
    for (const { name } of chart.states) expect(shipped).toContain(`data-state="${name}"`);
    const drawn = [...shipped.matchAll(/data-edge="([^"]+)"/g)].map(([, id = '']) => id);
    const declared = chart.edges.map(({ id }) => id);
    expect(new Set(drawn)).toEqual(new Set(declared));
    expect(drawn).toHaveLength(declared.length);
  });

  test('is in the documentation', () => {
    const docs = fs.readFileSync(new URL('../../../docs/architecture.md', import.meta.url), 'utf8');
    expect(docs).toContain(`(../sinks/statecharts/drawings/${machine.id}.svg)`);
  });

  test('stands alone: it loads nothing and runs nothing', () => {
    const shipped = fs.readFileSync(drawingFile(machine.id), 'utf8');
    expect(shipped).not.toMatch(/<script|href=|url\((?!#head\))|@import/);
  });
});

describe('a statechart as text', () => {
  test('is a Mermaid state diagram', () => {
    const lamp = createMachine({
      id: 'lamp',
      initial: 'off',
      on: { unplug: '.gone' },
      states: { off: { on: { push: 'on' } }, on: { on: { push: 'off' } }, gone: { type: 'final' } },
    });
    expect(mermaidOf(chartOf(lamp))).toMatchInlineSnapshot(`
      "stateDiagram-v2
        [*] --> off
        state "every state" as any
        off --> on : push
        on --> off : push
        any --> gone : unplug
        gone --> [*]"
    `);
  });

  test('names the child whose end is an event', () => {
    const edge = { id: '', from: 'a', to: 'b', guard: 'succeeded' };
    const label = edgeLabel({ ...edge, event: 'xstate.done.actor.script' });
    expect(label).toBe('script ended [succeeded]');
    const death = edgeLabel({ ...edge, guard: null, event: 'xstate.error.actor.script' });
    expect(death).toBe('script died');
  });

  test('of a machine with nested states is refused, not drawn wrong', () => {
    const a = { initial: 'b', states: { b: {} } };
    const nested = createMachine({ id: 'n', initial: 'a', states: { a } });
    expect(() => chartOf(nested)).toThrow(RangeError);
  });
});
