/** A quantile of observations that are only known by bucket, as Prometheus' histogram_quantile estimates it. */

/**
 * @param counts  one more than `buckets`: the last one is beyond all of them
 * @returns within its bucket by straight line; the largest bound where it lies beyond; null without observations
 */
export function quantileOf(buckets: readonly number[], counts: readonly number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total <= 0) return null;
  const rank = share * total;
  let below = 0;
  for (const [i, bound] of buckets.entries()) {
    const here = counts[i] ?? 0;
    if (below + here >= rank && here > 0) {
      const from = buckets[i - 1] ?? 0;
      return from + ((bound - from) * (rank - below)) / here;
    }
    below += here;
  }
  return buckets.at(-1) ?? null;
}
