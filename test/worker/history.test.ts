/** A SKU's past over HTTP, in the real runtime. */
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { call } from "./support/api.ts";
import { stock } from "./support/catalogue.ts";
import { HERE, stubOf, THERE } from "./support/counters.ts";

type Wire = { readonly seq: number; readonly recordedAt: string; readonly [field: string]: unknown };
const move = (sku: string, body: object, key: string) =>
  call("POST", `/v1/inventory/${sku}/movements`, body, {
    "idempotency-key": key,
    "x-correlation-id": `cause-of-${key}`,
  });
const movements = async (sku: string, query = "") =>
  (await call("GET", `/v1/inventory/${sku}/movements?${query}`)).body as { movements: Wire[]; next: number | null };
const asOf = (sku: string, at: string) => call("GET", `/v1/inventory/${sku}?asOf=${encodeURIComponent(at)}`);
const pause = () => scheduler.wait(5);

async function sold(sku: string, number: string) {
  const stocked = await stock(sku, number, 10, 4);
  for (const [key, body] of [
    ["a", { kind: "sale", quantity: 3, locationId: HERE, reference: "R-1", channel: "till" }],
    ["b", { kind: "damage", quantity: 1, locationId: THERE, reason: "dropped" }],
    ["c", { kind: "sale", quantity: 2, locationId: HERE }],
  ] as const) {
    await pause();
    expect((await move(sku, body, `${sku}-${key}`)).status).toBe(201);
  }
  return stocked;
}

describe("GET /v1/inventory/{sku}/movements", () => {
  it("tells why, who, and each state before and after", async () => {
    await sold("HI-1", "3201");
    const [newest] = (await movements("HI-1", "limit=1")).movements;
    expect(newest).toMatchObject({
      ...{ kind: "sale", delta: -2, before: 7, after: 5, committed: 2, states: { committed: { before: 3, after: 5 } } },
      ...{ reason: "sale", source: "api", actor: "admin", correlationId: "cause-of-HI-1-c" },
    });
  });

  it("finds by kind, place, channel, reference, reason, cause and time", async () => {
    await sold("HI-2", "3202");
    const seqs = async (query: string) => (await movements("HI-2", query)).movements.map(({ seq }) => seq);
    expect(await seqs("kind=sale,damage")).toEqual([5, 4, 3]);
    expect(await seqs(`locationId=${THERE}`)).toEqual([4, 2]);
    expect(await seqs("channel=till")).toEqual([3]);
    expect(await seqs("reference=R-1")).toEqual([3]);
    expect(await seqs("reason=dropped")).toEqual([4]);
    expect(await seqs("correlationId=cause-of-HI-2-c")).toEqual([5]);
    const [, damaged] = (await movements("HI-2")).movements;
    const at = encodeURIComponent(damaged?.recordedAt ?? "");
    expect(await seqs(`from=${at}`)).toEqual([5, 4]);
    expect(await seqs(`to=${at}&kind=sale`)).toEqual([3]);
  });

  it("names a filter that it cannot read", async () => {
    await stock("HI-3", "3203", 1);
    for (const [query, field] of [
      ["kind=sale,gift", "kind"],
      ["from=yesterday", "from"],
      ["locationId=here", "locationId"],
      ["color=red", "color"],
    ] as const)
      expect((await call("GET", `/v1/inventory/HI-3/movements?${query}`)).body).toMatchObject({ status: 400, field });
  });
});

describe("GET /v1/inventory/{sku}?asOf=", () => {
  it("gives levels as each movement left them", async () => {
    await sold("HI-4", "3204");
    for (const { recordedAt, seq } of (await movements("HI-4")).movements) {
      const [ledger, committed, damaged] = { 5: [8, 5, 1], 4: [10, 3, 1], 3: [11, 3, 0] }[seq] ?? [14, 0, 0];
      const { status, body } = await asOf("HI-4", recordedAt);
      expect([status, body]).toMatchObject([200, { precision: "exact", at: recordedAt, ledger, committed, damaged }]);
    }
    const now = (await asOf("HI-4", new Date().toISOString())).body;
    expect(now["locations"]).toMatchObject([
      { locationId: HERE, ledger: 5, committed: 5 },
      { locationId: THERE, ledger: 3, damaged: 1 },
    ]);
  });

  it("says that it knows a folded time by the day only, and what it speaks of", async () => {
    const { skuId } = await sold("HI-5", "3205");
    await runInDurableObject(stubOf(skuId), (_, { storage }) => {
      // As pruning leaves it: two days ago 3 came, yesterday 1 went, and these are the rows of today.
      storage.sql.exec(
        "INSERT INTO balances (day, location_id, kind, delta, movements) VALUES ('2026-01-01', ?, 'receipt', 3, 1), ('2026-01-02', ?, 'sale', -1, 1)",
        HERE,
        HERE,
      );
      storage.sql.exec(
        "INSERT INTO facets (name, state) VALUES ('folded', ?)",
        String(Date.parse("2026-01-02T09:00:00Z")),
      );
    });
    expect((await asOf("HI-5", "2026-01-02T08:00:00+00:00")).body).toMatchObject({
      ...{ asOf: "2026-01-02T08:00:00.000Z", precision: "day", at: "2026-01-02T00:00:00.000Z", ledger: 3 },
    });
    expect((await asOf("HI-5", "2026-01-02T10:00:00Z")).body).toMatchObject({ precision: "exact", ledger: 2 });
  });

  it("refuses the future, a time that is none, and an unknown SKU", async () => {
    await stock("HI-6", "3206", 1);
    expect((await asOf("HI-6", new Date(Date.now() + 60_000).toISOString())).body).toMatchObject({
      status: 400,
      field: "asOf",
    });
    expect((await asOf("HI-6", "2026")).body).toMatchObject({ status: 400, field: "asOf" });
    expect((await asOf("HI-NONE", "2026-01-02T08:00:00Z")).status).toBe(404);
  });
});
