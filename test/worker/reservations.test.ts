/** Reservations over HTTP, on the real counters and the real coordinator. */

import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { type Answer, call } from "./support/api.ts";
import { list, type Stocked, stock } from "./support/catalogue.ts";
import { HERE, THERE } from "./support/counters.ts";

let keys = 0;
const reserve = (body: object, key = `res-${++keys}`, headers: Readonly<Record<string, string>> = {}, query = "") =>
  call("POST", `/v1/reservations${query}`, { ttlSeconds: 60, ...body }, { "idempotency-key": key, ...headers });
const lines = (...given: readonly (readonly [string, number, string?])[]) =>
  given.map(([sku, quantity, locationId]) => ({ sku, quantity, ...(locationId === undefined ? {} : { locationId }) }));
const end = (id: unknown, how: string, body: object = {}) => call("POST", `/v1/reservations/${id}/${how}`, body);
const shown = async (...stocked: readonly Stocked[]) =>
  Promise.all(
    stocked.map(async ({ counter }) => {
      const levels = await counter.levels();
      return [levels?.available, levels?.reserved, levels?.committed];
    }),
  );
const codeOf = ({ status, body }: Answer) => [status, body["code"]];

describe("POST /v1/reservations", () => {
  it("holds lines of several SKUs, and answers where", async () => {
    const stocked = [await stock("RES-A", "2001", 4, 6), await stock("RES-B", "2002", 3)];
    const { status, headers, body } = await reserve({
      lines: lines(["RES-A", 5], ["RES-B", 2, HERE]),
      reference: "cart 7",
      channel: "till",
    });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^rsv_[0-9a-f]{32}$/),
      status: "open",
      settled: true,
      client: "admin",
      channel: "till",
      reason: "reservation",
      reference: "cart 7",
      correlationId: headers.get("x-correlation-id"),
      createdAt: expect.stringMatching(/Z$/),
      expiresAt: expect.stringMatching(/Z$/),
      endedAt: null,
      lines: [
        { sku: "RES-A", quantity: 5, locationId: null },
        { sku: "RES-B", quantity: 2, locationId: HERE },
      ],
      holds: [
        { sku: "RES-A", locationId: THERE, quantity: 5 },
        { sku: "RES-B", locationId: HERE, quantity: 2 },
      ],
    });
    expect(headers.get("location")).toBe(`/v1/reservations/${body["id"]}`);
    expect(await shown(...stocked)).toEqual([
      [5, 5, 0],
      [1, 2, 0],
    ]);
    expect(await call("GET", `/v1/reservations/${body["id"]}`)).toMatchObject({ status: 200, body });
  });

  it("answers 409 with every short line and what is left, and holds nothing", async () => {
    const stocked = [
      await stock("RES-C", "2003", 2, 1),
      await stock("RES-D", "2004", 5),
      await stock("RES-E", "2005", 1),
    ];
    const { status, body } = await reserve({
      lines: lines(["RES-C", 3], ["RES-D", 5], ["RES-E", 2], ["RES-C", 1, THERE]),
    });
    expect([status, body["code"]]).toEqual([409, "insufficient_stock"]);
    expect(body["short"]).toEqual([
      { line: 0, sku: "RES-C", locationId: null, wanted: 3, left: 2 },
      { line: 2, sku: "RES-E", locationId: null, wanted: 2, left: 1 },
    ]);
    expect(await shown(...stocked)).toEqual([
      [3, 0, 0],
      [5, 0, 0],
      [1, 0, 0],
    ]);
  });

  it("is one reservation per client and key: a repeat answers it, another body is an error, another client another one", async () => {
    const stocked = await stock("RES-F", "2006", 10);
    const body = { lines: lines(["RES-F", 2]) };
    const first = await reserve(body, "cart-1");
    const again = await reserve(body, "cart-1");
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([200, "true"]);
    expect(again.body).toEqual(first.body);
    expect(codeOf(await reserve({ lines: lines(["RES-F", 3]) }, "cart-1"))).toEqual([422, "idempotency_key_reused"]);
    const other = await reserve(body, "cart-1", { "x-client-id": "till-2" });
    expect([other.status, other.body["client"]]).toEqual([201, "admin/till-2"]);
    expect(await shown(stocked)).toEqual([[6, 4, 0]]);
  });

  it("forgets a refusal: the same key succeeds once there is enough", async () => {
    await stock("RES-G", "2007", 1);
    const body = { lines: lines(["RES-G", 2]) };
    expect(codeOf(await reserve(body, "again"))).toEqual([409, "insufficient_stock"]);
    await call(
      "POST",
      "/v1/inventory/RES-G/adjustments",
      { delta: 1, reason: "found" },
      { "idempotency-key": "found-1" },
    );
    expect((await reserve(body, "again")).status).toBe(201);
  });

  it("tells with dryRun what would be, and leaves nothing behind", async () => {
    const stocked = await stock("RES-H", "2008", 2);
    const body = { lines: lines(["RES-H", 2]) };
    const dry = await reserve(body, "dry", {}, "?dryRun=true");
    expect([dry.status, dry.body["dryRun"], dry.body["status"]]).toEqual([200, true, "open"]);
    expect(codeOf(await call("GET", `/v1/reservations/${dry.body["id"]}`))).toEqual([404, "not_found"]);
    expect(codeOf(await reserve({ lines: lines(["RES-H", 3]) }, "dry", {}, "?dryRun=true"))[0]).toBe(409);
    expect(await shown(stocked)).toEqual([[2, 0, 0]]);
    expect((await reserve(body, "dry")).status).toBe(201);
  });

  it("limits what one client may hold, and says so", async () => {
    const stocked = await stock("RES-I", "2009", 10);
    await stocked.counter.apply([{ kind: "policy", policy: await halfShare(), correlationId: "policy" as never }]);
    const { status, body } = await reserve({ lines: lines(["RES-I", 6]) });
    expect([status, body["code"]]).toEqual([429, "hold_limit"]);
    expect(body).toMatchObject({ sku: "RES-I", limit: "share", allowed: 5, held: 0 });
    expect((await reserve({ lines: lines(["RES-I", 5]) })).status).toBe(201);
    expect((await reserve({ lines: lines(["RES-I", 1]) })).status).toBe(429);
    expect((await reserve({ lines: lines(["RES-I", 1]) }, "other", { "x-client-id": "b" })).status).toBe(201);
  });

  it("is kept out by somebody's lease on one of its SKUs, and holds none of the others", async () => {
    const stocked = [await stock("RES-K", "2011", 2), await stock("RES-L", "2012", 2)];
    expect((await call("POST", "/v1/inventory/RES-L/lock", { ttlSeconds: 60 })).status).toBe(201);
    const kept = await reserve({ lines: lines(["RES-K", 1], ["RES-L", 1]) });
    expect(codeOf(kept)).toEqual([423, "locked"]);
    expect(Number(kept.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await shown(...stocked)).toEqual([
      [2, 0, 0],
      [2, 0, 0],
    ]);
  });

  it.each([
    [{ lines: [] }, 400, "bad_request", "lines"],
    [{ lines: lines(["RES-A", 0]) }, 400, "bad_request", "lines.0.quantity"],
    [{ lines: lines(["RES-A", 1]), ttlSeconds: 0 }, 400, "bad_request", "ttlSeconds"],
    [{ lines: lines(["RES-A", 1]), ttlSeconds: 604_801 }, 400, "bad_request", "ttlSeconds"],
    [{ lines: Array(101).fill({ sku: "RES-A", quantity: 1 }) }, 400, "bad_request", "lines"],
    [{ lines: lines(["RES-A", 1], ["RES-NONE", 1]) }, 404, "not_found", "lines.1.sku"],
    [{ lines: lines(["RES-A", 1, "99"]) }, 400, "bad_request", "lines"],
    [{ lines: lines(["RES-A", 1]), channel: "Not A Channel" }, 400, "bad_request", "channel"],
  ])("refuses %j", async (body, status, code, field) => {
    await stock("RES-A", "2001", 4, 6);
    const answer = await reserve(body);
    expect([answer.status, answer.body["code"], answer.body["field"]]).toEqual([status, code, field]);
  });

  it("answers 503 for a SKU whose import is under way", async () => {
    await list("RES-J", "2010");
    expect(codeOf(await reserve({ lines: lines(["RES-J", 1]) }))).toEqual([503, "importing"]);
  });
});

describe("the end of a reservation", () => {
  it("sells all, once", async () => {
    const stocked = [await stock("END-A", "2101", 5), await stock("END-B", "2102", 5)];
    const { body } = await reserve({ lines: lines(["END-A", 2], ["END-B", 3]) });
    const sold = await end(body["id"], "commit");
    expect(sold).toMatchObject({
      status: 200,
      body: { status: "committed", settled: true, lines: [{ committed: 2 }, { committed: 3 }] },
    });
    const again = await end(body["id"], "commit");
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([200, "true"]);
    expect(await shown(...stocked)).toEqual([
      [3, 0, 2],
      [2, 0, 3],
    ]);
    const kinds = (await stocked[0]?.counter.movements({ beforeSeq: null, limit: 10 }))?.movements.map((m) => m.kind);
    expect(kinds).toEqual(["commit", "hold", "shopify"]);
  });

  it("sells a part and releases the rest", async () => {
    const stocked = [await stock("END-C", "2103", 5, 5), await stock("END-D", "2104", 5)];
    const { body } = await reserve({ lines: lines(["END-C", 4], ["END-C", 2, THERE], ["END-D", 3]) });
    expect(codeOf(await end(body["id"], "commit", { lines: lines(["END-D", 4]) }))).toEqual([422, "out_of_range"]);
    const sold = await end(body["id"], "commit", { lines: lines(["END-C", 1], ["END-C", 1, THERE]) });
    expect(sold.body["lines"]).toMatchObject([{ committed: 1 }, { committed: 1 }, { committed: 0 }]);
    expect(await shown(...stocked)).toEqual([
      [8, 0, 2],
      [5, 0, 0],
    ]);
    expect(codeOf(await end(body["id"], "commit"))).toEqual([409, "reservation_committed"]);
  });

  it("releases, and tells each end from the others", async () => {
    const stocked = await stock("END-E", "2105", 5);
    const released = (await reserve({ lines: lines(["END-E", 1]) })).body["id"];
    expect(await end(released, "release")).toMatchObject({ status: 200, body: { status: "released" } });
    expect((await end(released, "release")).headers.get("idempotent-replayed")).toBe("true");
    expect(codeOf(await end(released, "commit"))).toEqual([409, "reservation_released"]);
    expect(codeOf(await end(released, "extend", { ttlSeconds: 9 }))).toEqual([409, "reservation_released"]);
    const sold = (await reserve({ lines: lines(["END-E", 1]) })).body["id"];
    await end(sold, "commit");
    expect(codeOf(await end(sold, "release"))).toEqual([409, "reservation_committed"]);
    expect(codeOf(await end(sold, "extend", { ttlSeconds: 9 }))).toEqual([409, "reservation_committed"]);
    expect(await shown(stocked)).toEqual([[4, 0, 1]]);
    for (const id of ["rsv_00000000000000000000000000000000", "nonsense"])
      expect(codeOf(await end(id, "commit"))).toEqual([404, "not_found"]);
  });

  it("expires at its time, at the counter as at the coordinator", async () => {
    const stocked = await stock("END-F", "2106", 5);
    const { body } = await reserve({ lines: lines(["END-F", 5]), ttlSeconds: 1 });
    expect(await shown(stocked)).toEqual([[0, 5, 0]]);
    await scheduler.wait(Date.parse(String(body["expiresAt"])) - Date.now() + 5);
    expect(codeOf(await end(body["id"], "commit"))).toEqual([410, "reservation_expired"]);
    expect(codeOf(await end(body["id"], "release"))).toEqual([410, "reservation_expired"]);
    expect((await call("GET", `/v1/reservations/${body["id"]}`)).body["status"]).toBe("expired");
    // Another buyer has them at once, alarm or no alarm.
    expect((await reserve({ lines: lines(["END-F", 5]) })).status).toBe(201);
  });

  it("lasts longer when it is extended", async () => {
    const stocked = await stock("END-G", "2107", 5);
    const { body } = await reserve({ lines: lines(["END-G", 5]), ttlSeconds: 1 });
    const longer = await end(body["id"], "extend", { ttlSeconds: 600 });
    expect(longer.status).toBe(200);
    expect(Date.parse(String(longer.body["expiresAt"]))).toBeGreaterThan(Date.now() + 590_000);
    await scheduler.wait(1_100);
    expect(await shown(stocked)).toEqual([[0, 5, 0]]);
    expect((await end(body["id"], "commit")).status).toBe(200);
  });

  it("is forgotten, when its time has come, with all that was stored", async () => {
    await stock("END-H", "2108", 5);
    const { body } = await reserve({ lines: lines(["END-H", 1]) });
    await end(body["id"], "release");
    const stub = env.RESERVATION_COORDINATOR.getByName(String(body["id"]));
    await runInDurableObject(stub, (_, { storage }) => {
      const { state } = storage.sql.exec<{ state: string }>("SELECT state FROM coordinator").one();
      const old = JSON.parse(state) as { reservation: { phase: { endedAtMs: number } } };
      old.reservation.phase.endedAtMs -= 31 * 86_400_000;
      storage.sql.exec("UPDATE coordinator SET state = ?", JSON.stringify(old));
    });
    const { evictDurableObject } = await import("cloudflare:test");
    await evictDurableObject(stub);
    await runDurableObjectAlarm(stub);
    expect(codeOf(await call("GET", `/v1/reservations/${body["id"]}`))).toEqual([404, "not_found"]);
    const tables = await runInDurableObject(stub, (_, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'coordinator'").toArray(),
    );
    expect(tables).toEqual([]);
  });
});

async function halfShare() {
  const { DEFAULT_POLICY } = await import("../../src/domain/policy/sku-policy.ts");
  return { ...DEFAULT_POLICY, heldShareMax: 50 };
}
