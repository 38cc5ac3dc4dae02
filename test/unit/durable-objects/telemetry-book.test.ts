/** What a Telemetry object stores, and when: the shipped SQL on real tables. */
import { describe, expect, it } from "vitest";
import { TELEMETRY_SCHEMA, TelemetryBook } from "../../../durable-objects/telemetry-book.ts";
import { LIMITS } from "../../../src/config.ts";
import { SqliteObjectStorage } from "../../support/sqlite/object-storage.ts";
import { RecordingDataset } from "../../support/telemetry/recording-dataset.ts";

const KEY = "onhand_webhook_accepted_total|topic=t";
let flushes = 1;
const accepted = (by: number) => ({
  id: `flush-${flushes++}`,
  atMs: 1_000,
  delta: { counters: [{ name: "onhand_webhook_accepted_total", labels: { topic: "t" }, by }], histograms: [] },
});

function object(storage = new SqliteObjectStorage(TELEMETRY_SCHEMA), dataset = new RecordingDataset()) {
  const warned: string[] = [];
  const due: (() => void)[] = [];
  const book = new TelemetryBook({
    storage,
    limits: { flushesMax: 256, seriesMax: 100 },
    writeEveryMs: 1_000,
    write: (points) => {
      for (const point of points) dataset.writeDataPoint(point);
    },
    log: (_, event) => warned.push(event),
    later: (_, work) => due.push(work),
  });
  return { book, storage, due, dataset, warned };
}
const valueIn = (book: TelemetryBook) => book.sums().counters[KEY]?.value ?? 0;

describe("a Telemetry object", () => {
  it("writes one row for all that comes within a second", () => {
    const { book, storage, due } = object();
    const before = storage.changes;
    for (let i = 0; i < 50; i += 1) book.add(accepted(1));
    expect([storage.changes - before, due.length]).toEqual([0, 1]);
    due[0]?.();
    expect(storage.changes - before).toBe(1);
    expect(valueIn(book)).toBe(50);
    expect(storage.changes - before).toBe(1);
  });

  it("never tells less than it told before, wherever its life ends", () => {
    const { book, storage } = object();
    book.add(accepted(5));
    expect(valueIn(book)).toBe(5); // nobody has waited for the write
    book.add(accepted(1)); // and this one is lost with the object's memory
    const next = object(storage);
    expect(valueIn(next.book)).toBe(5);
    next.book.add(accepted(2));
    expect(valueIn(next.book)).toBe(7);
  });

  it("knows a flush again after a restart, and counts it once", () => {
    const { book, storage, due } = object();
    const flush = accepted(3);
    book.add(flush);
    due[0]?.();
    const next = object(storage);
    next.book.add(flush);
    expect(valueIn(next.book)).toBe(3);
  });

  it("writes again for what comes after a write", () => {
    const { book, storage, due } = object();
    book.add(accepted(1));
    due[0]?.();
    book.add(accepted(1));
    expect(due).toHaveLength(2);
    due[1]?.();
    expect(valueIn(object(storage).book)).toBe(2);
  });

  it("writes a data point per series of a flush, and none when the flush comes again", () => {
    const { book, dataset } = object();
    const flush = accepted(3);
    book.add(flush);
    expect(dataset.next()).toMatchObject([{ indexes: ["onhand_webhook_accepted_total"], doubles: [3] }]);
    book.add(flush);
    expect(dataset.next()).toEqual([]);
  });

  it("takes a whole flush, which is one invocation, within what Analytics Engine allows of one", () => {
    const { book, dataset, warned } = object();
    const counters = Array.from({ length: LIMITS.telemetryFlushSeriesMax }, (_, i) => ({
      ...{ name: "onhand_webhook_refused_total", labels: { reason: `${i}` }, by: 1 },
    }));
    book.add({ id: "large", atMs: 1, delta: { counters, histograms: [] } });
    expect([dataset.next().length, warned]).toEqual([250, []]);
  });

  it("adds up though Analytics Engine throws", () => {
    const refusing = new RecordingDataset();
    refusing.writeDataPoint = () => {
      throw new Error("no access");
    };
    const { book, warned } = object(undefined, refusing);
    book.add(accepted(2));
    expect([valueIn(book), warned]).toEqual([2, ["metrics.not_written"]]);
  });
});
