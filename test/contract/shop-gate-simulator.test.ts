/**
 * The gate's channel, judges and journal against the Shopify simulator over real HTTP: its token grant, its documents, its
 * replies to every fault that the simulator can make.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { CallFate } from "../../dev/shopify-simulator/faults/call-fate.ts";
import { ShopGateJournal } from "../../durable-objects/shop-gate-journal.ts";
import { SHOP_GATE_SCHEMA } from "../../durable-objects/shop-gate-schema.ts";
import { createShopifyPort } from "../../src/channels/shopify/shopify-port.ts";
import { type CallKey, fromStore, type PushKey } from "../../src/domain/ids.ts";
import { ADJUST_USER_ERRORS, judgeAdjust, MOVE_USER_ERRORS } from "../../src/domain/shop-gate/judge-adjust.ts";
import { judgeReply } from "../../src/domain/shop-gate/judge-reply.ts";
import { newTally } from "../../src/domain/telemetry/tally.ts";
import type { PushResult } from "../../src/services/gate-contract.ts";
import type { GateDeps, ShopifyPort } from "../../src/services/shop-gate/gate-deps.ts";
import { GateMind } from "../../src/services/shop-gate/gate-mind.ts";
import { Gate } from "../../src/services/shop-gate/shop-gate.ts";
import { push, read, row } from "../support/shop-gate/builders.ts";
import { SqliteObjectStorage } from "../support/sqlite/object-storage.ts";
import { type SmallShop, startSmallShop } from "./shopify-simulator/support/shop.ts";

const key = (): CallKey => fromStore(randomUUID());

async function connect(shop: SmallShop, clientSecret = shop.simulator.clientSecret) {
  const { simulator } = shop;
  const access = { clientId: simulator.clientId, clientSecret, fixedAccessToken: null, originOverride: simulator.url };
  const port = createShopifyPort(fromStore(simulator.shop), access, () => {});
  const grant = await port.grantToken();
  const token = grant.kind === "granted" ? grant.accessToken : "";
  const adjust = async (callKey: CallKey, ...rows: ReturnType<typeof row>[]) =>
    judgeAdjust(await port.adjust(token, port.adjustVariables(callKey, rows)), rows.length);
  const move = async (callKey: CallKey, ...rows: ReturnType<typeof row>[]) =>
    judgeAdjust(await port.move(token, port.moveVariables(callKey, rows)), rows.length, "move");
  return { port, grant, token, adjust, move };
}

describe("the token", () => {
  it("is granted for a day, and refused for good to a wrong secret", async () => {
    const shop = await startSmallShop();
    expect((await connect(shop)).grant).toMatchObject({ kind: "granted", expiresInSeconds: 86_399 });
    expect((await connect(shop, "wrong")).grant).toMatchObject({ kind: "not_granted", isFinal: true });
  });

  it("that was revoked is unauthorized", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A", [5, 0]);
    const { adjust } = await connect(shop);
    shop.simulator.revokeTokens();
    expect(await adjust(key(), row(1, item.id, shop.near.id))).toMatchObject({ kind: "unauthorized" });
  });
});

describe("an adjustment", () => {
  it("moves each level by its delta, and is told with its time", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A", [5, 2]);
    const { adjust } = await connect(shop);
    const verdict = await adjust(key(), row(-3, item.id, shop.near.id), row(4, item.id, shop.far.id));
    expect(verdict).toMatchObject({ kind: "applied", atMs: expect.any(Number) });
    expect(shop.simulator.level({ itemId: item.id }, shop.near.id)?.available).toBe(2);
    expect(shop.simulator.level({ itemId: item.id }, shop.far.id)?.available).toBe(6);
    const changes = verdict.kind === "applied" ? verdict.changes : [];
    expect(changes.filter(({ name }) => name === "available")).toMatchObject([
      { item: item.id, location: shop.near.id, delta: -3, quantityAfter: null },
      { item: item.id, location: shop.far.id, delta: 4, quantityAfter: null },
    ]);
  });

  it("tells the level after it where Shopify does", async () => {
    const shop = await startSmallShop({ tellsQuantityAfterChange: true });
    const { item } = shop.addItem("A", [5, 0]);
    const verdict = await (await connect(shop)).adjust(key(), row(-3, item.id, shop.near.id));
    expect(verdict).toMatchObject({
      changes: expect.arrayContaining([expect.objectContaining({ name: "available", quantityAfter: 2 })]),
    });
  });

  it("is applied once under its key, and replayed with its first time", async () => {
    let nowMs = Date.parse("2026-11-22T09:00:00Z");
    const shop = await startSmallShop({ now: () => nowMs });
    const { item } = shop.addItem("A", [5, 0]);
    const { adjust } = await connect(shop);
    const callKey = key();
    const first = await adjust(callKey, row(-1, item.id, shop.near.id));
    nowMs += 60_000;
    expect(await adjust(callKey, row(-1, item.id, shop.near.id))).toMatchObject({
      kind: "applied",
      atMs: first.kind === "applied" && first.atMs,
    });
    expect(shop.simulator.level({ itemId: item.id }, shop.near.id)?.available).toBe(4);
    expect(await adjust(callKey, row(-2, item.id, shop.near.id))).toMatchObject({ kind: "mismatch" });
  });

  it("is refused whole for one bad row, which is named; its key is then spent", async () => {
    const shop = await startSmallShop();
    const part = shop.addItem("A", [5, 0]);
    const { item } = part;
    const bundle = shop.addItem("B", [null, null], { components: [{ variant: part, quantity: 2 }] });
    const { adjust } = await connect(shop);
    const callKey = key();
    const rows = [row(-1, item.id, shop.near.id), row(1, bundle.item.id, shop.near.id), row(1, item.id, "999")];
    expect(await adjust(callKey, ...rows)).toMatchObject({
      kind: "rows_refused",
      hasUnnamed: false,
      rows: [
        { row: 1, code: "NON_MUTABLE_INVENTORY_ITEM" },
        { row: 2, code: "INVALID_LOCATION" },
      ],
    });
    expect(shop.simulator.level({ itemId: item.id }, shop.near.id)?.available).toBe(5);
    expect(await adjust(callKey, ...rows)).toMatchObject({ kind: "previous_failed" });
  });

  it("of 250 rows is one call; of 251 it is too large", async () => {
    const shop = await startSmallShop();
    const items = Array.from({ length: 251 }, (_, index) => shop.addItem(`S-${index}`, [5, 0]).item.id);
    const { adjust } = await connect(shop);
    const rows = items.map((item) => row(1, item, shop.near.id));
    expect(await adjust(key(), ...rows.slice(0, 250))).toMatchObject({ kind: "applied" });
    expect(await adjust(key(), ...rows)).toMatchObject({ kind: "too_large" });
  });

  it.each<[CallFate, string]>([
    [{ kind: "http_error", status: 429, isApplied: false }, "rate_limited"],
    [{ kind: "http_error", status: 503, isApplied: true }, "unclear"],
    [{ kind: "http_error", status: 402, isApplied: false }, "shut"],
    [{ kind: "http_error", status: 423, isApplied: false }, "shut"],
    [{ kind: "internal_error", isApplied: true }, "unclear"],
    [{ kind: "throttled" }, "throttled"],
    [{ kind: "lost_response" }, "unclear"],
    [{ kind: "lost_request" }, "unclear"],
    [{ kind: "late_request", afterMs: 1 }, "unclear"],
  ])("that meets %o is %s", async (fate, kind) => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A", [5, 0]);
    const { adjust } = await connect(shop);
    shop.simulator.planNextMutations(fate);
    expect(await adjust(key(), row(1, item.id, shop.near.id))).toMatchObject({ kind });
  });

  it.each([...ADJUST_USER_ERRORS].filter(([code]) => code !== "ITEM_NOT_STOCKED_AT_LOCATION"))(
    "that is answered %s is judged as the table says: %s",
    async (code, is) => {
      const shop = await startSmallShop();
      const { item } = shop.addItem("A", [5, 0]);
      const { adjust } = await connect(shop);
      shop.simulator.planNextMutations({ kind: "user_error", code });
      expect(await adjust(key(), row(1, item.id, shop.near.id))).toMatchObject({ kind: KINDS[is] });
    },
  );

  it("asks for no more points than the gate reserves at first", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A", [5, 0]);
    const { port, token } = await connect(shop);
    const reply = await port.adjust(token, port.adjustVariables(key(), [row(1, item.id, shop.near.id)]));
    expect(reply).toMatchObject({ kind: "graphql", cost: { maximum: 2_000, restorePerSecond: 100 } });
    expect(reply.kind === "graphql" && (reply.cost?.requested ?? 99)).toBeLessThanOrEqual(15);
  });
});

const KINDS = {
  row: "rows_refused",
  call: "call_refused",
  document: "refused",
  unclear: "unclear",
  unclear_shopify: "unclear",
  previous_failed: "previous_failed",
  mismatch: "mismatch",
};

describe("a move", () => {
  it("takes units from available to safety_stock and back, and leaves what is on hand", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A", [9, 4]);
    const { move } = await connect(shop);
    const near = () => shop.simulator.level({ itemId: item.id }, shop.near.id);
    const far = () => shop.simulator.level({ itemId: item.id }, shop.far.id);
    const verdict = await move(key(), row(-5, item.id, shop.near.id), row(-4, item.id, shop.far.id));
    expect(verdict).toMatchObject({
      kind: "applied",
      atMs: expect.any(Number),
      changes: [
        { name: "available", item: item.id, location: shop.near.id, delta: -5, quantityAfter: null },
        { name: "available", item: item.id, location: shop.far.id, delta: -4, quantityAfter: null },
      ],
    });
    expect(near()).toMatchObject({ available: 4, safetyStock: 5, onHand: 9 });
    expect(far()).toMatchObject({ available: 0, safetyStock: 4, onHand: 4 });
    await move(key(), row(3, item.id, shop.near.id), row(-1, item.id, shop.far.id));
    expect(near()).toMatchObject({ available: 7, safetyStock: 2, onHand: 9 });
    expect(far()).toMatchObject({ available: -1, safetyStock: 5, onHand: 4 });
  });

  it("is applied once under its key, whatever became of the reply", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A", [9, 0]);
    const { move } = await connect(shop);
    const callKey = key();
    shop.simulator.planNextMutations({ kind: "lost_response" });
    expect(await move(callKey, row(-5, item.id, shop.near.id))).toMatchObject({ kind: "unclear" });
    expect(await move(callKey, row(-5, item.id, shop.near.id))).toMatchObject({ kind: "applied" });
    expect(shop.simulator.level({ itemId: item.id }, shop.near.id)).toMatchObject({ available: 4, safetyStock: 5 });
    expect(await move(callKey, row(-4, item.id, shop.near.id))).toMatchObject({ kind: "mismatch" });
  });

  it("is refused whole for one bad row, which is named", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A", [5, 0]);
    const { move } = await connect(shop);
    expect(await move(key(), row(-1, item.id, shop.near.id), row(-1, item.id, "999"))).toMatchObject({
      kind: "rows_refused",
      hasUnnamed: false,
      rows: expect.arrayContaining([expect.objectContaining({ row: 1, code: "INVALID_LOCATION" })]),
    });
    expect(shop.simulator.level({ itemId: item.id }, shop.near.id)).toMatchObject({ available: 5, safetyStock: 0 });
  });

  it.each([...MOVE_USER_ERRORS].filter(([code]) => code !== "ITEM_NOT_STOCKED_AT_LOCATION"))(
    "that is answered %s is judged as the table says: %s",
    async (code, is) => {
      const shop = await startSmallShop();
      const { item } = shop.addItem("A", [5, 0]);
      const { move } = await connect(shop);
      shop.simulator.planNextMutations({ kind: "user_error", code });
      expect(await move(key(), row(-1, item.id, shop.near.id))).toMatchObject({ kind: KINDS[is] });
    },
  );

  it("asks for no more points than the gate reserves at first", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A", [5, 0]);
    const { port, token } = await connect(shop);
    const reply = await port.move(token, port.moveVariables(key(), [row(-1, item.id, shop.near.id)]));
    expect(reply.kind === "graphql" && (reply.cost?.requested ?? 99)).toBeLessThanOrEqual(15);
  });
});

describe("a read of levels", () => {
  it("tells every asked-for level of many items, with its own stamp, and leaves out what is not stocked", async () => {
    let nowMs = Date.parse("2026-11-22T09:00:00Z");
    const shop = await startSmallShop({ now: () => nowMs });
    const a = shop.addItem("A", [5, -2]).item.id;
    const b = shop.addItem("B", [7, null]).item.id;
    nowMs += 5_000;
    shop.simulator.editLevel({ itemId: a }, shop.far.id, { available: 9 });
    const { port, token } = await connect(shop);
    const reply = await port.levels(
      token,
      [fromStore(a), fromStore(b), fromStore("404")],
      [fromStore(shop.near.id), fromStore(shop.far.id)],
    );
    expect(judgeReply(reply)).toBeNull();
    expect(reply.kind === "graphql" && reply.data).toEqual(
      new Map([
        [
          a,
          [
            { location: shop.near.id, available: 5, committed: 0, atMs: nowMs - 5_000 },
            { location: shop.far.id, available: 9, committed: 0, atMs: nowMs },
          ],
        ],
        [b, [{ location: shop.near.id, available: 7, committed: 0, atMs: nowMs - 5_000 }]],
        ["404", []],
      ]),
    );
  });

  it("takes 250 items at 2 locations in one query", async () => {
    const shop = await startSmallShop();
    const items = Array.from({ length: 250 }, (_, index) => shop.addItem(`S-${index}`, [index, 1]).item.id);
    const { port, token } = await connect(shop);
    const reply = await port.levels(
      token,
      items.map((item) => fromStore(item)),
      [fromStore(shop.near.id), fromStore(shop.far.id)],
    );
    const levels = reply.kind === "graphql" ? reply.data : null;
    expect(levels?.size).toBe(250);
    expect(levels?.get(items[249] ?? "")).toMatchObject([{ available: 249 }, { available: 1 }]);
  });
});

/** A gate on real HTTP whose clock runs `SPEED` times as fast, so that pauses of seconds do not cost any. */
const SPEED = 20;
function startGate(port: ShopifyPort, speed = SPEED): { gate: Gate; results: Map<PushKey, PushResult>; stop(): void } {
  const startMs = Date.now();
  const now = (): number => startMs + (Date.now() - startMs) * speed;
  const results = new Map<PushKey, PushResult>();
  let timer: NodeJS.Timeout | null = null;
  const deps: GateDeps = {
    shop: fromStore("onhand-dev.myshopify.com"),
    breaker: { changed: () => {}, announce: async () => {} },
    journal: new ShopGateJournal(new SqliteObjectStorage(SHOP_GATE_SCHEMA)),
    shopify: port,
    results: {
      report: async (_, pushes) => {
        for (const one of pushes) results.set(one.pushKey, one);
      },
    },
    log: () => {},
    meter: newTally(),
    now,
    random: Math.random,
    mintCallKey: key,
    schedule: (wakeAtMs) => {
      if (timer !== null) clearTimeout(timer);
      timer =
        wakeAtMs === null
          ? null
          : setTimeout(() => gate.look(), Math.min(1_000, Math.max(0, (wakeAtMs - now()) / speed)));
    },
  };
  const gate = new Gate(deps, new GateMind(deps));
  return {
    gate,
    results,
    stop: () => {
      if (timer !== null) clearTimeout(timer);
    },
  };
}

describe("the whole gate", () => {
  it("brings every push to Shopify exactly once through a network that loses, repeats, throttles and fails", async () => {
    const rates = {
      serverErrorRate: 0.1,
      internalErrorRate: 0.1,
      throttledRate: 0.1,
      lostRequestRate: 0.1,
      lateRequestRate: 0.1,
      lostResponseRate: 0.1,
    };
    const shop = await startSmallShop({
      seed: 7,
      faults: { graphql: { target: "mutations", lateRequestMs: [10, 60], ...rates } },
    });
    const items = Array.from({ length: 60 }, (_, index) => shop.addItem(`S-${index}`, [100, 100]).item.id);
    const { port } = await connect(shop);
    const { gate, results, stop } = startGate(port);
    for (const [index, item] of items.entries()) {
      const adjust = push(String(index), [row(-(index + 1), item, shop.near.id), row(index + 1, item, shop.far.id)]);
      // Every third item has units put aside as well.
      const move = push(`${index}00`, [row(-2, item, shop.near.id), row(-3, item, shop.far.id)], "move");
      gate.submit({ pushes: index % 3 === 0 ? [adjust, move] : [adjust], reads: [] });
      await sleep(10);
    }
    await expect.poll(() => results.size, { timeout: 20_000, interval: 50 }).toBe(80);
    stop();
    await shop.simulator.idle(); // late requests included
    const levels = items.map((itemId) => [
      shop.simulator.level({ itemId }, shop.near.id)?.available,
      shop.simulator.level({ itemId }, shop.far.id)?.available,
    ]);
    const aside = (index: number, units: number): number => (index % 3 === 0 ? units : 0);
    expect(levels).toEqual(items.map((_, index) => [99 - index - aside(index, 2), 101 + index - aside(index, 3)]));
    const onHand = items.map((itemId) => shop.simulator.level({ itemId }, shop.near.id)?.onHand);
    expect(onHand).toEqual(items.map((_, index) => 99 - index));
    expect([...results.values()].every(({ kind }) => kind === "applied")).toBe(true);
    const { fates } = shop.simulator.stats().graphql;
    expect(Object.values(fates).filter((count) => count > 0).length).toBeGreaterThan(3); // the network did misbehave
  });

  it("sends 4,000 changes and reads in between without one THROTTLED: the simulator charges its bucket as Shopify does", async () => {
    const shop = await startSmallShop();
    const items = Array.from({ length: 1_000 }, (_, index) => shop.addItem(`S-${index}`, [100, null]).item.id);
    const { port } = await connect(shop);
    const { gate, results, stop } = startGate(port, 1);
    for (let round = 0; round < 4; round += 1) {
      for (let from = 0; from < items.length; from += 50) {
        const some = items.slice(from, from + 50);
        const pushes = some.map((item, i) => push(`${round}-${from + i}`, [row(-1, item, shop.near.id)]));
        const reads = some.slice(0, 5).map((item, i) => read(`${round}-${from + i}`, [shop.near.id], item));
        gate.submit({ pushes, reads });
        await sleep(10);
      }
    }
    await expect.poll(() => results.size, { timeout: 20_000, interval: 50 }).toBe(4_000);
    stop();
    expect([...results.values()].filter(({ kind }) => kind !== "applied")).toEqual([]);
    expect(items.map((itemId) => shop.simulator.level({ itemId }, shop.near.id)?.available)).toEqual(
      Array(1_000).fill(96),
    );
    expect(shop.simulator.stats().graphql.throttled).toBe(0);
  });
});
