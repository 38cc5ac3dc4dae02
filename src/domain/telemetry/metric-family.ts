/** A metric as it is read: by a scraper, and by the alerts. */
export type Labels = Readonly<Record<string, string>>;

export type Sample = { readonly value: number; readonly labels?: Labels };

/** `counts[i]` observations were at most `buckets[i]` and more than the bucket before; the last one is beyond all buckets. */
export type HistogramSample = {
  readonly labels?: Labels;
  readonly buckets: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
};

export type MetricFamily = { readonly name: string; readonly help: string } & (
  | { readonly type: "gauge" | "counter"; readonly samples: readonly Sample[] }
  | { readonly type: "histogram"; readonly samples: readonly HistogramSample[] }
);

/** One family per name, in the order of their first. Families of one name must be of one type: the catalogue sees to it. */
export function merged(families: readonly MetricFamily[]): readonly MetricFamily[] {
  const byName = new Map<string, MetricFamily>();
  for (const family of families) {
    const known = byName.get(family.name);
    if (known === undefined) byName.set(family.name, family);
    else if (known.type === "histogram" && family.type === "histogram")
      byName.set(family.name, { ...known, samples: [...known.samples, ...family.samples] });
    else if (known.type !== "histogram" && family.type !== "histogram")
      byName.set(family.name, { ...known, samples: [...known.samples, ...family.samples] });
  }
  return [...byName.values()];
}
