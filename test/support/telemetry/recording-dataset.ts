/**
 * A dataset of Analytics Engine that keeps what is written to it, and refuses what the platform would refuse.
 * @see https://developers.cloudflare.com/analytics/analytics-engine/limits/
 */
export type RecordedPoint = {
  readonly indexes: readonly string[];
  readonly blobs: readonly (string | null)[];
  readonly doubles: readonly number[];
};

const POINTS_PER_INVOCATION = 250;
const COLUMNS = 20;
const INDEX_BYTES = 96;
const BLOBS_BYTES = 16 * 1_024;

const bytesOf = (text: string | null): number => new TextEncoder().encode(text ?? "").byteLength;

export class RecordingDataset {
  /** Of the invocation that goes on. */
  points: RecordedPoint[] = [];

  writeDataPoint({ indexes = [], blobs = [], doubles = [] }: Partial<RecordedPoint> = {}): void {
    const problems = [
      this.points.length >= POINTS_PER_INVOCATION && "more than 250 points in one invocation",
      indexes.length !== 1 && "not one index",
      indexes.some((index) => bytesOf(index) > INDEX_BYTES) && "an index above 96 bytes",
      blobs.length > COLUMNS && "more than 20 blobs",
      blobs.reduce((sum, blob) => sum + bytesOf(blob), 0) > BLOBS_BYTES && "blobs above 16 KB",
      doubles.length > COLUMNS && "more than 20 doubles",
      doubles.some((double) => !Number.isFinite(double)) && "a double that is no number",
    ].filter((problem) => problem !== false);
    if (problems.length > 0) throw new Error(`Analytics Engine: ${problems.join(", ")}`);
    this.points.push({ indexes, blobs, doubles });
  }

  /** The next invocation starts. @returns what the last one wrote */
  next(): readonly RecordedPoint[] {
    const { points } = this;
    this.points = [];
    return points;
  }
}
