/** Movements of every kind, counts, versions, leases and dry runs, as a caller of the API meets them. */
import { evictDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { withOptimisticRetry } from "../../src/client/with-optimistic-retry.ts";
import { fromStore } from "../../src/domain/ids.ts";
import { adjust, call } from "./support/api.ts";
import { stock } from "./support/catalogue.ts";
import { HERE, stubOf, THERE } from "./support/counters.ts";

let keys = 0;
const post = (sku: string, what: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
  call("POST", `/v1/inventory/${sku}/${what}`, body, { "idempotency-key": `write-${++keys}-0123456789`, ...headers });
const move = (sku: string, body: object, headers = {}) => post(sku, "movements", body, headers);
const numbers = async (sku: string) => {
  const { body } = await call("GET", `/v1/inventory/${sku}`);
  const { available, reserved, committed, damaged, onHand, version } = body as Record<string, number>;
  return { available, reserved, committed, damaged, onHand, version: version ?? -1 };
};

describe("POST /v1/inventory/{sku}/movements", () => {
  it("makes every transition of the stock model", async () => {
    await stock("W-1", "5001", 10);
    const at = { locationId: HERE };
    const then = async (body: object) => {
      const { status } = await move("W-1", { ...at, ...body });
      const { available, committed, damaged, onHand } = await numbers("W-1");
      return [status, available, committed, damaged, onHand];
    };
    expect(await then({ kind: "sale", quantity: 3 })).toEqual([201, 7, 3, 0, 10]);
    expect(await then({ kind: "cancellation", quantity: 1 })).toEqual([201, 8, 2, 0, 10]);
    expect(await then({ kind: "shipment", quantity: 2 })).toEqual([201, 8, 0, 0, 8]);
    expect(await then({ kind: "return", quantity: 1 })).toEqual([201, 9, 0, 0, 9]);
    expect(await then({ kind: "receipt", quantity: 5 })).toEqual([201, 14, 0, 0, 14]);
    expect(await then({ kind: "damage", quantity: 2 })).toEqual([201, 12, 0, 2, 14]);
    expect(await then({ kind: "adjustment", delta: -1, reason: "shrinkage" })).toEqual([201, 11, 0, 2, 13]);
    expect(await then({ kind: "sale", quantity: 1, fulfilled: true })).toEqual([201, 10, 0, 2, 12]);
    expect(await then({ kind: "transfer", quantity: 4, toLocationId: THERE })).toEqual([201, 10, 0, 2, 12]);
    const { body } = await call("GET", "/v1/inventory/W-1");
    expect(body["locations"]).toMatchObject([{ available: 6 }, { available: 4 }]);
  });

  it("survives an eviction between any two transitions", async () => {
    const { skuId } = await stock("W-2", "5002", 10);
    for (const body of [
      { kind: "sale", quantity: 3 },
      { kind: "damage", quantity: 1 },
      { kind: "shipment", quantity: 2 },
    ]) {
      await move("W-2", body);
      await evictDurableObject(stubOf(skuId));
    }
    expect(await numbers("W-2")).toMatchObject({ available: 6, committed: 1, damaged: 1, onHand: 8 });
  });

  it("refuses a guarded sale beyond the stock, and counts one that has happened", async () => {
    await stock("W-3", "5003", 2);
    expect(await move("W-3", { kind: "sale", quantity: 3 })).toMatchObject({
      status: 409,
      body: { floor: 2, shortage: 1 },
    });
    expect((await move("W-3", { kind: "sale", quantity: 3, happened: true })).status).toBe(201);
    expect(await numbers("W-3")).toMatchObject({ available: -1, committed: 3, onHand: 2 });
  });

  it("takes a cancellation that overtakes its order: no unit is invented, and the order is then a repeat", async () => {
    await stock("W-4", "5004", 5);
    const order = { "idempotency-key": "order-77-line-1" };
    const sale = { idempotencyKey: "order-77-line-1", quantity: 2 };
    expect((await move("W-4", { kind: "cancellation", quantity: 2, sale })).status).toBe(201);
    expect(await numbers("W-4")).toMatchObject({ available: 5, committed: 0 });
    const late = await move("W-4", { kind: "sale", quantity: 2, happened: true, reference: "order 77" }, order);
    expect([late.status, late.headers.get("idempotent-replayed")]).toEqual([200, "true"]);
    expect(await numbers("W-4")).toMatchObject({ available: 5, committed: 0 });
  });

  it("names the field of a body that is not right", async () => {
    await stock("W-5", "5005", 5);
    const fieldOf = async (body: object) => {
      const { status, body: said } = await move("W-5", body);
      return [status, said["field"]];
    };
    expect(await fieldOf({ kind: "gift", quantity: 1 })).toEqual([400, "kind"]);
    expect(await fieldOf({ kind: "sale", quantity: 0 })).toEqual([400, "quantity"]);
    expect(await fieldOf({ kind: "sale", quantity: 1, delta: 3 })).toEqual([400, "delta"]);
    expect(await fieldOf({ kind: "transfer", quantity: 1, locationId: HERE, toLocationId: HERE })).toEqual([
      400,
      "toLocationId",
    ]);
    expect(await fieldOf({ kind: "sale", quantity: 1, locationId: "999" })).toEqual([400, "locationId"]);
    expect(await fieldOf({ kind: "sale", quantity: 1, occurredAt: "yesterday" })).toEqual([400, "occurredAt"]);
  });
});

describe("dryRun=true", () => {
  it("answers what a write would do, and does nothing", async () => {
    await stock("W-6", "5006", 5);
    const before = await numbers("W-6");
    const sale = await post(
      "W-6",
      "movements?dryRun=true",
      { kind: "sale", quantity: 2 },
      { "idempotency-key": "dry" },
    );
    expect(sale).toMatchObject({
      status: 200,
      body: { dryRun: true, movement: { delta: -2 }, levels: { available: 3 } },
    });
    const refused = await post("W-6", "movements?dryRun=true", { kind: "sale", quantity: 9 });
    expect(refused.status).toBe(409);
    const counted = await post("W-6", "counts?dryRun=true", { locationId: HERE, counted: 9 });
    expect(counted).toMatchObject({ status: 200, body: { movement: { delta: 4 } } });
    expect(await numbers("W-6")).toEqual(before);
    const real = await post("W-6", "movements", { kind: "sale", quantity: 2 }, { "idempotency-key": "dry" });
    expect(real.status).toBe(201);
  });
});

describe("If-Match", () => {
  it("lets a write through on the current version, and answers 412 with what is current on any other", async () => {
    await stock("W-7", "5007", 5);
    const { version } = await numbers("W-7");
    const first = await move("W-7", { kind: "sale", quantity: 1 }, { "if-match": `W/"${version}"` });
    expect(first.status).toBe(201);
    const second = await move("W-7", { kind: "sale", quantity: 1 }, { "if-match": `W/"${version}"` });
    expect(second).toMatchObject({
      status: 412,
      body: { code: "version_mismatch", version: version + 1, levels: { available: 4, version: version + 1 } },
    });
    expect((await move("W-7", { kind: "sale", quantity: 1 }, { "if-match": "nonsense" })).body["field"]).toBe(
      "If-Match",
    );
  });

  it("loses no write of twenty writers on one SKU, each adding one to what it read", async () => {
    await stock("W-8", "5008", 0);
    const writer = (n: number) =>
      withOptimisticRetry({
        read: async () => (await call("GET", "/v1/inventory/W-8")).body as { version: number; available: number },
        write: async ({ available }, version) => {
          const headers = { "if-match": `W/"${version}"`, "idempotency-key": `writer-${n}-${version}` };
          const { status, body } = await post("W-8", "counts", { locationId: HERE, counted: available + 1 }, headers);
          if (status !== 412) return { kind: status === 201 ? "written" : "refused", value: status };
          return { kind: "stale", levels: body["levels"] as { version: number; available: number } };
        },
      });
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, n) => writer(n)));
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(["written"]));
    expect((await numbers("W-8")).available).toBe(20);
  });
});

describe("POST /v1/inventory/{sku}/lock", () => {
  const lock = (sku: string, ttlSeconds = 60, query = "?wait=0", headers: Readonly<Record<string, string>> = {}) =>
    call("POST", `/v1/inventory/${sku}/lock${query}`, { ttlSeconds }, headers);
  const nameOf = ({ body }: Awaited<ReturnType<typeof lock>>) => ({
    "lease-id": String(body["leaseId"]),
    "fencing-token": String(body["fencingToken"]),
  });

  it("gives the levels, the version, a fencing token and an end; only its holder writes and counts meanwhile", async () => {
    await stock("L-1", "5101", 5);
    const leased = await lock("L-1");
    expect(leased).toMatchObject({ status: 201, body: { fencingToken: 1, levels: { available: 5 }, holder: "admin" } });
    const other = await post("L-1", "movements?wait=0", { kind: "sale", quantity: 1 });
    expect([other.status, other.body["code"], Number(other.headers.get("retry-after"))]).toEqual([423, "locked", 60]);
    expect((await post("L-1", "counts?wait=0", { locationId: HERE, counted: 9 })).status).toBe(423);
    expect((await lock("L-1")).status).toBe(423);
    expect((await move("L-1", { kind: "sale", quantity: 1 }, nameOf(leased))).status).toBe(201);
    expect((await move("L-1", { kind: "receipt", quantity: 1 })).status).toBe(201);
  });

  it("is extended and released by its holder alone, and an ended token is refused", async () => {
    await stock("L-2", "5102", 5);
    const leased = await lock("L-2", 60, "?wait=0", { "idempotency-key": "a-key-that-is-hard-to-guess" });
    const again = await lock("L-2", 60, "?wait=0", { "idempotency-key": "a-key-that-is-hard-to-guess" });
    expect(again.body["fencingToken"]).toBe(leased.body["fencingToken"]);
    const path = "/v1/inventory/L-2/lock";
    expect((await call("PATCH", path, { ttlSeconds: 600 }, nameOf(leased))).status).toBe(200);
    const stranger = { "lease-id": "somebody-else", "fencing-token": "1" };
    expect((await call("DELETE", path, undefined, stranger)).status).toBe(412);
    expect((await call("DELETE", path, undefined, nameOf(leased))).body).toMatchObject({ unlocked: true });
    const late = await move("L-2", { kind: "sale", quantity: 1 }, nameOf(leased));
    expect(late).toMatchObject({ status: 412, body: { code: "stale_lease", newestToken: 1 } });
    expect((await lock("L-2")).body["fencingToken"]).toBe(2);
  });

  it("survives an eviction, token and all", async () => {
    const { skuId } = await stock("L-3", "5103", 5);
    const leased = await lock("L-3");
    await evictDurableObject(stubOf(skuId));
    expect((await post("L-3", "movements?wait=0", { kind: "sale", quantity: 1 })).status).toBe(423);
    expect((await move("L-3", { kind: "sale", quantity: 1 }, nameOf(leased))).status).toBe(201);
  });

  it("lets a write wait for its end, and go on as soon as it is released", async () => {
    await stock("L-4", "5104", 5);
    const leased = await lock("L-4");
    const waiting = move("L-4", { kind: "sale", quantity: 1 });
    await scheduler.wait(100);
    expect((await numbers("L-4")).available).toBe(5);
    await call("DELETE", "/v1/inventory/L-4/lock", undefined, nameOf(leased));
    expect((await waiting).status).toBe(201);
  });

  it("goes from one to the next of fifty contenders: one writer at a time, and nobody starves", async () => {
    const { skuId } = await stock("L-5", "5105", 0);
    const startedMs = Date.now();
    let [inside, most, tries] = [0, 0, 0];
    const waits: number[] = [];
    const contend = async (n: number) => {
      let ticket: Readonly<Record<string, string>> = {};
      for (;;) {
        tries += 1;
        const leased = await lock("L-5", 30, "?wait=5", { ...ticket, "x-client-id": `client-${n}` });
        if (leased.status === 423) {
          ticket = { "lock-ticket": String(leased.body["ticket"]) };
          continue;
        }
        waits.push(Date.now() - startedMs);
        inside += 1;
        most = Math.max(most, inside);
        const { available } = leased.body["levels"] as { available: number };
        const body = { locationId: HERE, counted: available + 1 };
        const headers = { ...nameOf(leased), "idempotency-key": `contender-${n}` };
        const counted = await post("L-5", "counts", body, headers);
        inside -= 1;
        await call("DELETE", "/v1/inventory/L-5/lock", undefined, nameOf(leased));
        return counted.status;
      }
    };
    const statuses = await Promise.all(Array.from({ length: 50 }, (_, n) => contend(n)));
    expect(new Set(statuses)).toEqual(new Set([201]));
    expect([most, (await numbers("L-5")).available]).toEqual([1, 50]);
    expect(Math.max(...waits)).toBeLessThan(30_000);
    expect(tries).toBeLessThan(200);
    expect(await stubOf(skuId).levels()).toMatchObject({ available: 50 });
  }, 60_000);
});

describe("POST /v1/inventory/{sku}/counts", () => {
  it("waits at a location that Shopify shows, and says so", async () => {
    await stock("C-1", "5201", 5);
    const waits = await post("C-1", "counts", { locationId: HERE, counted: 4, of: "on_hand" });
    expect(waits).toMatchObject({ status: 202, body: { status: "waiting", levels: { available: 5 } } });
  });

  it("of available is booked at once, with its difference as a movement", async () => {
    await stock("C-2", "5202", 5);
    const counted = await post("C-2", "counts", { locationId: HERE, counted: 8, reason: "stocktake" });
    expect(counted).toMatchObject({
      status: 201,
      body: { movement: { kind: "count", delta: 3, reason: "stocktake" } },
    });
    const movements = (await call("GET", "/v1/inventory/C-2/movements")).body["movements"];
    expect(movements).toMatchObject([{ kind: "count", before: 5, after: 8 }, { kind: "shopify" }]);
  });
});

describe("X-Client-Id", () => {
  it("names the client in its movements, and is refused when it is no plain name", async () => {
    await stock("X-1", "5301", 5);
    const named = await move("X-1", { kind: "sale", quantity: 1 }, { "x-client-id": "till-7" });
    expect(named.body["movement"]).toMatchObject({ actor: "admin/till-7" });
    expect((await move("X-1", { kind: "sale", quantity: 1 }, { "x-client-id": "a b" })).body["field"]).toBe(
      "X-Client-Id",
    );
  });
});

describe("the strategy of a SKU", () => {
  it("is demanded with 428 where it wants a version or a lease", async () => {
    const { counter } = await stock("S-1", "5401", 5);
    const { DEFAULT_POLICY } = await import("../../src/domain/policy/sku-policy.ts");
    const policy = { ...DEFAULT_POLICY, strategy: "optimistic" } as const;
    await counter.apply([{ kind: "policy", policy, correlationId: fromStore("test") }]);
    expect(await adjust("S-1", { delta: -1 })).toMatchObject({ status: 428, body: { field: "If-Match" } });
    const { version } = await numbers("S-1");
    expect((await move("S-1", { kind: "sale", quantity: 1 }, { "if-match": `W/"${version}"` })).status).toBe(201);
  });
});
