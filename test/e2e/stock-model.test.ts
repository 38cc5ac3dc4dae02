/**
 * Every transition and every strategy, over HTTP, on the whole local stack: and after each of them the shop shows what
 * Onhand does. One SKU per test, so that they may fail apart.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ShopifySimulator } from "../../dev/shopify-simulator/simulator.ts";
import { type Stack, startStack } from "../../dev/stack/stack.ts";

const SKUS = Array.from({ length: 12 }, (_, n) => `MODEL-${String(n + 1).padStart(2, "0")}`);
const STOCK = [20, 10] as const;
/** How long the shop may take to show what Onhand says; the ordinary case is a second. */
const AGREES_MS_MAX = 15_000;

let stack: Stack;
let simulator: ShopifySimulator;
let places: readonly string[] = [];

beforeAll(async () => {
  stack = await startStack({
    port: 0,
    foreign: null,
    simulator: { seed: 31, courier: { retryScale: 0.001 } },
    seed(shop) {
      shop.seedCatalogue({ skus: 1, locations: 2 });
      for (const sku of SKUS) {
        shop.addProduct({ title: sku, variants: [{ sku, priceCents: 1_000 }] });
        for (const [i, available] of STOCK.entries()) {
          const location = shop.store.locations[i];
          if (location !== undefined) shop.editLevel({ sku }, location.id, { available });
        }
      }
    },
    say: () => {},
  });
  if (stack.simulator === null) throw new Error("no simulator");
  simulator = stack.simulator;
  places = simulator.store.locations.map(({ id }) => id);
});
afterAll(() => stack.stop());

type Answer = { readonly status: number; readonly headers: Headers; readonly body: Record<string, unknown> };
type Headed = Readonly<Record<string, string>>;

let keys = 0;
async function call(method: string, path: string, body?: unknown, headers: Headed = {}): Promise<Answer> {
  const response = await fetch(`${stack.file.worker}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${stack.file.adminToken}`,
      "content-type": "application/json",
      ...(method === "POST" ? { "idempotency-key": `stock-model-key-${++keys}` } : {}),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? {} : JSON.parse(text) };
}

const of = (sku: string, what: string): string => `/v1/inventory/${sku}/${what}`;
const move = (sku: string, body: object, headers: Headed = {}) => call("POST", of(sku, "movements"), body, headers);

type Levels = {
  readonly available: number;
  readonly reserved: number;
  readonly committed: number;
  readonly version: number;
};
const read = async (sku: string): Promise<Levels> =>
  (await call("GET", `/v1/inventory/${sku}`)).body as unknown as Levels;

const atShopify = (sku: string) => simulator.levels().filter((level) => level.sku === sku);
const shown = (sku: string): number => atShopify(sku).reduce((sum, { available }) => sum + available, 0);

/** Onhand, its mirror and the shop say so, within their time. */
async function agree(sku: string, available: number, buffered = 0): Promise<void> {
  const endMs = Date.now() + AGREES_MS_MAX;
  for (;;) {
    const seen = [(await read(sku)).available, shown(sku)];
    if (seen[0] === available && seen[1] === available - buffered) return;
    if (Date.now() > endMs) throw new Error(`${sku}: Onhand ${seen[0]}, shop ${seen[1]}, expected ${available}`);
    await sleep(100);
  }
}

describe("transitions", () => {
  it("sale, cancellation, shipment, return, receipt, damage, adjustment and transfer each reach the shop", async () => {
    const sku = "MODEL-01";
    const steps: readonly (readonly [object, number])[] = [
      [{ kind: "sale", quantity: 3 }, 27],
      [{ kind: "cancellation", quantity: 1 }, 28],
      [{ kind: "shipment", quantity: 2 }, 28],
      [{ kind: "return", quantity: 2 }, 30],
      [{ kind: "receipt", quantity: 5 }, 35],
      [{ kind: "damage", quantity: 4 }, 31],
      [{ kind: "adjustment", delta: -1, reason: "shrinkage" }, 30],
      [{ kind: "transfer", quantity: 6, locationId: places[0], toLocationId: places[1] }, 30],
    ];
    for (const [body, available] of steps) {
      expect((await move(sku, body)).status, JSON.stringify(body)).toBe(201);
      await agree(sku, available);
    }
    // 20 − 3 + 1 + 2 + 5 − 4 − 1 − 6, and 10 + 6. Their sum stood still, so it says nothing of the transfer.
    await expect
      .poll(() => atShopify(sku).map(({ available }) => available), { timeout: AGREES_MS_MAX })
      .toEqual([14, 16]);
  });

  it("an order at the shop moves its units from available to committed", async () => {
    const sku = "MODEL-02";
    const placed = simulator.createOrder({ lines: [{ sku, quantity: 4 }] });
    if (!("order" in placed)) throw new Error("the order was refused");
    await agree(sku, 26);
    expect((await read(sku)).committed).toBe(4);
  });

  it("a count of what is on hand waits for the shop's committed units, and then is what it says", async () => {
    const sku = "MODEL-03";
    simulator.createOrder({ lines: [{ sku, quantity: 2 }] });
    await agree(sku, 28);
    const [first] = atShopify(sku);
    const counted = await call("POST", of(sku, "counts"), { locationId: places[0], counted: 15, of: "on_hand" });
    expect(counted).toMatchObject({ status: 202, body: { status: "waiting" } });
    const committed = first?.committed ?? 0;
    await agree(sku, 15 - committed + (atShopify(sku)[1]?.available ?? 0));
    expect(atShopify(sku)[0]?.available).toBe(15 - committed);
  });

  it("a sale that happened elsewhere goes below zero, is reported with it, and resolved when stock returns", async () => {
    const sku = "MODEL-04";
    const body = { kind: "sale", quantity: 33, happened: true, reference: "till 3, receipt 77" };
    expect((await move(sku, body)).status).toBe(201);
    await agree(sku, -3);
    const open = async () => (await call("GET", `/v1/oversells?sku=${sku}`)).body["oversells"] as readonly object[];
    const endMs = Date.now() + AGREES_MS_MAX;
    while ((await open()).length === 0 && Date.now() < endMs) await sleep(100);
    expect(await open()).toMatchObject([{ sku, status: "open", units: 3 }]);
    await move(sku, { kind: "receipt", quantity: 10 });
    await agree(sku, 7);
    while ((await open()).some((each) => "status" in each && each.status === "open") && Date.now() < endMs)
      await sleep(100);
    expect(await open()).toMatchObject([{ status: "resolved", units: 0, peak: 3 }]);
  });
});

describe("strategies", () => {
  it("atomic: of many buyers at once exactly the stock is sold, and the shop shows none left", async () => {
    const sku = "MODEL-05";
    const sales = await Promise.all(Array.from({ length: 50 }, () => move(sku, { kind: "sale", quantity: 1 })));
    expect(sales.filter(({ status }) => status === 201)).toHaveLength(30);
    expect(sales.filter(({ status }) => status === 409)).toHaveLength(20);
    await agree(sku, 0);
  });

  it("optimistic: one of two writers on the same version is told the other's, and decides again on it", async () => {
    const sku = "MODEL-06";
    const { version } = await read(sku);
    const write = (tag: string) =>
      call("POST", of(sku, "counts"), { locationId: places[0], counted: 18 }, { "if-match": tag });
    const [first, second] = [await write(`W/"${version}"`), await write(`W/"${version}"`)];
    expect([first.status, second.status]).toEqual([201, 412]);
    const current = second.body["version"];
    expect((await write(`W/"${current}"`)).status).toBe(201);
    await agree(sku, 28);
  });

  it("pessimistic: the holder of the lease is alone with guarded writes, the shop sells on, and a late token is refused", async () => {
    const sku = "MODEL-07";
    const leased = await call("POST", of(sku, "lock"), { ttlSeconds: 60 });
    expect(leased.status).toBe(201);
    const lease = { "lease-id": String(leased.body["leaseId"]), "fencing-token": String(leased.body["fencingToken"]) };
    expect((await call("POST", `${of(sku, "movements")}?wait=0`, { kind: "sale", quantity: 1 })).status).toBe(423);
    expect((await move(sku, { kind: "sale", quantity: 5 }, lease)).status).toBe(201);
    simulator.createOrder({ lines: [{ sku, quantity: 2 }] });
    await agree(sku, 23);
    expect((await call("DELETE", of(sku, "lock"), undefined, lease)).status).toBe(200);
    expect((await move(sku, { kind: "sale", quantity: 1 }, lease)).status).toBe(412);
    expect((await move(sku, { kind: "sale", quantity: 1 })).status).toBe(201);
    await agree(sku, 22);
  });
});

describe("reservations", () => {
  const reserve = (lines: readonly object[], ttlSeconds = 60) =>
    call("POST", "/v1/reservations", { lines, ttlSeconds });

  it("hold several SKUs or none, and are committed in part, the rest released", async () => {
    const [a, b] = ["MODEL-08", "MODEL-09"];
    const refused = await reserve([
      { sku: a, quantity: 1 },
      { sku: b, quantity: 99 },
    ]);
    expect(refused.status).toBe(409);
    const held = await reserve([
      { sku: a, quantity: 3 },
      { sku: b, quantity: 4 },
    ]);
    expect(held.status).toBe(201);
    await Promise.all([agree(a, 27), agree(b, 26)]);
    const id = String(held.body["id"]);
    const committed = await call("POST", `/v1/reservations/${id}/commit`, { lines: [{ sku: a, quantity: 2 }] });
    expect(committed.status).toBe(200);
    await Promise.all([agree(a, 28), agree(b, 30)]);
    expect((await read(a)).committed).toBe(2);
    expect((await call("POST", `/v1/reservations/${id}/release`, {})).status).not.toBe(200);
  });

  it("end by themselves at their time", async () => {
    const sku = "MODEL-10";
    expect((await reserve([{ sku, quantity: 7 }], 3)).status).toBe(201);
    await agree(sku, 23);
    await agree(sku, 30);
    expect((await read(sku)).reserved).toBe(0);
  });
});

describe("what a channel may sell", () => {
  const kept = (sku: string) => atShopify(sku).reduce((sum, { safetyStock }) => sum + safetyStock, 0);
  const onHand = (sku: string) => atShopify(sku).reduce((sum, level) => sum + level.onHand, 0);

  it("a buffer and a stop move units to the shop's safety stock, what is on hand stays, and the end gives them back", async () => {
    const sku = "MODEL-11";
    const channel = `${of(sku, "channels")}/${simulator.shop}`;
    expect((await call("PUT", channel, { buffer: { kind: "fixed", units: 4 } })).status).toBe(200);
    await agree(sku, 30, 4);
    expect([kept(sku), onHand(sku)]).toEqual([4, 30]);
    expect((await call("POST", `${channel}/stop`, {})).status).toBe(200);
    await agree(sku, 30, 30);
    expect([kept(sku), onHand(sku)]).toEqual([30, 30]);
    expect((await move(sku, { kind: "sale", quantity: 1, channel: simulator.shop })).status).toBe(409);
    expect((await move(sku, { kind: "sale", quantity: 1 })).status).toBe(201);
    expect((await call("POST", `${channel}/resume`, {})).status).toBe(200);
    await agree(sku, 29, 4);
    expect([kept(sku), onHand(sku)]).toEqual([4, 29]);
  });

  it("a bundle is sold with all its components or not at all, and shows the least of what they allow", async () => {
    const [a, b] = ["MODEL-12", "MODEL-09"];
    const before = (await read(b)).available;
    const components = [
      { sku: a, quantity: 3 },
      { sku: b, quantity: 1 },
    ];
    expect((await call("PUT", "/v1/bundles/MODEL-SET", { components })).status).toBeLessThan(300);
    // Only where all of them are: ⌊20 / 3⌋ at the first location, ⌊10 / 3⌋ at the second.
    expect((await read("MODEL-SET")).available).toBe(9);
    expect((await move("MODEL-SET", { kind: "sale", quantity: 4, locationId: places[1] })).status).toBe(409);
    expect((await move("MODEL-SET", { kind: "sale", quantity: 3, locationId: places[1] })).status).toBe(201);
    await Promise.all([agree(a, 21), agree(b, before - 3)]);
    expect((await read("MODEL-SET")).available).toBe(6);
  });
});

describe("explanations", () => {
  it("levels of a past moment come from the movements, and a dry run of any write changes none of them", async () => {
    const sku = "MODEL-08";
    const { available } = await read(sku);
    const then = new Date().toISOString();
    await sleep(20);
    const dry = await call("POST", `${of(sku, "movements")}?dryRun=true`, { kind: "sale", quantity: 5 });
    expect(dry).toMatchObject({ status: 200, body: { dryRun: true } });
    expect((await move(sku, { kind: "sale", quantity: 5 })).status).toBe(201);
    await agree(sku, available - 5);
    const past = await call("GET", `/v1/inventory/${sku}?asOf=${encodeURIComponent(then)}`);
    expect(past).toMatchObject({ status: 200, body: { precision: "exact", ledger: available } });
  });
});

describe("reconciliation", () => {
  it("finds an edit at the shop that nobody told of, names it, and heals it by reading; a dry run heals nothing", async () => {
    const sku = "MODEL-10";
    const { available } = await read(sku);
    simulator.patchFaults({ webhooks: { dropRate: 1 } });
    simulator.editLevel({ sku }, String(places[0]), { available: (atShopify(sku)[0]?.available ?? 0) - 2 });
    await sleep(300);
    simulator.patchFaults({ webhooks: { dropRate: 0 } });
    expect((await read(sku)).available).toBe(available);
    const run = async (dryRun: boolean) => {
      const scope = { shop: simulator.shop, skus: [sku] };
      const asked = await call("POST", "/v1/reconciliations", { scope, dryRun });
      expect(asked.status).toBe(202);
      const [{ id }] = asked.body["runs"] as readonly [{ readonly id: string }];
      const endMs = Date.now() + AGREES_MS_MAX;
      for (;;) {
        const { body } = await call("GET", `/v1/reconciliations/${id}`);
        if (body["status"] === "done") return body as unknown as { readonly findings: readonly object[] };
        if (Date.now() > endMs) throw new Error(`run ${id} does not end: ${JSON.stringify(body)}`);
        await sleep(200);
      }
    };
    expect((await run(true)).findings).toHaveLength(1);
    expect((await read(sku)).available).toBe(available);
    expect((await run(false)).findings).toMatchObject([{ difference: -2 }]);
    await agree(sku, available - 2);
  });
});
