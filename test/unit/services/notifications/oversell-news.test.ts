import { beforeEach, describe, expect, it } from "vitest";
import { fromStore, type Sku, type SkuId } from "../../../../src/domain/ids.ts";
import {
  checkOversell,
  type OversellNewsDeps,
  tellOversell,
} from "../../../../src/services/notifications/oversell-news.ts";
import type { OversellNews } from "../../../../src/services/oversells.ts";
import { d1Oversells } from "../../../../src/store/d1-oversells.ts";
import { SqliteD1 } from "../../../support/d1/sqlite-d1.ts";

let d1: SqliteD1;
let told: { readonly id: string; readonly severity: string }[];
let later: string[];
beforeEach(() => {
  d1 = new SqliteD1();
  told = [];
  later = [];
});

const deps = (): OversellNewsDeps => ({
  oversells: d1Oversells(d1.db),
  notifier: {
    publish: async (news) => {
      for (const { id, severity } of news) if (!told.some((known) => known.id === id)) told.push({ id, severity });
    },
  },
  isTold: async (id) => told.some((known) => known.id === id),
  checkLater: async (id) => void later.push(id),
});
const news = (version: number, units: number, certain?: number): OversellNews & { id: string; certain?: number } => ({
  ...{ id: "os_1", skuId: fromStore<SkuId>("sku_1"), sku: fromStore<Sku>("CUP"), since: 4, version, units, peak: 2 },
  ...{ sinceMs: 1, atMs: version, sales: [], unexplained: units, correlationId: fromStore("cause") },
  ...(certain === undefined ? {} : { certain }),
});
async function happens(given: ReturnType<typeof news>): Promise<void> {
  await d1Oversells(d1.db).put([given]);
  await tellOversell(given, deps());
}

describe("an oversell", () => {
  it("that is certain is told at once, and so is its end", async () => {
    await happens(news(5, 2, 2));
    await happens(news(6, 0));
    expect(told).toEqual([
      { id: "oversold/os_1", severity: "critical" },
      { id: "oversold/os_1/over", severity: "info" },
    ]);
    expect(later).toEqual([]);
  });

  it("that is only announced is told if it still holds some seconds later", async () => {
    await happens(news(5, 2, 0));
    expect([told, later]).toEqual([[], ["os_1"]]);
    await checkOversell("os_1", deps());
    expect(told.map(({ id }) => id)).toEqual(["oversold/os_1"]);
  });

  it("that a read resolves meanwhile is no news, and neither is its end", async () => {
    await happens(news(5, 2, 0));
    await happens(news(6, 0, 0));
    await checkOversell("os_1", deps());
    await checkOversell("os_none", deps());
    expect(told).toEqual([]);
  });

  it("that ends while its beginning is told has its end told, too", async () => {
    await happens(news(5, 2, 0));
    const given = deps();
    const publish: OversellNewsDeps["notifier"]["publish"] = async (all) => {
      await given.notifier.publish(all);
      if (told.length === 1) await happens(news(6, 0, 0));
    };
    await checkOversell("os_1", { ...given, notifier: { publish } });
    expect(told.map(({ id }) => id)).toEqual(["oversold/os_1", "oversold/os_1/over"]);
  });
});
