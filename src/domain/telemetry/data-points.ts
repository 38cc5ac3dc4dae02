/**
 * A flush as data points of Workers Analytics Engine, one per series: the index is the metric's name, each label has a
 * column of its own, so that one SQL query fits every metric.
 * @see https://developers.cloudflare.com/analytics/analytics-engine/limits/
 */
import type { Labels } from "./metric-family.ts";
import type { TallyDelta } from "./tally.ts";

export type DataPoint = {
  readonly indexes: readonly [string];
  /** blob1: the metric. blob2 …: its labels, by POINT_LABELS; null where it has none of that name. */
  readonly blobs: readonly (string | null)[];
  /** double1: how often. double2: the sum of what was observed. double3 …: per bucket, the last beyond all bounds. */
  readonly doubles: readonly number[];
};

/** By column, from blob2 on. Stored points keep their columns: only ever append. */
export const POINT_LABELS = [
  ...["topic", "reason", "outcome", "queue", "code", "by", "shop", "kind"],
  ...["destination", "state", "operation", "alert"],
  ...["severity", "channel", "type"],
] as const;

/** 20 blobs of as many characters, each of up to 4 bytes, are within the 16 KB that a point may have. */
const BLOB_CHARACTERS_MAX = 200;

export function dataPointsOf({ counters, histograms }: TallyDelta): readonly DataPoint[] {
  return [
    ...counters.map(({ name, labels, by }) => pointOf(name, labels, [by])),
    ...histograms.map(({ name, labels, counts, sum }) =>
      pointOf(name, labels, [counts.reduce((total, count) => total + count, 0), sum, ...counts]),
    ),
  ];
}

const pointOf = (name: string, labels: Labels, doubles: readonly number[]): DataPoint => ({
  indexes: [name],
  blobs: [name, ...POINT_LABELS.map((label) => labels[label]?.slice(0, BLOB_CHARACTERS_MAX) ?? null)],
  doubles,
});
