import { describe, expect, it } from "vitest";
import { fromStore } from "../../../src/domain/ids.ts";
import type { StoredEntry } from "../../../src/domain/journal/entry.ts";
import { pruneJournal } from "../../../src/services/prune-journal.ts";
import { d1Journal } from "../../../src/store/d1-journal.ts";
import { SqliteD1 } from "../../support/d1/sqlite-d1.ts";

const entry = (key: string, atMs: number, given: Partial<StoredEntry> = {}): StoredEntry => ({
  ...{ key, atMs, correlationId: fromStore<never>("cause-1"), step: "consumed", eventId: `event-${key}` },
  ...{ topic: "orders/create", shop: fromStore<never>("a.myshopify.com"), outcome: "counted" },
  ...given,
});
const keysOf = (entries: readonly StoredEntry[]): readonly string[] => entries.map(({ key }) => key);

describe("the event journal in D1", () => {
  it("gives back what was written, with one statement and one parameter for a whole batch", async () => {
    const d1 = new SqliteD1();
    const journal = d1Journal(d1.db, 100);
    const entries = [
      entry("a", 1, {
        skuIds: [fromStore("sku_1"), fromStore("sku_2")],
        ms: 12,
        code: "x",
        mirrored: { outcome: "written", atMs: 3 },
      }),
      entry("b", 2, { eventId: null, shop: null }),
      ...Array.from({ length: 200 }, (_, i) => entry(`c${i}`, 3 + i)),
    ];
    await journal.put(entries);
    expect(d1.asked).toHaveLength(1);
    expect(await journal.ofCorrelation("cause-1", 2)).toEqual(entries.slice(0, 2));
  });

  it("writes an entry once, however often it is sent", async () => {
    const journal = d1Journal(new SqliteD1().db, 100);
    await journal.put([entry("a", 1)]);
    await journal.put([entry("a", 1, { outcome: "dead" }), entry("b", 1)]);
    const kept = await journal.ofCorrelation("cause-1", 10);
    expect(kept.map(({ key, outcome }) => [key, outcome])).toEqual([
      ["a", "counted"],
      ["b", "counted"],
    ]);
  });

  it("is not kept from writing a batch by one entry that makes no sense", async () => {
    const journal = d1Journal(new SqliteD1().db, 100);
    await journal.put([entry("a", Number.NaN), entry("b", 1)]);
    expect(keysOf(await journal.ofCorrelation("cause-1", 10))).toEqual(["b"]);
  });

  it("lists the newest first by any filter, and pages", async () => {
    const journal = d1Journal(new SqliteD1().db, 100);
    await journal.put([
      entry("a", 1, { topic: "refunds/create" }),
      entry("b", 2, { outcome: "dead", shop: fromStore<never>("b.myshopify.com") }),
      entry("c", 3, { skuIds: [fromStore("sku_1"), fromStore("sku_2")] }),
      entry("d", 3, { correlationId: fromStore("cause-2"), step: "received" }),
    ]);
    const keys = async (filter: object) => keysOf((await journal.list({ limit: 10, ...filter })).entries);
    expect(await keys({})).toEqual(["d", "c", "b", "a"]);
    expect(await keys({ topic: "refunds/create" })).toEqual(["a"]);
    expect(await keys({ outcome: "dead", shop: "b.myshopify.com" })).toEqual(["b"]);
    expect(await keys({ skuId: "sku_2" })).toEqual(["c"]);
    expect(await keys({ step: "received" })).toEqual(["d"]);
    expect(await keys({ correlationId: "cause-1", fromMs: 2 })).toEqual(["c", "b"]);
    expect(await keys({ eventId: "event-b" })).toEqual(["b"]);
    expect(await keys({ fromMs: 1, toMs: 3 })).toEqual(["b", "a"]);
    const first = await journal.list({ limit: 3 });
    expect(first.nextCursor).toBe("2.b");
    expect(await journal.list({ limit: 3, cursor: "2.b" })).toMatchObject({
      entries: [{ key: "a" }],
      nextCursor: null,
    });
  });

  it("looks through so many entries for one page, and says where to go on", async () => {
    const journal = d1Journal(new SqliteD1().db, 4);
    await journal.put(Array.from({ length: 10 }, (_, i) => entry(`${i}`, i, i === 1 ? { outcome: "dead" } : {})));
    const found: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await journal.list({ limit: 5, outcome: "dead", cursor });
      found.push(...keysOf(page.entries));
      cursor = page.nextCursor ?? undefined;
      pages += 1;
    } while (cursor !== undefined && pages < 10);
    expect({ found, pages }).toEqual({ found: ["1"], pages: 3 });
  });

  it("forgets what is beyond so many entries, however young, so that a flash sale's week does not fill D1", async () => {
    const journal = d1Journal(new SqliteD1().db, 100);
    await journal.put(Array.from({ length: 6 }, (_, i) => entry(`${i}`, i)));
    const limits = { retentionMs: 100, keptMax: 4, rowsMax: 1, turnsMax: 9 };
    expect(await journal.beyond(6)).toBe(null);
    await pruneJournal(journal, 10, limits);
    expect(keysOf(await journal.ofCorrelation("cause-1", 10))).toEqual(["2", "3", "4", "5"]);
    await pruneJournal(journal, 10, limits);
    expect(keysOf(await journal.ofCorrelation("cause-1", 10))).toEqual(["2", "3", "4", "5"]);
  });

  it("forgets the oldest, so many at a time", async () => {
    const journal = d1Journal(new SqliteD1().db, 100);
    await journal.put(Array.from({ length: 5 }, (_, i) => entry(`${i}`, i)));
    expect(await journal.prune(3, 2)).toBe(2);
    expect(await journal.prune(3, 2)).toBe(1);
    expect(keysOf(await journal.ofCorrelation("cause-1", 10))).toEqual(["3", "4"]);
  });
});
