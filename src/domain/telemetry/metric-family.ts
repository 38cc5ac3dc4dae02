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
