import { families, type Family, type FamilyKey } from './families.ts';

export interface Labels {
  readonly [label: string]: string;
}

/** One line of an exposition. */
export interface Sample {
  readonly labels: { readonly [label: string]: string | number };
  readonly value: number;
  /** Of a histogram's parts: `…_bucket`, `…_sum`, `…_count`. */
  readonly metricName?: string;
}

interface Distribution {
  /** By bucket, not added up. */
  readonly counts: number[];
  sum: number;
  count: number;
}

type Saved = readonly {
  readonly key: FamilyKey;
  readonly values: readonly [string, number | Distribution][];
}[];

/** Counters, gauges and distributions by family and labels: plain numbers that a snapshot can hold. */
export class Tally {
  readonly #values = new Map<FamilyKey, Map<string, number | Distribution>>();

  add(key: FamilyKey, labels: Labels, by = 1): void {
    const values = this.#of(key);
    const id = JSON.stringify(labels);
    values.set(id, ((values.get(id) as number | undefined) ?? 0) + by);
  }

  /** Makes it known with nothing in it yet: what only comes to be with its first event has no growth. */
  begin(key: FamilyKey, labels: Labels): void {
    const values = this.#of(key);
    const id = JSON.stringify(labels);
    if (!values.has(id)) values.set(id, families[key].type === 'histogram' ? empty(key) : 0);
  }

  set(key: FamilyKey, labels: Labels, value: number): void {
    this.#of(key).set(JSON.stringify(labels), value);
  }

  observe(key: FamilyKey, labels: Labels, seconds: number): void {
    const { buckets = [] }: Family = families[key];
    const values = this.#of(key);
    const id = JSON.stringify(labels);
    const distribution = (values.get(id) as Distribution | undefined) ?? empty(key);
    const bucket = buckets.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) distribution.counts[bucket] = (distribution.counts[bucket] ?? 0) + 1;
    distribution.sum += seconds;
    distribution.count++;
    values.set(id, distribution);
  }

  /** What the exposition says of a family. */
  samples(key: FamilyKey): Sample[] {
    // Asking changes nothing: a restored one is to be what it was.
    return [...(this.#values.get(key) ?? [])].flatMap(([id, value]) => {
      const labels = JSON.parse(id) as Labels;
      return typeof value === 'number'
        ? [{ labels, value }]
        : samplesOf(families[key], labels, value);
    });
  }

  snapshot(): Saved {
    return [...this.#values].map(([key, values]) => ({
      key,
      values: [...values].map(([id, value]) => [id, copy(value)]),
    }));
  }

  restore(saved: unknown): void {
    for (const { key, values } of saved as Saved) {
      if (!(key in families)) continue;
      this.#values.set(key, new Map(values.map(([id, value]) => [id, copy(value)])));
    }
  }

  #of(key: FamilyKey): Map<string, number | Distribution> {
    const values = this.#values.get(key) ?? new Map<string, number | Distribution>();
    this.#values.set(key, values);
    return values;
  }
}

const empty = (key: FamilyKey): Distribution => {
  const { buckets = [] }: Family = families[key];
  return { counts: buckets.map(() => 0), sum: 0, count: 0 };
};

const copy = (value: number | Distribution): number | Distribution =>
  typeof value === 'number' ? value : { ...value, counts: [...value.counts] };

/** Prometheus wants each bucket to hold all below it, and one without a bound. */
function samplesOf(
  { name, buckets = [] }: Family,
  labels: Labels,
  { counts, sum, count }: Distribution,
): Sample[] {
  let below = 0;
  const metricName = `${name}_bucket`;
  const parts = buckets.map((le, index) => {
    below += counts[index] ?? 0;
    return { metricName, labels: { ...labels, le }, value: below };
  });
  return [
    ...parts,
    { metricName, labels: { ...labels, le: '+Inf' }, value: count },
    { metricName: `${name}_sum`, labels, value: Number(sum.toFixed(6)) },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
