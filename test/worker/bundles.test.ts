/** Bundles over HTTP: kept, read, sold, and refused. */
import { describe, expect, it } from "vitest";
import { type Answer, call, callWith } from "./support/api.ts";
import { type Stocked, stock } from "./support/catalogue.ts";
import { HERE, THERE } from "./support/counters.ts";

let keys = 0;
const put = (sku: string, components: Readonly<Record<string, number>>, query = "") =>
  call("PUT", `/v1/bundles/${sku}${query}`, {
    components: Object.entries(components).map(([its, quantity]) => ({ sku: its, quantity })),
  });
const move = (sku: string, body: object, key = `bundle-key-${++keys}`, query = "") =>
  call("POST", `/v1/inventory/${sku}/movements${query}`, body, { "idempotency-key": key });
const read = (sku: string) => call("GET", `/v1/inventory/${sku}`);
const codeOf = ({ status, body }: Answer) => [status, body["code"]];
const shown = async (...stocked: readonly Stocked[]) =>
  Promise.all(
    stocked.map(async ({ counter }) => {
      const levels = await counter.levels();
      return [levels?.available, levels?.reserved, levels?.committed];
    }),
  );

describe("a bundle", () => {
  it("is put, listed, told, edited and deleted; an edit says when it is effective", async () => {
    await stock("KEEP-A", "3001", 1);
    await stock("KEEP-B", "3002", 1);
    const made = await put("KEEP", { "KEEP-A": 1, "KEEP-B": 2 });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      sku: "KEEP",
      revision: 0,
      components: [
        { sku: "KEEP-A", quantity: 1, kind: "stocked" },
        { sku: "KEEP-B", quantity: 2, kind: "stocked" },
      ],
      updatedBy: "admin",
      effectiveWithinSeconds: 60,
    });
    const edited = await put("KEEP", { "KEEP-A": 3 });
    expect([edited.status, edited.body["revision"]]).toEqual([200, 1]);
    expect((await call("GET", "/v1/bundles/KEEP")).body["takes"]).toEqual([{ sku: "KEEP-A", quantity: 3 }]);
    const page = await call("GET", "/v1/bundles?limit=1&after=KEE");
    expect((page.body["bundles"] as { sku: string }[]).map(({ sku }) => sku)).toEqual(["KEEP"]);
    expect((await put("KEEP", { "KEEP-B": 1 }, "?dryRun=true")).body).toMatchObject({ dryRun: true, revision: 2 });
    expect((await call("GET", "/v1/bundles/KEEP")).body["revision"]).toBe(1);
    expect(await call("DELETE", "/v1/bundles/KEEP")).toMatchObject({ status: 200, body: { deleted: true } });
    expect(codeOf(await call("GET", "/v1/bundles/KEEP"))).toEqual([404, "not_found"]);
    expect(codeOf(await read("KEEP"))).toEqual([404, "not_found"]);
    expect((await put("KEEP", { "KEEP-A": 1 })).body["revision"]).toBe(2); // goes on over the deletion
  });

  it("may nest, and names the path of what is wrong: a circle, an unknown component, too much", async () => {
    await stock("NEST-A", "3011", 50);
    await put("NEST-1", { "NEST-A": 2 });
    await put("NEST-2", { "NEST-1": 3, "NEST-A": 1 });
    expect((await call("GET", "/v1/bundles/NEST-2")).body["takes"]).toEqual([{ sku: "NEST-A", quantity: 7 }]);
    const circle = await put("NEST-1", { "NEST-2": 1 });
    expect(codeOf(circle)).toEqual([409, "conflict"]);
    expect(circle.body["path"]).toEqual(["NEST-1", "NEST-2", "NEST-1"]);
    expect(codeOf(await put("NEST-1", { "NEST-1": 1 }))).toEqual([409, "conflict"]);
    const unknown = await put("NEST-3", { "NEST-2": 1, NOPE: 1 });
    expect([unknown.status, unknown.body["path"]]).toEqual([400, ["NEST-3", "NOPE"]]);
    expect((await put("NEST-3", { "NEST-2": 1_000_000_000 })).body["path"]).toEqual(["NEST-3", "NEST-2", "NEST-1"]);
    const used = await call("DELETE", "/v1/bundles/NEST-1");
    expect([used.status, used.body["bundles"]]).toEqual([409, ["NEST-2"]]);
  });

  it("has no stock of its own: a stocked SKU is none", async () => {
    await stock("OWN-A", "3021", 1);
    await stock("OWN-B", "3022", 1);
    expect(codeOf(await put("OWN-A", { "OWN-B": 1 }))).toEqual([409, "conflict"]);
  });

  it("takes at most 30 stocked SKUs, its nested ones counted", async () => {
    await Promise.all(Array.from({ length: 31 }, (_, i) => stock(`MANY-${i}`, `31${100 + i}`, 1)));
    const names = (from: number, to: number) =>
      Object.fromEntries(Array.from({ length: to - from }, (_, i) => [`MANY-${from + i}`, 1]));
    expect((await put("MANY-X", names(0, 16))).status).toBe(201);
    expect((await put("MANY-Y", { ...names(16, 30), "MANY-X": 1 })).status).toBe(201);
    const more = await put("MANY-X", { ...names(0, 16), "MANY-30": 1 });
    expect([more.status, more.body["path"]]).toEqual([400, ["MANY-Y", "MANY-X"]]);
  });
});

describe("levels of a bundle", () => {
  it("are the minimum over its components, per location and in all, and its version rises when one moves", async () => {
    await stock("LVL-A", "3201", 7, 5);
    await stock("LVL-B", "3202", 2, 9);
    await put("LVL", { "LVL-A": 2, "LVL-B": 1 });
    const { status, body, headers } = await read("LVL");
    expect(status).toBe(200);
    expect(body).toEqual({
      sku: "LVL",
      version: 2,
      available: 4,
      floor: 4,
      locations: [
        { locationId: HERE, available: 2, floor: 2 },
        { locationId: THERE, available: 2, floor: 2 },
      ],
      components: [
        { sku: "LVL-A", quantity: 2, available: 12, floor: 12 },
        { sku: "LVL-B", quantity: 1, available: 11, floor: 11 },
      ],
      bundle: true,
      source: "counter",
      asOf: expect.any(String),
    });
    const same = await call("GET", "/v1/inventory/LVL", undefined, { "if-none-match": headers.get("etag") ?? "" });
    expect(same.status).toBe(304);
    await move("LVL-B", { kind: "sale", quantity: 2, locationId: HERE });
    const after = await read("LVL");
    expect(after.body).toMatchObject({ available: 2, version: 3 });
    await put("LVL", { "LVL-A": 1 });
    const edited = await read("LVL");
    expect(edited.body).toMatchObject({ available: 12, version: 1_000_000_001 });
  });

  it("are what a channel's rules leave of each component", async () => {
    await stock("CHAN-A", "3221", 9, 4);
    await stock("CHAN-B", "3222", 5, 5);
    await put("CHAN", { "CHAN-A": 2, "CHAN-B": 1 });
    const rules = { buffer: { kind: "fixed", units: 7 } };
    expect((await call("PUT", "/v1/inventory/CHAN-B/channels/market", rules)).status).toBe(200);
    const { status, body } = await call("GET", "/v1/inventory/CHAN/sellable?channel=market");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      sellable: 3,
      certain: 3,
      locations: [
        { locationId: HERE, sellable: 3 },
        { locationId: THERE, sellable: 0 },
      ],
      components: [
        { sku: "CHAN-A", quantity: 2, sellable: 13 },
        { sku: "CHAN-B", quantity: 1, sellable: 3 },
      ],
    });
    const sold = await move("CHAN", { kind: "sale", quantity: 4, channel: "market" });
    expect(codeOf(sold)).toEqual([409, "insufficient_stock"]);
    expect((await move("CHAN", { kind: "sale", quantity: 3, channel: "market" })).status).toBe(201);
  });

  it("come with those of stocked SKUs in one batch, and what nobody knows stays missing", async () => {
    await stock("BAT-A", "3211", 4);
    await put("BAT", { "BAT-A": 3 });
    const { body } = await call("POST", "/v1/inventory/batch", { skus: ["BAT", "BAT-A", "BAT-NONE"] });
    const items = body["items"] as { sku: string; available: number }[];
    expect(items.map(({ sku, available }) => [sku, available])).toEqual([
      ["BAT", 1],
      ["BAT-A", 4],
    ]);
    expect(body["missing"]).toEqual(["BAT-NONE"]);
  });

  it("cannot be told while the database is away and nobody has asked before", async () => {
    const away = { DB: { prepare: () => ({ bind: () => ({}) }), batch: () => Promise.reject(new Error("away")) } };
    expect(codeOf(await callWith(away, "GET", "/v1/inventory/AWAY-BUNDLE"))).toEqual([503, "unavailable"]);
  });
});

describe("a sale of a bundle", () => {
  it("takes its components all or none, once", async () => {
    const stocked = [await stock("SALE-A", "3301", 6), await stock("SALE-B", "3302", 2)];
    await put("SALE", { "SALE-A": 2, "SALE-B": 1 });
    const sold = await move("SALE", { kind: "sale", quantity: 2 }, "sale-1");
    expect(sold.status).toBe(201);
    expect(sold.body).toMatchObject({
      bundle: { sku: "SALE", quantity: 2 },
      reservation: { status: "committed", settled: true, lines: [{ sku: "SALE", quantity: 2, committed: 2 }] },
    });
    const again = await move("SALE", { kind: "sale", quantity: 2 }, "sale-1");
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([200, "true"]);
    expect(codeOf(await move("SALE", { kind: "sale", quantity: 1 }, "sale-1"))).toEqual([
      422,
      "idempotency_key_reused",
    ]);
    const short = await move("SALE", { kind: "sale", quantity: 1 });
    expect(codeOf(short)).toEqual([409, "insufficient_stock"]);
    expect(short.body["short"]).toMatchObject([{ line: 0, sku: "SALE", component: "SALE-B", wanted: 1, left: 0 }]);
    expect(await shown(...stocked)).toEqual([
      [2, 0, 4],
      [0, 0, 2],
    ]);
  });

  it("is taken where all components are, not one here and one there", async () => {
    const stocked = [await stock("PLACE-A", "3311", 5, 1), await stock("PLACE-B", "3312", 0, 5)];
    await put("PLACE", { "PLACE-A": 1, "PLACE-B": 1 });
    const sold = await move("PLACE", { kind: "sale", quantity: 1 });
    expect(sold.body).toMatchObject({ reservation: { holds: [{ locationId: THERE }, { locationId: THERE }] } });
    expect(codeOf(await move("PLACE", { kind: "sale", quantity: 1 }))).toEqual([409, "insufficient_stock"]);
    expect(await shown(...stocked)).toEqual([
      [5, 0, 1],
      [4, 0, 1],
    ]);
  });

  it("handed over at once is never committed; an adjustment takes without a promise, too", async () => {
    const stocked = [await stock("TILL-A", "3321", 5), await stock("TILL-B", "3322", 5)];
    await put("TILL", { "TILL-A": 1, "TILL-B": 1 });
    await move("TILL", { kind: "sale", quantity: 1, fulfilled: true });
    const adjusted = await call(
      "POST",
      "/v1/inventory/TILL/adjustments",
      { delta: -1, reason: "display" },
      { "idempotency-key": "till-adjust" },
    );
    expect(adjusted.status).toBe(201);
    expect(await shown(...stocked)).toEqual([
      [3, 0, 0],
      [3, 0, 0],
    ]);
  });

  it("that has happened elsewhere counts whatever is there, each component by its own key", async () => {
    const stocked = [await stock("GONE-A", "3331", 1), await stock("GONE-B", "3332", 5)];
    await put("GONE", { "GONE-A": 2, "GONE-B": 1 });
    const told = await move("GONE", { kind: "sale", quantity: 1, happened: true }, "gone-1");
    expect(told.status).toBe(201);
    expect((told.body["movements"] as object[]).length).toBe(2);
    // The caller's own use of that key at a component is another movement.
    expect((await move("GONE-B", { kind: "sale", quantity: 1 }, "gone-1")).status).toBe(201);
    const again = await move("GONE", { kind: "sale", quantity: 1, happened: true }, "gone-1");
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([200, "true"]);
    expect(await shown(...stocked)).toEqual([
      [-1, 0, 2],
      [3, 0, 2],
    ]);
  });

  it("comes back by its components, and a cancellation that names a sale of before books it no second time", async () => {
    const stocked = [await stock("BACK-A", "3341", 5), await stock("BACK-B", "3342", 5)];
    await put("BACK", { "BACK-A": 1, "BACK-B": 2 });
    await move("BACK", { kind: "sale", quantity: 2 }, "back-sale");
    const sale = { idempotencyKey: "back-sale", quantity: 2 };
    const cancelled = await move("BACK", { kind: "cancellation", quantity: 1, locationId: HERE, sale });
    expect(cancelled.status).toBe(201);
    await move("BACK", { kind: "shipment", quantity: 1, locationId: HERE });
    expect(await shown(...stocked)).toEqual([
      [4, 0, 0],
      [3, 0, 0],
    ]);
  });

  it("tells with dryRun what would be", async () => {
    const stocked = await stock("TRY-A", "3351", 3);
    await put("TRY", { "TRY-A": 2 });
    const dry = await move("TRY", { kind: "sale", quantity: 1 }, "try-1", "?dryRun=true");
    expect([dry.status, dry.body["dryRun"]]).toEqual([200, true]);
    expect(codeOf(await move("TRY", { kind: "sale", quantity: 2 }, "try-2", "?dryRun=true"))).toEqual([
      409,
      "insufficient_stock",
    ]);
    const happened = await move("TRY", { kind: "sale", quantity: 2, happened: true }, "try-3", "?dryRun=true");
    expect(happened.status).toBe(200);
    expect(await shown(stocked)).toEqual([[3, 0, 0]]);
  });

  it("is no transfer, and has no version to write against", async () => {
    await stock("NOT-A", "3361", 3);
    await put("NOT", { "NOT-A": 2 });
    const transfer = { kind: "transfer", quantity: 1, locationId: HERE, toLocationId: THERE };
    expect(codeOf(await move("NOT", transfer))).toEqual([400, "bad_request"]);
    const versioned = await call(
      "POST",
      "/v1/inventory/NOT/movements",
      { kind: "sale", quantity: 1 },
      { "idempotency-key": "not-1", "if-match": 'W/"1"' },
    );
    expect(codeOf(versioned)).toEqual([400, "bad_request"]);
  });
});

describe("a reservation with a bundle in it", () => {
  it("holds its components beside the other lines, and sells a part of it", async () => {
    const stocked = [await stock("MIX-A", "3401", 10), await stock("MIX-B", "3402", 10)];
    await put("MIX", { "MIX-A": 2, "MIX-B": 1 });
    const { status, body } = await call(
      "POST",
      "/v1/reservations",
      {
        ttlSeconds: 60,
        lines: [
          { sku: "MIX", quantity: 3 },
          { sku: "MIX-A", quantity: 4 },
        ],
      },
      { "idempotency-key": "mix-1" },
    );
    expect(status).toBe(201);
    expect(await shown(...stocked)).toEqual([
      [0, 10, 0],
      [7, 3, 0],
    ]);
    await call("POST", `/v1/reservations/${body["id"]}/commit`, { lines: [{ sku: "MIX", quantity: 1 }] });
    expect(await shown(...stocked)).toEqual([
      [8, 0, 2],
      [9, 0, 1],
    ]);
  });

  it("names the component that is short", async () => {
    await stock("SHORT-A", "3411", 10);
    await stock("SHORT-B", "3412", 1);
    await put("SHORT", { "SHORT-A": 2, "SHORT-B": 1 });
    const { status, body } = await call(
      "POST",
      "/v1/reservations",
      {
        ttlSeconds: 60,
        lines: [
          { sku: "SHORT-A", quantity: 1 },
          { sku: "SHORT", quantity: 2 },
        ],
      },
      { "idempotency-key": "short-1" },
    );
    expect(status).toBe(409);
    expect(body["short"]).toEqual([
      { line: 1, sku: "SHORT", component: "SHORT-B", locationId: null, wanted: 2, left: 1 },
    ]);
  });
});
