/** Runs against Shopify's simulator: what it is told by nobody, a run finds, names and heals by reading. */
import { afterEach, describe, expect, it } from "vitest";
import {
  type ChannelId,
  type CorrelationId,
  type FindingId,
  fromStore,
  type ReconciliationId,
  type Sku,
} from "../../../src/domain/ids.ts";
import { DEFAULT_RULES } from "../../../src/domain/policy/sku-policy.ts";
import { mismatchRate } from "../../../src/domain/reconcile/run.ts";
import { overwriteFinding } from "../../../src/services/reconcile/overwrite-finding.ts";
import type { BulkView, ShopView } from "../../../src/services/reconcile/reconcile-deps.ts";
import { ReconcileWorld, SHOP } from "../../support/reconcile/reconcile-world.ts";

let world: ReconcileWorld;
afterEach(() => world.close());

const skuAt = (i: number): string => world.simulator.store.items[i]?.sku ?? "";
const placeAt = (i: number): string => world.simulator.store.locations[i]?.id ?? "";
const atShopify = (sku: string, place: string): number | undefined => world.simulator.level({ sku }, place)?.available;
const ours = async (sku: string, place: string): Promise<number | undefined> =>
  (await world.levels(sku)).locations.find(({ locationId }) => locationId === place)?.available;

async function everythingAgrees(): Promise<void> {
  for (const level of world.simulator.levels()) {
    if (level.sku === null) continue;
    expect([level.sku, level.locationId, await ours(level.sku, level.locationId)]).toEqual([
      ...[level.sku, level.locationId, level.available],
    ]);
  }
}

const overwrite = (runId: ReconciliationId, finding: FindingId) =>
  overwriteFinding(
    { runId, findingId: finding, reason: "counted wrongly", actor: "admin", correlationId: fromStore("overwrite") },
    world.deps,
    () => {},
  );

describe("a full run", () => {
  it("finds nothing in a quiet shop, and reads no level that agrees", async () => {
    world = await ReconcileWorld.start({ skus: 60, locations: 2 });
    const { run, findings } = await world.run({ kind: "all" });
    expect(run).toMatchObject({ status: "done", counts: { mismatches: 0, suspects: 0, reads: 0 } });
    expect(run.counts.levels).toBe(world.simulator.levels().length);
    expect(mismatchRate(run.counts)).toBe(0);
    expect(findings).toEqual([]);
    expect(world.asked).not.toContain("OnhandLevels");
  });

  it("finds an order and an edit whose webhooks were lost, names them, and heals them by reading", async () => {
    world = await ReconcileWorld.start({ skus: 60, locations: 2 });
    const [ordered, edited] = [skuAt(3), skuAt(40)];
    const created = world.simulator.createOrder({ lines: [{ sku: ordered, quantity: 2 }] });
    expect(created.kind).toBe("created");
    world.simulator.editLevel({ sku: edited }, placeAt(1), { delta: 7 });
    await world.pass(600_000);
    const { run, findings } = await world.run({ kind: "all" });
    expect(run).toMatchObject({ status: "done", counts: { mismatches: 1, healed: 1, ordersSent: 1 } });
    // The order was told by its own words, so its level was no news any more.
    expect(world.sent.map(({ event }) => event.lines.map(({ sku, quantity }) => [sku, quantity]))).toEqual([
      [[ordered, 2]],
    ]);
    expect(findings).toMatchObject([
      { cause: "missed_webhook", remedy: "read", difference: 7, byShopify: 7, isHealed: true, level: { sku: edited } },
    ]);
    await everythingAgrees();
  });

  it("reads its result in parts, and goes on where a driver that died stood, counting nothing twice", async () => {
    world = await ReconcileWorld.start({ skus: 300, locations: 2 });
    const moved = [skuAt(5), skuAt(150), skuAt(299)];
    for (const sku of moved) world.simulator.editLevel({ sku }, placeAt(0), { delta: 3 });
    await world.pass(600_000);
    let steps = 0;
    world.dies = () => {
      steps += 1;
      return steps % 3 === 0;
    };
    const { run, findings } = await world.run({ kind: "all" });
    expect(run.status).toBe("done");
    expect(run.counts.listings).toBe(world.simulator.store.items.length);
    expect(run.counts.levels).toBe(world.simulator.levels().length);
    expect(run.counts.mismatches).toBe(3);
    expect(findings.map(({ level }) => level?.sku).sort()).toEqual([...moved].sort());
    expect(steps).toBeGreaterThan(300 / 25);
    await everythingAgrees();
  });

  it("is read page by page where Shopify refuses the bulk query", async () => {
    world = await ReconcileWorld.start({ skus: 45, locations: 2 });
    world.simulator.editLevel({ sku: skuAt(30) }, placeAt(0), { delta: -1 });
    await world.pass(600_000);
    const view = world.deps.shopOf(SHOP);
    const deps = {
      ...world.deps,
      shopOf: () => ({
        ...view,
        bulk: {
          ...bulkOf(view),
          startBulk: async () => ({ kind: "refused", code: "ACCESS_DENIED", message: "no" }) as const,
        },
      }),
    };
    const { run, findings } = await world.run({ kind: "all" }, { deps });
    expect(run.notes).toEqual(expect.arrayContaining([expect.stringContaining("ACCESS_DENIED")]));
    expect(run.counts.levels).toBe(world.simulator.levels().length);
    expect(findings).toMatchObject([{ cause: "missed_webhook", isHealed: true }]);
    await everythingAgrees();
  });
});

it("reads page by page, and counts each level once, when the result of the bulk query breaks off for good", async () => {
  world = await ReconcileWorld.start({ skus: 60, locations: 2 });
  world.simulator.editLevel({ sku: skuAt(50) }, placeAt(0), { delta: 2 });
  await world.pass(600_000);
  const view = world.deps.shopOf(SHOP);
  const bulk = bulkOf(view);
  const bulkRows: BulkView["bulkRows"] = async (url, offset, rowsMax) => {
    if (offset > 0) throw new Error("HTTP 403");
    return bulk.bulkRows(url, offset, rowsMax);
  };
  const { run, findings } = await world.run(
    { kind: "all" },
    { deps: { ...world.deps, shopOf: () => ({ ...view, bulk: { ...bulk, bulkRows } }) } },
  );
  expect(run).toMatchObject({ status: "done", notes: expect.arrayContaining([expect.stringContaining("HTTP 403")]) });
  expect(run.counts.levels).toBe(world.simulator.levels().length);
  expect(findings).toMatchObject([{ cause: "missed_webhook", difference: 2 }]);
});

function bulkOf({ bulk }: ShopView): BulkView {
  if (bulk === null) throw new Error("Shopify answers bulk queries");
  return bulk;
}

describe("a dry run", () => {
  it("changes nothing anywhere, and says what it would", async () => {
    world = await ReconcileWorld.start({ skus: 20, locations: 2 });
    const sku = skuAt(4);
    world.simulator.createOrder({ lines: [{ sku: skuAt(2), quantity: 1 }] });
    world.simulator.editLevel({ sku }, placeAt(0), { delta: 5 });
    await world.pass(600_000);
    const before = await Promise.all([world.levels(sku), world.levels(skuAt(2))]);
    const changes = world.simulator.changes().length;
    const { run, findings } = await world.run({ kind: "all" }, { isDry: true });
    expect(run.counts).toMatchObject({ mismatches: 2, reads: 2, ordersRead: 1, ordersSent: 0, healed: 0 });
    expect(findings.map(({ cause, remedy, isHealed }) => [cause, remedy, isHealed])).toEqual([
      ["missed_webhook", "read", false],
      ["missed_webhook", "read", false],
    ]);
    expect((await Promise.all([world.levels(sku), world.levels(skuAt(2))])).map(({ version }) => version)).toEqual(
      before.map(({ version }) => version),
    );
    expect(world.simulator.changes()).toHaveLength(changes);
    expect(world.sent).toEqual([]);
  });
});

describe("a run of changes", () => {
  it("looks at nothing but what Shopify changed since the last one", async () => {
    world = await ReconcileWorld.start({ skus: 60, locations: 3 });
    world.simulator.editLevel({ sku: skuAt(8) }, placeAt(2), { delta: 2 });
    await world.pass(120_000);
    const { run, findings } = await world.run({ kind: "changed" });
    expect(run.counts).toMatchObject({ levels: 1, mismatches: 1, healed: 1 });
    expect(findings).toMatchObject([{ cause: "missed_webhook", difference: 2 }]);
    world.asked.length = 0;
    await world.pass(1_200_000);
    const next = await world.run({ kind: "changed" });
    expect(next.run.counts).toMatchObject({ levels: 0, mismatches: 0 });
    expect(world.asked).not.toContain("OnhandLevels");
  });

  it("waits for the news of a change that is younger than its webhook, and reads it when none came", async () => {
    world = await ReconcileWorld.start({ skus: 10, locations: 1 });
    world.simulator.editLevel({ sku: skuAt(1) }, placeAt(0), { delta: -2 });
    const { findings } = await world.run({ kind: "changed" });
    expect(findings).toMatchObject([{ cause: "missed_webhook", difference: -2, isHealed: true }]);
    await everythingAgrees();
  });

  it("finds what a catch holds back, though nothing changed at Shopify, and asks for no read of it", async () => {
    world = await ReconcileWorld.start({ skus: 10, locations: 1 });
    world.isHeld = true;
    await world.till(skuAt(6), -3, placeAt(0));
    await world.pass(120_000);
    const { run, findings } = await world.run({ kind: "changed" });
    expect(findings).toMatchObject([{ cause: "held_by_catch", remedy: "let_go", difference: 3, byShopify: 0 }]);
    expect(run.counts).toMatchObject({ reads: 0, healed: 0 });
  });
});

describe("by the clock", () => {
  const runs = async () => (await world.deps.runs.list({ shop: SHOP, limit: 50 })).runs;

  it("runs after an outage at once, and once, and finds what happened during it", async () => {
    world = await ReconcileWorld.start({ skus: 10, locations: 1 });
    await world.minute(); // the shop is seen; nothing is due yet
    await world.minute();
    expect(await runs()).toEqual([]);
    world.simulator.createOrder({ lines: [{ sku: skuAt(0), quantity: 1 }] });
    world.simulator.editLevel({ sku: skuAt(1) }, placeAt(0), { delta: 4 });
    await world.pass(240_000);
    world.outageEndedMs = world.nowMs;
    for (let i = 0; i < 5; i += 1) await world.minute();
    const [run, ...others] = await runs();
    expect(others).toEqual([]);
    expect(run).toMatchObject({ trigger: "outage", scope: { kind: "changed" }, status: "done" });
    expect(run?.counts).toMatchObject({ ordersSent: 1, mismatches: 1, healed: 1 });
    await everythingAgrees();
  });

  it("compares changes every fifteen minutes and everything once a day, and no level twice for that", async () => {
    world = await ReconcileWorld.start({ skus: 10, locations: 1 });
    await world.minute();
    for (let i = 0; i < 25 * 4; i += 1) {
      await world.pass(14 * 60_000);
      await world.minute();
    }
    const kinds = (await world.deps.runs.list({ shop: SHOP, limit: 200 })).runs.map(({ scope }) => scope.kind);
    expect(kinds.filter((kind) => kind === "all")).toHaveLength(1);
    expect(kinds.filter((kind) => kind === "changed").length).toBeGreaterThan(90);
    expect(world.asked.filter((name) => name === "OnhandBulkRun")).toHaveLength(1);
    expect(world.asked).not.toContain("OnhandLevels");
  });

  it("leaves a shop alone that takes no part any more", async () => {
    world = await ReconcileWorld.start({ skus: 5, locations: 1 });
    await world.minute();
    world.d1.database.exec("UPDATE shops SET state = 'disconnected'");
    await world.pass(86_400_000);
    await world.minute();
    expect(await runs()).toEqual([]);
  });
});

describe("missed orders", () => {
  it("are sent as their webhooks would have been, with refunds, however long, and no name in them", async () => {
    world = await ReconcileWorld.start({ skus: 130, locations: 1 });
    const lines = Array.from({ length: 120 }, (_, i) => ({ sku: skuAt(i), quantity: 1 }));
    const created = world.simulator.createOrder({ lines });
    if (created.kind !== "created") throw new Error(created.kind);
    const { order } = created;
    await world.pass(1_000);
    world.simulator.refundOrder(order.id, {
      lines: order.lines.slice(0, 70).map(({ id }) => ({ lineId: id, quantity: 1, restockType: "cancel" })),
    });
    await world.pass(600_000);
    await world.run({ kind: "changed" });
    const [sent] = world.sent;
    expect(world.sent).toHaveLength(1);
    expect(sent?.event).toMatchObject({ topic: "orders/create", orderId: order.id, location: null });
    expect(sent?.event.lines.map(({ lineId }) => lineId)).toEqual(order.lines.map(({ id }) => id));
    expect(sent?.event.restocks).toHaveLength(70);
    expect(new Set(sent?.event.restocks.map(({ restockType }) => restockType))).toEqual(new Set(["cancel"]));
    expect(JSON.stringify(sent)).not.toMatch(/email|name|address|phone/i);
    await everythingAgrees();
  });

  it("are fetched from where the last run stood, and change nothing when they come twice", async () => {
    world = await ReconcileWorld.start({ skus: 10, locations: 1 });
    world.simulator.createOrder({ lines: [{ sku: skuAt(0), quantity: 1 }] });
    await world.pass(120_000);
    await world.run({ kind: "changed" });
    await world.pass(10_000);
    const movements = await world.movements(skuAt(0));
    await world.pass(30_000);
    await world.run({ kind: "changed" }); // within the overlap: it is told again
    await world.pass(120_000);
    expect(world.sent).toHaveLength(2);
    expect(await world.movements(skuAt(0))).toEqual(movements);
    await everythingAgrees();
    await world.pass(3_600_000);
    await world.run({ kind: "changed" });
    await world.pass(3_600_000);
    await world.run({ kind: "changed" });
    expect(world.sent).toHaveLength(2);
  });

  it("keep levels waiting for their time only: runs of their own fetch the rest, each order from where the last stood", async () => {
    world = await ReconcileWorld.start({ skus: 60, locations: 1 });
    await world.minute(); // its marks are set
    const orderIds: string[] = [];
    for (let i = 0; i < 50; i += 1) {
      const created = world.simulator.createOrder({ lines: [{ sku: skuAt(i), quantity: 1 }] });
      if (created.kind !== "created") throw new Error(created.kind);
      orderIds.push(created.order.id);
      await world.pass(1_000);
    }
    world.simulator.editLevel({ sku: skuAt(55) }, placeAt(0), { delta: 7 });
    await world.pass(600_000);
    const deps = { ...world.deps, policy: { ...world.deps.policy, ordersMsMax: 0 } };
    const dry = await world.run({ kind: "changed" }, { isDry: true, deps });
    expect(dry.run.notes).toContainEqual(expect.stringMatching(/^orders: fetched until 20.*left to the next run$/));
    expect(await world.deps.runs.open(SHOP)).toEqual([]);
    const { run, findings } = await world.run({ kind: "changed" }, { deps });
    expect(run.counts).toMatchObject({ ordersSent: 20 });
    expect(findings.map(({ level }) => level?.sku)).toContain(skuAt(55));
    expect(await ours(skuAt(55), placeAt(0))).toBe(atShopify(skuAt(55), placeAt(0)));
    for (let [next] = await world.deps.runs.open(SHOP); next !== undefined; [next] = await world.deps.runs.open(SHOP)) {
      await world.drive(next.id, deps);
    }
    const { runs } = await world.deps.runs.list({ shop: SHOP, limit: 50 });
    expect(runs.map(({ counts }) => counts.ordersSent)).toEqual([12, 20, 20, 0]);
    expect(new Set(world.sent.map(({ event }) => event.orderId))).toEqual(new Set(orderIds));
    await world.pass(600_000);
    await everythingAgrees();
  });
});

describe("subscriptions", () => {
  const uri = "http://127.0.0.1:9/webhooks/shopify";

  it("that Shopify dropped are made again, and are findings", async () => {
    world = await ReconcileWorld.start({ skus: 5, locations: 1 });
    await world.deps.marks.putCallbackUri(SHOP, uri);
    const first = await world.run({ kind: "changed" }, { isDry: true });
    expect(first.findings.map(({ cause, isHealed }) => [cause, isHealed])).toContainEqual([
      "subscription_missing",
      false,
    ]);
    expect(world.simulator.registry.all()).toEqual([]);
    const second = await world.run({ kind: "changed" });
    const needed = second.run.counts.subscriptions;
    expect(second.run.counts.subscriptionsMended).toBe(needed);
    expect(second.findings.map(({ cause, isHealed }) => [cause, isHealed])).toEqual(
      Array(needed).fill(["subscription_missing", true]),
    );
    const third = await world.run({ kind: "changed" });
    expect(third.run.counts).toMatchObject({ subscriptions: needed, subscriptionsMended: 0 });
  });

  it("are left alone, and that is noted, where nobody has said where Shopify delivers", async () => {
    world = await ReconcileWorld.start({ skus: 5, locations: 1 });
    const { run } = await world.run({ kind: "changed" });
    expect(run.notes).toEqual([expect.stringContaining("sync webhooks once")]);
  });
});

describe("to overwrite Shopify", () => {
  it("undoes an edit at Shopify by a movement of ours, once, with who and why", async () => {
    world = await ReconcileWorld.start({ skus: 10, locations: 2 });
    const [sku, place] = [skuAt(3), placeAt(0)];
    const before = atShopify(sku, place) ?? 0;
    world.simulator.editLevel({ sku }, place, { delta: 100 });
    await world.pass(600_000);
    const { run, findings } = await world.run({ kind: "all" });
    const [finding] = findings;
    if (finding === undefined) throw new Error("nothing was found");
    expect(await ours(sku, place)).toBe(before + 100);
    world.simulator.editLevel({ sku }, place, { delta: -1 }); // a change meanwhile is not undone
    expect(await overwrite(run.id, finding.id)).toMatchObject({ kind: "overwritten" });
    expect(await overwrite(run.id, finding.id)).toMatchObject({ kind: "overwritten" });
    await world.settle();
    expect(atShopify(sku, place)).toBe(before - 1);
    const [movement] = await world.movements(sku);
    expect(movement).toMatchObject({
      delta: -100,
      cause: { actor: "admin", reason: "counted wrongly", source: "reconciliation" },
    });
  });

  it("notes which of the SKUs that it was asked for nobody knows", async () => {
    world = await ReconcileWorld.start({ skus: 10, locations: 1 });
    const skus = [fromStore<Sku>(skuAt(3)), fromStore<Sku>("A-SLIP")];
    const { run } = await world.run({ kind: "skus", skus });
    expect(run).toMatchObject({ status: "done", notes: ["not in the catalogue: A-SLIP"], counts: { levels: 1 } });
  });

  it("measures first what a dry run found", async () => {
    world = await ReconcileWorld.start({ skus: 10, locations: 1 });
    const [sku, place] = [skuAt(3), placeAt(0)];
    const before = atShopify(sku, place) ?? 0;
    world.simulator.editLevel({ sku }, place, { delta: 40 });
    await world.pass(600_000);
    const { run, findings } = await world.run({ kind: "skus", skus: [fromStore<Sku>(sku)] }, { isDry: true });
    const [finding] = findings;
    if (finding === undefined) throw new Error("nothing was found");
    expect(await overwrite(run.id, finding.id)).toEqual({ kind: "measure_first" });
    await world.pass(2_000);
    expect(await overwrite(run.id, finding.id)).toMatchObject({ kind: "overwritten" });
    await world.settle();
    expect(atShopify(sku, place)).toBe(before);
    expect(await ours(sku, place)).toBe(before);
  });

  it("is not offered while our number is on its way, or held", async () => {
    world = await ReconcileWorld.start({ skus: 10, locations: 1 });
    world.isHeld = true;
    await world.till(skuAt(6), -3, placeAt(0));
    await world.pass(120_000);
    const { run, findings } = await world.run({ kind: "changed" });
    const [finding] = findings;
    expect(await overwrite(run.id, finding?.id ?? fromStore(""))).toMatchObject({ kind: "not_offered" });
    expect(await overwrite(run.id, fromStore("1-2"))).toEqual({ kind: "unknown" });
  });
});

describe("a level that Shopify stocks no more", () => {
  it("is found though nothing announced it, and parked by the read", async () => {
    world = await ReconcileWorld.start({ skus: 10, locations: 2 });
    world.simulator.disconnectLevel({ sku: skuAt(4) }, placeAt(1));
    await world.pass(600_000);
    const { findings } = await world.run({ kind: "all" });
    expect(findings).toMatchObject([{ cause: "level_missing", found: null, isHealed: true }]);
    const again = await world.run({ kind: "all" });
    expect(again.findings.map(({ cause }) => cause)).toEqual([]);
  });
});

it("takes a buffer for what it is: units that we moved away are no difference", async () => {
  world = await ReconcileWorld.start({ skus: 6, locations: 1 });
  const [sku, place] = [skuAt(2), placeAt(0)];
  const before = atShopify(sku, place) ?? 0;
  const rules = { ...DEFAULT_RULES, buffer: { kind: "fixed", units: 2 } } as const;
  const channel = fromStore<ChannelId>(SHOP);
  const event = { kind: "channel_rules", channel, rules, correlationId: fromStore<CorrelationId>("buffer") } as const;
  world.desk(await world.skuId(sku)).apply([event]);
  await world.pass(600_000);
  expect([atShopify(sku, place), await ours(sku, place)]).toEqual([before - 2, before]);
  expect((await world.run({ kind: "all" })).findings).toEqual([]);
});
