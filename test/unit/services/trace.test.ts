import { describe, expect, it } from "vitest";
import type { Movement } from "../../../src/domain/counter/movement.ts";
import { type CorrelationId, fromStore, type ShopDomain, type SkuId } from "../../../src/domain/ids.ts";
import type { StoredEntry } from "../../../src/domain/journal/entry.ts";
import type { PushTrace, PushTraceQuery } from "../../../src/domain/journal/push-trace.ts";
import type { LetterTrace } from "../../../src/domain/journal/timeline.ts";
import type { Counters, MovementsQuery } from "../../../src/services/counter-contract.ts";
import { type TraceDeps, traceOf } from "../../../src/services/trace.ts";

const CAUSE = fromStore<CorrelationId>("cause-1234");
const SHOP = fromStore<ShopDomain>("a.myshopify.com");
const CUP = fromStore<SkuId>("sku_cup");
const NOW_MS = 1_000_000;

const entry = (atMs: number, given: Partial<StoredEntry>): StoredEntry => ({
  ...{ key: `k${atMs}`, atMs, correlationId: CAUSE, step: "consumed", eventId: "event-1", topic: "orders/create" },
  ...{ shop: SHOP, outcome: "counted" },
  ...given,
});
const movement = (recordedAtMs: number, given: Partial<Movement> = {}) =>
  ({
    ...{ recordedAtMs, kind: "shopify", locationId: "11", delta: -2, before: 10, after: 8 },
    cause: { reason: "changed in Shopify, told by webhook", correlationId: CAUSE },
    ...given,
  }) as unknown as Movement;
const push = (name: string, submittedAtMs: number, given: Partial<PushTrace> = {}): PushTrace => ({
  ...{ pushKey: fromStore<never>(name), skuId: CUP, listingId: fromStore<never>("b.myshopify.com/1") },
  ...{ correlationId: CAUSE, kind: "adjust", rows: [{ location: fromStore<never>("22"), delta: -2 }], state: "done" },
  ...{ tries: 1, submittedAtMs, firstSentAtMs: submittedAtMs + 5, callKey: fromStore<never>(`call-${name}`) },
  ...{ attempts: null, lastCode: null, settledAtMs: submittedAtMs + 50, answer: { kind: "applied", shopifyAtMs: 1 } },
  ...given,
});

type World = {
  readonly entries?: readonly StoredEntry[];
  readonly movements?: readonly Movement[];
  readonly pushes?: (query: PushTraceQuery) => readonly PushTrace[];
  readonly letters?: readonly LetterTrace[];
  readonly limits?: Partial<TraceDeps["limits"]>;
};

function world({ entries = [], movements = [], pushes = () => [], letters = [], limits = {} }: World) {
  const asked: { readonly movements: MovementsQuery[]; readonly gates: PushTraceQuery[] } = {
    movements: [],
    gates: [],
  };
  const counters = {
    of: (skuId: SkuId) => ({
      levels: async () => ({ sku: skuId.replace("sku_", "").toUpperCase() }),
      movements: async (query: MovementsQuery) => {
        asked.movements.push(query);
        return { movements, nextBeforeSeq: null };
      },
    }),
  } as unknown as Counters;
  const deps: TraceDeps = {
    journal: { ofCorrelation: async () => entries },
    deadLetters: { list: async () => ({ letters: letters as never, nextCursor: null }) },
    counters,
    gateOf: () => ({
      pushTraces: async (query) => {
        asked.gates.push(query);
        return pushes(query);
      },
    }),
    shops: [SHOP],
    limits: {
      ...{ entriesMax: 10, skusMax: 5, movementsMax: 10, pushesMax: 10, lettersMax: 10, callMsMax: 1_000, callsMax: 5 },
      ...limits,
    },
    nowMs: () => NOW_MS,
  };
  return { deps, asked };
}

const shortly = (steps: Awaited<ReturnType<typeof traceOf>>["steps"]) =>
  steps.map(({ atMs, step, outcome }) => `${atMs} ${step} ${outcome}`);

describe("a trace", () => {
  it("is one timeline of journal, movements and the gate's calls, from receipt to Shopify's answer", async () => {
    const { deps, asked } = world({
      entries: [
        entry(100, { step: "received", outcome: "queued", ms: 4 }),
        entry(130, { skuIds: [CUP], ms: 30, mirrored: { outcome: "written", atMs: 133 } }),
        entry(160, { step: "submitted", outcome: "push", topic: "dirty", eventId: null, skuIds: [CUP] }),
      ],
      movements: [movement(125)],
      pushes: () => [push("p", 158)],
    });
    const trace = await traceOf(CAUSE, [], deps);
    expect(shortly(trace.steps)).toEqual([
      "100 received accepted",
      "104 queued queued",
      "125 movement shopify",
      "130 consumed counted",
      "133 mirrored written",
      "158 push.queued adjust",
      "160 submitted push",
      "163 push.sent sent",
      "208 push.answered applied",
    ]);
    expect(trace).toMatchObject({ skus: ["CUP"], cut: [], unreached: [] });
    expect(trace.steps[2]).toMatchObject({ skus: ["CUP"], delta: -2, detail: expect.stringContaining("10 → 8 at 11") });
    // Movements are looked for around the time of which the journal tells, not in all of a counter's history.
    expect(asked.movements).toMatchObject([
      { filter: { correlationId: CAUSE, fromMs: 100 - 60_000, toMs: 160 + 600_000 } },
    ]);
  });

  it("shows the push that carried its change though another cause asked for it, and names that", async () => {
    const other = fromStore<CorrelationId>("cause-5678");
    const { deps } = world({
      entries: [entry(130, { skuIds: [CUP] })],
      movements: [movement(125)],
      pushes: ({ skuIds, fromMs }) =>
        skuIds.includes(CUP) && fromMs === 125 ? [push("p", 128, { correlationId: other })] : [],
    });
    const { steps } = await traceOf(CAUSE, [], deps);
    expect(steps.filter(({ pushKey }) => pushKey === "p").map(({ cause }) => cause)).toEqual([other, other, other]);
  });

  it("tells a throttled push that waits as what it is, and one that failed with its code", async () => {
    const { deps } = world({
      pushes: () => [
        push("w", 100, { state: "queued", lastCode: "THROTTLED", settledAtMs: null, answer: null, tries: 2 }),
        push("f", 200, { state: "failed", answer: { kind: "failed", code: "INVALID_LOCATION" } }),
      ],
    });
    const { steps } = await traceOf(CAUSE, [], deps);
    expect(steps.map(({ step, outcome, code }) => [step, outcome, code])).toEqual([
      ["push.queued", "adjust", undefined],
      ["push.sent", "queued", "THROTTLED"],
      ["push.queued", "adjust", undefined],
      ["push.sent", "sent", undefined],
      ["push.answered", "failed", "INVALID_LOCATION"],
    ]);
  });

  it("has each death of a dead letter once, and its replay", async () => {
    const letter: LetterTrace = {
      ...{
        id: "dl_1",
        topic: "orders/create",
        shop: SHOP,
        eventId: "event-1",
        status: "replayed",
        subject: "variant 7",
      },
      errors: [{ code: "unknown_variant", message: "not in the catalogue", atMs: 140 }],
      trail: [
        { what: "replayed", atMs: 900, actor: "admin", detail: "job-1" },
        { what: "died", atMs: 140, actor: null, detail: "unknown_variant" },
      ],
    };
    const { deps } = world({ entries: [entry(141, { step: "buried", outcome: "stored" })], letters: [letter] });
    const { steps } = await traceOf(CAUSE, [], deps);
    expect(shortly(steps)).toEqual(["140 buried replayed", "900 replayed replayed"]);
    expect(steps[1]).toMatchObject({ detail: "by admin: job-1" });
    expect(steps[0]).toMatchObject({
      deadLetterId: "dl_1",
      code: "unknown_variant",
      detail: "not in the catalogue (variant 7)",
    });
  });

  it("names who could not be asked, says what is cut, and shows the rest", async () => {
    const many = ["a", "b", "c"].map((name) => fromStore<SkuId>(`sku_${name}`));
    const { deps } = world({ entries: [entry(130, { skuIds: many })], limits: { skusMax: 2 } });
    const broken: TraceDeps = {
      ...deps,
      gateOf: () => ({ pushTraces: () => Promise.reject(new Error("reset")) }),
      deadLetters: { list: () => Promise.reject(new Error("D1 is away")) },
    };
    const trace = await traceOf(CAUSE, [], broken);
    expect(shortly(trace.steps)).toEqual(["130 consumed counted"]);
    expect(trace.cut).toEqual(["SKUs: the first 2"]);
    expect(trace.unreached.map(({ part }) => part).toSorted()).toEqual(["dead letters", "gate of a.myshopify.com"]);
  });

  it("asks the counters that a caller names where the journal has forgotten, and is empty where nobody knows", async () => {
    const { deps, asked } = world({ movements: [movement(125)] });
    expect(shortly((await traceOf(CAUSE, [CUP], deps)).steps)).toEqual(["125 movement shopify"]);
    expect(asked.movements).toMatchObject([{ filter: { fromMs: 0 } }]);
    expect((await traceOf(CAUSE, [], world({}).deps)).steps).toEqual([]);
  });
});
