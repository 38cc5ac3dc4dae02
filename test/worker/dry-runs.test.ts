/** Every write can say what it would do; and one that cannot says so, instead of doing it. */
import { describe, expect, it } from "vitest";
import { call } from "./support/api.ts";
import { stock } from "./support/catalogue.ts";
import { SHOP } from "./support/counters.ts";

let keys = 0;
const post = (path: string, body: object = {}) =>
  call("POST", path, body, { "idempotency-key": `dry-run-key-${++keys}` });
const levels = async (sku: string) => {
  const { available, reserved, committed, version } = (await call("GET", `/v1/inventory/${sku}`)).body;
  return { available, reserved, committed, version };
};

describe("?dryRun=true", () => {
  it("of a reservation's ends foresees each of them, and leaves it open", async () => {
    await stock("DRY-1", "7101", 9);
    const held = await post("/v1/reservations", { lines: [{ sku: "DRY-1", quantity: 4 }], ttlSeconds: 60 });
    const path = `/v1/reservations/${String(held.body["id"])}`;
    const before = await levels("DRY-1");
    const commit = await post(`${path}/commit?dryRun=true`, { lines: [{ sku: "DRY-1", quantity: 3 }] });
    expect(commit).toMatchObject({
      status: 200,
      body: { dryRun: true, status: "committed", lines: [{ quantity: 4, committed: 3 }] },
    });
    expect(await post(`${path}/release?dryRun=true`)).toMatchObject({ status: 200, body: { status: "released" } });
    const extend = await post(`${path}/extend?dryRun=true`, { ttlSeconds: 600 });
    expect(Date.parse(String(extend.body["expiresAt"]))).toBeGreaterThan(Date.parse(String(held.body["expiresAt"])));
    expect((await call("GET", path)).body).toMatchObject({ status: "open", expiresAt: held.body["expiresAt"] });
    expect(await levels("DRY-1")).toEqual(before);
    const beyond = await post(`${path}/commit?dryRun=true`, { lines: [{ sku: "DRY-1", quantity: 5 }] });
    expect(beyond.status).toBe(422);
  });

  it("of a lock tells when it would end, and gives nobody a lease", async () => {
    await stock("DRY-2", "7102", 9);
    const foreseen = await call("POST", "/v1/inventory/DRY-2/lock?dryRun=true", { ttlSeconds: 60 });
    expect(foreseen).toMatchObject({ status: 200, body: { dryRun: true, holder: "admin" } });
    expect(foreseen.body["leaseId"]).toBeUndefined();
    expect((await post("/v1/inventory/DRY-2/movements?wait=0", { kind: "sale", quantity: 1 })).status).toBe(201);
  });

  it("of a listing's release shows the levels without it, and keeps it", async () => {
    await stock("DRY-3", "7103", 9);
    const path = `/v1/shops/${SHOP}/listings/7103/release`;
    const foreseen = await post(`${path}?dryRun=true`, { sku: "DRY-3" });
    expect(foreseen).toMatchObject({
      status: 200,
      body: { dryRun: true, released: "listing", levels: { available: 0 } },
    });
    expect(await levels("DRY-3")).toMatchObject({ available: 9 });
    expect((await post(`${path}?dryRun=true`, { sku: "OTHER" })).status).toBe(409);
    expect((await post(path, { sku: "DRY-3" })).body).toMatchObject({ released: "listing", levels: { available: 0 } });
  });

  it("of a channel's default rules answers them, and puts none", async () => {
    const path = "/v1/channels/dry-market/rules";
    const foreseen = await call("PUT", `${path}?dryRun=true`, { cap: 3 });
    expect(foreseen).toMatchObject({ status: 200, body: { dryRun: true, rules: { cap: 3 } } });
    expect((await call("GET", path)).body["rules"]).toBeNull();
  });

  it("is refused by a write that has none: nobody who only wanted to look changes anything", async () => {
    const refused = await call("PATCH", `/v1/shops/${SHOP}/gate?dryRun=true`, { readOnly: true });
    expect(refused).toMatchObject({ status: 400, body: { code: "bad_request", field: "dryRun" } });
    expect((await call("GET", `/v1/shops/${SHOP}/gate`)).body).not.toMatchObject({ readOnly: true });
    // These have one, in their body: in the query it would be read by nobody.
    for (const what of ["import", "disconnect"])
      expect((await post(`/v1/shops/${SHOP}/${what}?dryRun=true`)).body["field"]).toBe("dryRun");
  });
});
