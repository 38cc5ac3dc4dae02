/** The ShopGate in workerd: its tables, its clock, its alarm, its lives; and the way from a counter to Shopify and back. */
import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { ShopGate } from "../../durable-objects/shop-gate.ts";
import { fromStore, type ShopDomain } from "../../src/domain/ids.ts";
import { gateOf } from "../../src/store/durable-counters.ts";
import { itemOf, push, pushKey, read, row } from "../support/shop-gate/builders.ts";
import { putShop } from "./support/channels.ts";
import { connected, HERE, LISTING, level, movement, SHOP, stubOf, THERE } from "./support/counters.ts";
import { ScriptedShopify } from "./support/shopify.ts";
import { until } from "./support/until.ts";

/** More than the tests of this file use. */
const GATES = 60;

let shopify: ScriptedShopify;
beforeAll(async () => {
  for (let n = 1; n <= GATES; n += 1) await putShop(`gate-${n}.myshopify.com`);
});
beforeEach(() => {
  shopify = new ScriptedShopify().listen();
});
afterEach(() => {
  vi.restoreAllMocks();
});

let shops = 0;
/** A gate that no other test has used. A stub breaks with its object's life, so each use makes its own. */
function freshGate() {
  shops += 1;
  if (shops > GATES) throw new Error("there are more tests than shops");
  return gateNamed(fromStore<ShopDomain>(`gate-${shops}.myshopify.com`));
}
const gateNamed = (shop: ShopDomain) => ({
  get gate() {
    return gateOf(env.SHOP_GATE, shop);
  },
  get stub() {
    return env.SHOP_GATE.getByName(shop);
  },
});
type Gate = ReturnType<typeof freshGate>;

const alarmOf = ({ stub }: Gate) => runInDurableObject(stub, (_, { storage }) => storage.getAlarm());
const pushesIn = ({ stub }: Gate) =>
  runInDurableObject(stub, (_, { storage }) =>
    storage.sql.exec("SELECT push_key, state, reported FROM push ORDER BY push_key").toArray(),
  );
const settled = (one: Gate) =>
  until(
    () => one.gate.status(),
    ({ queued, sending, unreported }) => queued + sending + unreported === 0,
  );

describe("the way of a push", () => {
  it("goes from a counter's movement over the queue and the gate to Shopify, and its result back", async () => {
    const counter = await connected("sold", level(HERE, 10), level(THERE, 4));
    shopify.model.levels.set(`1001@${HERE}`, 10);
    shopify.model.levels.set(`1001@${THERE}`, 4);
    await counter.apply([movement({ key: "till-1", delta: -2 })]);
    await until(
      async () => shopify.model.level("1001", HERE),
      (available) => available === 8,
    );
    await settled(gateNamed(SHOP));
    const outbox = () =>
      runInDurableObject(stubOf("sold"), (_, { storage }) => storage.sql.exec("SELECT * FROM outbox").toArray());
    await until(outbox, (rows) => rows.length === 0);
    expect((await counter.takeWork(SHOP)).pushes).toEqual([]);
    expect(shopify.adjustments).toHaveLength(1);
  });

  it("brings a read's levels to the counter", async () => {
    const counter = await connected("counted", level(HERE, 10), level(THERE, 4));
    shopify.model.levels.set(`1001@${HERE}`, 7);
    shopify.model.levels.set(`1001@${THERE}`, 4);
    await counter.audit(LISTING);
    await until(
      () => counter.levels(),
      (levels) => levels?.available === 11,
    );
  });
});

describe("the request", () => {
  it("carries document, key and rows as Shopify wants them, to the override that development allows", async () => {
    const one = freshGate();
    await one.gate.submit({ pushes: [push("a", [row(-3, "271878346596884015", "24826418")])], reads: [] });
    await settled(one);
    const [token, adjust] = shopify.requests;
    expect(token?.url).toBe("http://127.0.0.1:9/admin/oauth/access_token");
    expect(adjust?.url).toBe("http://127.0.0.1:9/admin/api/2026-10/graphql.json");
    expect(adjust?.headers.get("X-Shopify-Access-Token")).toBe("token-1");
    const { query, variables } = JSON.parse(adjust?.body ?? "") as { query: string; variables: { key: string } };
    expect(query).toContain("inventoryAdjustQuantities(input: $input) @idempotent(key: $key)");
    expect(variables).toEqual({
      key: expect.stringMatching(/^[0-9a-f-]{36}$/),
      input: {
        name: "available",
        reason: "correction",
        referenceDocumentUri: `gid://onhand/Push/${variables.key}`,
        changes: [
          {
            inventoryItemId: "gid://shopify/InventoryItem/271878346596884015",
            locationId: "gid://shopify/Location/24826418",
            delta: -3,
            changeFromQuantity: null,
          },
        ],
      },
    });
  });
});

describe("journal rule 3 in the object: submit is durable when it answers", () => {
  it("a push whose life ends right after the answer is sent by the next", async () => {
    const one = freshGate();
    shopify.isSilent = true;
    expect(await one.gate.submit({ pushes: [push("a")], reads: [] })).toEqual({
      pushes: [{ pushKey: "push-a", state: "queued" }],
    });
    await abortAllDurableObjects();
    shopify.isSilent = false;
    expect(await alarmOf(one)).not.toBeNull();
    await runDurableObjectAlarm(one.stub);
    await settled(one);
    expect(shopify.model.level(itemOf("a"), "1")).toBe(-1);
  });
});

describe("journal rule 13 in the object: a life may end with any request under way", () => {
  /** Token, adjustment and read of one submit: each in turn is heard by Shopify, and its reply never comes. */
  it.each([1, 2, 3, 4])(
    "request %i: the alarm of the next life makes it good, and nothing is applied twice",
    async (request) => {
      const one = freshGate();
      shopify.hangAt.add(request);
      shopify.model.levels.set(`${itemOf("r")}@1`, 6);
      shopify.model.faults = ["reply_lost"];
      await one.gate.submit({ pushes: [push("a"), push("b")], reads: [read("r")] });
      await until(
        async () => shopify.requests.length,
        (count) => count >= request,
      );
      await abortAllDurableObjects();
      await runDurableObjectAlarm(one.stub);
      await settled(one);
      await until(
        () => one.gate.status(),
        ({ readsWaiting }) => readsWaiting === 0,
      );
      expect([shopify.model.level(itemOf("a"), "1"), shopify.model.level(itemOf("b"), "1")]).toEqual([-1, -1]);
      expect(shopify.model.applications).toHaveLength(2);
      expect(new Set(shopify.adjustments.map(({ key }) => key)).size).toBe(1);
      expect(await pushesIn(one)).toEqual([
        { push_key: "push-a", state: "done", reported: 1 },
        { push_key: "push-b", state: "done", reported: 1 },
      ]);
    },
  );
});

describe("journal rule 12 in the object", () => {
  it("an outcome that its counter did not hear is told by the next life", async () => {
    const one = freshGate();
    await one.gate.submit({ pushes: [push("a")], reads: [] });
    await settled(one);
    await runInDurableObject(one.stub, (_, { storage }) => storage.sql.exec("UPDATE push SET reported = 0"));
    await abortAllDurableObjects();
    expect((await one.gate.status()).unreported).toBe(1);
    await one.gate.drain();
    expect(await pushesIn(one)).toEqual([{ push_key: "push-a", state: "done", reported: 1 }]);
  });
});

describe("the clock", () => {
  it("has an alarm set whenever work is under way, and none for a gate that never had any", async () => {
    const idle = freshGate();
    await idle.gate.status();
    expect(await alarmOf(idle)).toBeNull();
    const busy = freshGate();
    shopify.isSilent = true;
    await busy.gate.submit({ pushes: [push("a")], reads: [] });
    const alarmMs = await alarmOf(busy);
    expect(alarmMs).toBeGreaterThan(Date.now());
    expect(alarmMs).toBeLessThanOrEqual(Date.now() + 15_000);
  });

  it("is not written again with every push: one alarm serves a burst", async () => {
    const one = freshGate();
    const setAlarm = await runInDurableObject(one.stub, (_, { storage }) => {
      const spy = vi.spyOn(storage, "setAlarm");
      return spy;
    });
    for (let n = 0; n < 20; n += 1) await one.gate.submit({ pushes: [push(String(5_000 + n))], reads: [] });
    await settled(one);
    expect(setAlarm.mock.calls.length).toBeLessThanOrEqual(2);
  });

  it("rings at the end of a shop's pause, in a new life if need be", async () => {
    const one = freshGate();
    shopify.model.faults = ["http_402"];
    await one.gate.submit({ pushes: [push("a")], reads: [] });
    const { pausedUntilMs } = await until(
      () => one.gate.status(),
      ({ pausedReason }) => pausedReason === "shop_frozen",
    );
    await runDurableObjectAlarm(one.stub); // what was set for the call under way
    expect(await alarmOf(one)).toBe(pausedUntilMs);
    await evictDurableObject(one.stub);
    expect(await one.gate.status()).toMatchObject({ pausedReason: "shop_frozen", pausedUntilMs, queued: 1 });
  });

  it("never dies: an alarm that fails sets the next one", async () => {
    const one = freshGate();
    await one.gate.status();
    await runInDurableObject(one.stub, async (instance: ShopGate, { storage }) => {
      vi.spyOn(instance, "drain").mockRejectedValue(new Error("broken"));
      await instance.alarm();
      expect(await storage.getAlarm()).toBeGreaterThan(Date.now() + 20_000);
    });
  });
});

describe("the operator's calls", () => {
  it("set catches that survive the object, and show what is held", async () => {
    const one = freshGate();
    await one.gate.configure({ readOnly: true, deltaMax: 50 });
    await one.gate.submit({ pushes: [push("a"), push("b", [row(51, "7")])], reads: [] });
    await evictDurableObject(one.stub);
    expect(await one.gate.held()).toMatchObject([
      { pushKey: "push-a", reason: "read_only" },
      { pushKey: "push-b", reason: "read_only" },
    ]);
    expect(await one.gate.configure({ readOnly: false })).toMatchObject({
      settings: { readOnly: false, deltaMax: 50 },
    });
    await until(
      () => one.gate.held(),
      (held) => held.length === 1,
    );
    expect(await one.gate.approve(pushKey("b"))).toEqual({ kind: "done" });
    await settled(one);
    expect(shopify.model.level("7", "1")).toBe(51);
    expect(await one.gate.approve(pushKey("c"))).toEqual({ kind: "unknown_push" });
  });

  it("expired pushes are resolved from their evidence", async () => {
    const one = freshGate();
    shopify.model.levels.set(`${itemOf("a")}@1`, 9);
    shopify.model.faults = ["reply_lost"];
    await one.gate.submit({ pushes: [push("a")], reads: [] });
    await until(
      () => one.gate.status(),
      ({ frozen }) => frozen === 1,
    );
    await runInDurableObject(one.stub, (_, { storage }) =>
      storage.sql.exec("UPDATE call SET first_at_ms = first_at_ms - 23 * 3600000"),
    );
    await runDurableObjectAlarm(one.stub);
    expect(await one.gate.status()).toMatchObject({ expired: 1, alerts: { expiredCalls: 1 } });
    expect(await one.gate.evidence(pushKey("a"))).toMatchObject({
      state: "expired",
      levels: [{ location: "1", available: 8 }],
    });
    expect(await one.gate.resolve(pushKey("a"), true)).toEqual({ kind: "done" });
    await settled(one);
    expect(shopify.adjustments).toHaveLength(1);
  });

  it("refuse a maximum that is no number of units", async () => {
    const one = freshGate();
    await one.gate.status();
    await runInDurableObject(one.stub, async (instance: ShopGate) => {
      await expect(instance.configure({ deltaMax: -1 })).rejects.toThrow(TypeError);
      await expect(instance.configure({ deltaMax: Number.NaN })).rejects.toThrow(TypeError);
    });
  });
});

describe("any other call", () => {
  it("is answered with Shopify's data, through the same token", async () => {
    const one = freshGate();
    const ask = { document: "{ shop { name } }", variables: {}, cost: 5, kind: "other" } as const;
    expect(await one.gate.graphql(ask)).toEqual({ kind: "ok", data: { shop: { name: "A" } }, cost: 2 });
    await one.gate.submit({ pushes: [push("a")], reads: [] });
    await settled(one);
    expect(shopify.model.tokensGranted).toBe(1);
  });
});

describe("a gate's name", () => {
  it("must be a shop's domain, or a channel's: its credentials go there", async () => {
    const ask = async (): Promise<string> => {
      try {
        await env.SHOP_GATE.getByName("https://shop.example.com/").status();
        return "answered";
      } catch (error) {
        return String(error);
      }
    };
    expect(await ask()).toContain("named by its shop or channel");
    expect(shopify.requests).toEqual([]);
  });
});
