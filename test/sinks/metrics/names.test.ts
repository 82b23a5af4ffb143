import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { families, type Family } from '../../../sinks/metrics/families.ts';
import { exposition, goldenRecords, measured } from './golden.ts';

const read = (name: string): string =>
  fs.readFileSync(
    fileURLToPath(new URL(`../../../sinks/metrics/${name}`, import.meta.url)),
    'utf8',
  );

/** `a_metric` with the labels that are asked for: `state="open",from="closed"`. */
const used = (text: string): { name: string; labels: string[] }[] =>
  [...text.replaceAll('\\"', '"').matchAll(/(call_agent_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, name = '', selector = '']) => ({
      name,
      labels: [...selector.matchAll(/(\w+)[!=]~?"/g)].map(([, label = '']) => label),
    }),
  );

/** Every name on a line of the exposition, and the labels it has there. */
async function exposed(): Promise<Map<string, Set<string>>> {
  const text = await exposition(measured(goldenRecords('recovery')));
  const found = new Map<string, Set<string>>();
  for (const [, name = '', labels = ''] of text.matchAll(/^(call_agent_\w+)(?:\{(.*)\})? \S+$/gm)) {
    const known = found.get(name) ?? new Set();
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label);
    found.set(name, known);
  }
  return found;
}

test.for(['grafana-dashboard.json', 'prometheus-rules.yml'])(
  '%s asks only for metrics and labels that are exposed',
  async (file) => {
    const known = await exposed();
    const asked = used(read(file));
    expect(asked.length).toBeGreaterThan(10);
    for (const { name, labels } of asked) {
      expect([...known.keys()]).toContain(name);
      for (const label of labels) expect([name, ...(known.get(name) ?? [])]).toContain(label);
    }
  },
);

test('docs/metrics.md lists every metric that is exposed, with its labels', async () => {
  const doc = fs.readFileSync(
    fileURLToPath(new URL('../../../docs/metrics.md', import.meta.url)),
    'utf8',
  );
  const known = await exposed();
  for (const { name, type } of Object.values(families) as Family[]) {
    const row = doc.split('\n').find((line) => line.startsWith(`| \`${name}\``)) ?? '';
    expect([name, row]).toEqual([name, expect.stringContaining(`| ${type} `)]);
    const labels = known.get(name) ?? known.get(`${name}_count`) ?? new Set();
    for (const label of labels)
      expect([name, row]).toEqual([name, expect.stringContaining(`\`${label}\``)]);
  }
});

test('the dashboard is JSON, and its panels have ids of their own', () => {
  const { panels } = JSON.parse(read('grafana-dashboard.json')) as { panels: { id: number }[] };
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
});
