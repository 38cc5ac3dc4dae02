/** A channel's default rules reach every counter: a round at a time, from where the last one stopped, each counter once. */
import { beforeEach, describe, expect, it } from "vitest";
import type { CounterEvent } from "../../../src/domain/counter/counter-event.ts";
import { type ChannelId, type CorrelationId, fromStore, type SkuId } from "../../../src/domain/ids.ts";
import { DEFAULT_RULES } from "../../../src/domain/policy/sku-policy.ts";
import {
  type ChannelRulesStore,
  changeChannelRules,
  readChannelRules,
  rulesAsWords,
} from "../../../src/services/channel-rules.ts";
import type { Counter } from "../../../src/services/counter-contract.ts";
import { type SpreadDeps, spreadWords } from "../../../src/services/words.ts";
import { d1ChannelRules } from "../../../src/store/d1-channel-rules.ts";
import { d1Words } from "../../../src/store/d1-words.ts";
import { SqliteD1 } from "../../support/d1/sqlite-d1.ts";

const [MARKET, SHOP] = [fromStore<ChannelId>("market"), fromStore<ChannelId>("a.myshopify.com")];
const correlationId = fromStore<CorrelationId>("c");
const capped = { ...DEFAULT_RULES, cap: 3 };

let d1: SqliteD1;
let told: Map<string, CounterEvent[][]>;
let state: Map<string, "away" | "not_connected">;
let nowMs: number;
beforeEach(() => {
  d1 = new SqliteD1();
  told = new Map();
  state = new Map();
  nowMs = 1_000_000;
});

function list(name: string, status = "active"): void {
  const skuId = status === "active" ? name : null;
  d1.database.prepare("INSERT INTO skus (sku_id, sku, created_at_ms) VALUES (?, ?, 0)").run(name, name);
  d1.database
    .prepare(
      "INSERT INTO listings (shop, variant_id, inventory_item_id, sku_id, sku_text, status, title, imported_at_ms) VALUES ('a.myshopify.com', ?, ?, ?, ?, ?, 'title', 0)",
    )
    .run(name, name, skuId, name, status);
}

const deps = (roundMax = 100): SpreadDeps & { readonly store: ChannelRulesStore } => ({
  store: d1ChannelRules(d1.db),
  words: d1Words(d1.db),
  sources: [rulesAsWords(d1ChannelRules(d1.db))],
  counters: {
    of: (skuId: SkuId) =>
      ({
        apply: async (events: readonly CounterEvent[]) => {
          if (state.get(skuId) === "away") throw new Error("counter is away");
          if (state.get(skuId) === "not_connected") return { kind: "not_connected" };
          told.set(skuId, [...(told.get(skuId) ?? []), [...events]]);
          return { kind: "applied", outcomes: [], view: {} };
        },
      }) as unknown as Counter,
  },
  callsMax: 10,
  roundMax,
});
const round = (roundMax?: number) => spreadWords(deps(roundMax), correlationId, nowMs);

describe("default rules of a channel", () => {
  it("are told to the first counters at once, to the others round by round, and say how far they are", async () => {
    for (const name of ["a", "b", "c", "d", "e"]) list(name);
    const changed = await changeChannelRules(MARKET, capped, deps(2), nowMs);
    expect(changed).toMatchObject({
      channel: MARKET,
      rules: capped,
      revision: 1,
      progress: { learnt: 2, counters: 5 },
    });
    await round(2);
    expect((await readChannelRules(MARKET, deps().store, deps().words)).progress).toEqual({ learnt: 4, counters: 5 });
    expect(await round(2)).toEqual({ told: 1, notConnected: 0, failed: [] });
    expect(await round(2)).toEqual({ told: 0, notConnected: 0, failed: [] });
    expect([...told.keys()].sort()).toEqual(["a", "b", "c", "d", "e"]);
    expect([...told.values()].every((calls) => calls.length === 1)).toBe(true);
    expect(told.get("a")?.[0]).toMatchObject([
      { kind: "channel_default", channel: MARKET, rules: capped, revision: 1 },
    ]);
  });

  it("of several channels go in one call, and a counter that knew some learns all of them anew", async () => {
    list("a");
    await changeChannelRules(MARKET, capped, deps(), nowMs);
    await changeChannelRules(SHOP, { ...capped, cap: 9 }, deps(), nowMs);
    expect(
      told
        .get("a")
        ?.at(-1)
        ?.map((event) => (event.kind === "channel_default" ? event.revision : 0)),
    ).toEqual([1, 2]);
  });

  it("that are taken back are told as none, under a newer revision", async () => {
    list("a");
    await changeChannelRules(MARKET, capped, deps(), nowMs);
    const gone = await changeChannelRules(MARKET, null, deps(), nowMs);
    expect(gone).toMatchObject({ rules: null, revision: 2, progress: { learnt: 1, counters: 1 } });
    expect(told.get("a")?.at(-1)).toMatchObject([{ rules: null, revision: 2 }]);
    expect(await readChannelRules(MARKET, deps().store, deps().words)).toMatchObject({ rules: null, revision: 2 });
  });

  it("reach a counter that is connected later, and are not held up by those that cannot be told", async () => {
    for (const name of ["a", "b"]) list(name);
    state.set("a", "away");
    state.set("b", "not_connected");
    await changeChannelRules(MARKET, capped, deps(2), nowMs);
    list("c");
    // A minute has not passed: the two wait, and the newcomer is told.
    expect(await round(2)).toEqual({ told: 1, notConnected: 0, failed: [] });
    nowMs += 60_000;
    expect(await round(2)).toEqual({ told: 0, notConnected: 1, failed: ["a: Error: counter is away"] });
    state.clear();
    nowMs += 60_000;
    expect(await round(2)).toEqual({ told: 2, notConnected: 0, failed: [] });
  });

  it("concern counters in use alone, and a catalogue without rules asks nobody", async () => {
    list("a");
    list("b", "duplicate_sku");
    expect(await round()).toEqual({ told: 0, notConnected: 0, failed: [] });
    expect(await readChannelRules(MARKET, deps().store, deps().words)).toMatchObject({
      rules: null,
      revision: 0,
      updatedAtMs: null,
    });
    await changeChannelRules(MARKET, capped, deps(), nowMs);
    expect([...told.keys()]).toEqual(["a"]);
  });
});
