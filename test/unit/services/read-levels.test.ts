import { describe, expect, it } from "vitest";
import { fromStore, type Sku, type SkuId } from "../../../src/domain/ids.ts";
import type { LevelsView } from "../../../src/domain/levels-view.ts";
import type { Catalogue, CatalogueFault } from "../../../src/services/catalogue.ts";
import type { Counters } from "../../../src/services/counter-contract.ts";
import type { Mirror, MirrorRead } from "../../../src/services/mirror.ts";
import { readLevels } from "../../../src/services/read-levels.ts";
import { levelsView } from "../../contract/mirror/levels-view-builder.ts";

const sku = (text: string) => fromStore<Sku>(text);

type Given = {
  readonly mirrored?: readonly string[] | "away" | "none";
  readonly fault?: CatalogueFault;
  readonly callsMax?: number;
};

/** The catalogue knows A … E; counter D is not connected, counter E throws. */
function world({ mirrored = [], fault = null, callsMax = 50 }: Given = {}) {
  const refilled: string[] = [];
  const called: string[] = [];
  const seen = { atOnceMax: 0 };
  let atOnce = 0;
  const read = async (): Promise<MirrorRead> => {
    if (mirrored === "away") return { kind: "unavailable", reason: "timeout" };
    if (mirrored === "none") return { kind: "disabled" };
    const hits = mirrored.map((name): [Sku, LevelsView] => [sku(name), levelsView({ sku: name, version: 7 })]);
    return { kind: "read", hits: new Map(hits) };
  };
  const catalogue = {
    skuIds: async (skus: readonly Sku[]) => {
      const known = fault === null ? skus.filter((one) => /^[A-E]/.test(one)) : [];
      return { skuIds: new Map(known.map((one) => [one, fromStore<SkuId>(one)])), fault };
    },
  } as unknown as Catalogue;
  const counters = {
    of: (skuId: SkuId) => ({
      levels: async () => {
        called.push(skuId);
        seen.atOnceMax = Math.max(seen.atOnceMax, ++atOnce);
        await Promise.resolve();
        atOnce -= 1;
        if (skuId === ("E" as string)) throw new Error("overloaded");
        return skuId === ("D" as string) ? null : levelsView({ sku: skuId, version: 8 });
      },
    }),
  } as unknown as Counters;
  const ask = async (...names: readonly string[]) => {
    const refill = (views: readonly LevelsView[]) => void refilled.push(...views.map((view) => view.sku));
    const mirror = { read } as unknown as Mirror;
    const answers = await readLevels(names.map(sku), { mirror, catalogue, counters, refill, callsMax });
    return names.map((name) => {
      const answer = answers.get(sku(name));
      return answer?.kind === "read" ? `${answer.source} v${answer.view.version}` : answer?.kind;
    });
  };
  return { ask, refilled, called, seen };
}

describe("readLevels", () => {
  it("answers from Redis what is there, and asks neither catalogue nor counter for it", async () => {
    const { ask, called, refilled } = world({ mirrored: ["A", "B"], fault: "catalogue: away" });
    expect(await ask("A", "B")).toEqual(["redis v7", "redis v7"]);
    expect([called, refilled]).toEqual([[], []]);
  });

  it("falls through to the counters for the rest, and refills with what they said", async () => {
    const { ask, called, refilled } = world({ mirrored: ["A"] });
    expect(await ask("A", "B", "C")).toEqual(["redis v7", "counter v8", "counter v8"]);
    expect([called, refilled]).toEqual([
      ["B", "C"],
      ["B", "C"],
    ]);
  });

  it.each(["away", "none"] as const)(
    "asks the counters for all, and refills nothing, when Redis is %s",
    async (mirrored) => {
      const { ask, refilled } = world({ mirrored });
      expect(await ask("A", "B")).toEqual(["counter v8", "counter v8"]);
      expect(refilled).toEqual([]);
    },
  );

  it("tells apart what is unknown, what is being imported and what cannot be read, each for itself", async () => {
    const { ask, called } = world();
    expect(await ask("A", "D", "E", "Z")).toEqual(["counter v8", "connecting", "unavailable", "unknown"]);
    expect(called).not.toContain("Z");
  });

  it("says of nothing that it is unknown while the catalogue is away", async () => {
    expect(await world({ mirrored: ["A"], fault: "catalogue: away" }).ask("A", "B")).toEqual([
      "redis v7",
      "unavailable",
    ]);
  });

  it("calls no more counters at once than it may", async () => {
    const { ask, seen, called } = world({ callsMax: 3 });
    await ask(...Array.from({ length: 20 }, (_, i) => `A${i}`));
    expect([called.length, seen.atOnceMax]).toEqual([20, 3]);
  });
});
