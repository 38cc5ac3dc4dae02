import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromStore } from "../../../src/domain/ids.ts";
import type { OversellNews } from "../../../src/services/oversells.ts";
import { d1Oversells } from "../../../src/store/d1-oversells.ts";
import { SqliteD1 } from "../../support/d1/sqlite-d1.ts";

const news = (id: string, version: number, units: number, given: Partial<OversellNews> = {}) => ({
  ...{ id, skuId: fromStore<never>("sku_1"), sku: fromStore<never>("CUP"), since: 1, version, units, peak: 5 },
  ...{ sinceMs: 100, atMs: 100 + version, sales: [], unexplained: units, correlationId: fromStore<never>("c") },
  ...given,
});

describe("oversells in D1", () => {
  it("end at the newest report, in whatever order and however often reports come", async () => {
    const reports = [news("os_a", 1, 2), news("os_a", 2, 5), news("os_a", 3, 1), news("os_a", 4, 0)];
    const order = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(order, async (indexes) => {
        const store = d1Oversells(new SqliteD1().db);
        for (const i of indexes) await store.put(reports.slice(i, i + 1));
        const newest = reports[Math.max(...indexes)];
        expect(await store.get("os_a")).toMatchObject({
          units: newest?.units,
          resolvedAtMs: newest?.units === 0 ? newest.atMs : null,
        });
      }),
      { numRuns: 30 },
    );
  });

  it("say of each report whether it was news", async () => {
    const store = d1Oversells(new SqliteD1().db);
    expect(await store.put([news("os_a", 2, 5), news("os_a", 1, 2), news("os_a", 2, 5), news("os_a", 3, 0)])).toEqual([
      ...[true, false, false, true],
    ]);
  });

  it("are listed newest first, by status and SKU, and paged", async () => {
    const store = d1Oversells(new SqliteD1().db);
    const other = { sku: fromStore<never>("LID") };
    await store.put([
      news("os_a", 1, 1, { sinceMs: 1 }),
      news("os_b", 2, 0, { sinceMs: 2 }),
      news("os_c", 3, 1, { sinceMs: 3, ...other }),
      news("os_d", 4, 1, { sinceMs: 3 }),
    ]);
    const ids = async (filter: object) => (await store.list({ limit: 10, ...filter })).oversells.map(({ id }) => id);
    expect(await ids({})).toEqual(["os_d", "os_c", "os_b", "os_a"]);
    expect(await ids({ status: "open" })).toEqual(["os_d", "os_c", "os_a"]);
    expect(await ids({ status: "resolved" })).toEqual(["os_b"]);
    expect(await ids({ sku: "LID" })).toEqual(["os_c"]);
    const first = await store.list({ limit: 3 });
    expect(first.nextCursor).toBe("2.os_b");
    expect(await ids({ cursor: first.nextCursor })).toEqual(["os_a"]);
  });

  it("are counted for metrics: open ones, units missing now, units ever missing", async () => {
    const store = d1Oversells(new SqliteD1().db);
    expect(await store.counts()).toEqual({ open: 0, units: 0, unitsEver: 0 });
    await store.put([news("os_a", 1, 3), news("os_b", 1, 0), news("os_c", 1, 2)]);
    expect(await store.counts()).toEqual({ open: 2, units: 5, unitsEver: 15 });
  });
});
