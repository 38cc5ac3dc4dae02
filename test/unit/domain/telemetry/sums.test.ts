import { describe, expect, it } from "vitest";
import { recordedFamilies } from "../../../../src/domain/telemetry/recorded-families.ts";
import { type Book, EMPTY_BOOK, withFlush } from "../../../../src/domain/telemetry/sums.ts";
import { newTally, type Tally } from "../../../../src/domain/telemetry/tally.ts";

const LIMITS = { flushesMax: 3, seriesMax: 4 };

let flushes = 1;
const flushOf = (fill: (tally: Tally) => void, atMs = 1_000) => {
  const tally = newTally();
  fill(tally);
  return { id: `flush-${flushes++}`, atMs, delta: tally.take(1_000) };
};
const accepted = (topic: string, by: number, atMs?: number) =>
  flushOf((tally) => tally.count("onhand_webhook_accepted_total", { topic }, by), atMs);
const lag = (...seconds: readonly number[]) =>
  flushOf((tally) => {
    for (const each of seconds) tally.observe("onhand_event_to_counted_seconds", { topic: "t" }, each);
  });
const bookOf = (...told: readonly ReturnType<typeof flushOf>[]): Book =>
  told.reduce((book, flush) => withFlush(book, flush, LIMITS), EMPTY_BOOK);
const samplesOf = (name: string, ...books: readonly Book[]) =>
  recordedFamilies(books).find((family) => family.name === name)?.samples;

describe("sums of flushes", () => {
  it("count a flush once, though its reply was lost and it comes again", () => {
    const [first, second] = [accepted("a", 2), accepted("a", 3)];
    expect(samplesOf("onhand_webhook_accepted_total", bookOf(first, second, first))).toEqual([
      { labels: { topic: "a" }, value: 5 },
    ]);
  });

  it("remember the newest flushes alone: the book does not grow with time", () => {
    const book = bookOf(...Array.from({ length: 10 }, () => accepted("a", 1)));
    expect(book.flushes).toHaveLength(3);
    expect(samplesOf("onhand_webhook_accepted_total", book)).toEqual([{ labels: { topic: "a" }, value: 10 }]);
  });

  it("take no more series than the book has room for, and go on adding to those it has", () => {
    const book = bookOf(...["a", "b", "c", "d", "e", "a"].map((topic) => accepted(topic, 1)));
    expect(samplesOf("onhand_webhook_accepted_total", book)).toEqual(
      [2, 1, 1, 1].map((value, i) => ({ labels: { topic: "abcd"[i] }, value })),
    );
  });

  it("of all shards are one number per series, buckets included", () => {
    const [one, other] = [bookOf(lag(0.004, 2)), bookOf(lag(0.004, 1_000))];
    const [sample] = samplesOf("onhand_event_to_counted_seconds", one, other) ?? [];
    expect(sample).toMatchObject({ labels: { topic: "t" }, counts: [2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1] });
    expect(sample).toHaveProperty("sum", 1_002.008);
  });

  it("begin anew where a deploy changed a histogram's bounds, and are left out until they have", () => {
    const told = lag(0.1);
    const [histogram] = told.delta.histograms;
    if (histogram === undefined) throw new Error("nothing was observed");
    const old = {
      ...told,
      id: "old",
      delta: { counters: [], histograms: [{ ...histogram, buckets: [1], counts: [7, 0] }] },
    };
    expect(samplesOf("onhand_event_to_counted_seconds", bookOf(old))).toEqual([]);
    expect(samplesOf("onhand_event_to_counted_seconds", bookOf(old, told))).toMatchObject([{ sum: 0.1 }]);
  });

  it("tell when each topic's newest webhook was accepted, whichever shard heard of it, and late repeats set no clock back", () => {
    const one = bookOf(accepted("a", 1, 9_000), accepted("a", 1, 5_000));
    const other = bookOf(accepted("a", 1, 7_500), accepted("b", 1, 2_000));
    expect(samplesOf("onhand_webhook_last_accepted_timestamp_seconds", one, other)).toEqual([
      { labels: { topic: "a" }, value: 9 },
      { labels: { topic: "b" }, value: 2 },
    ]);
  });

  it("hold a counter without labels from the start, so that its first rise is seen as one", () => {
    expect(samplesOf("onhand_sku_oversold_total", EMPTY_BOOK)).toEqual([{ labels: {}, value: 0 }]);
  });
});
