/** From a sale that nobody could refuse to the API, the metric and the log, in the real runtime. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { call, callWith } from "./support/api.ts";
import { stock } from "./support/catalogue.ts";
import { HERE } from "./support/counters.ts";
import { handOver, message } from "./support/queue.ts";
import { TEST_ENV } from "./support/test-env.ts";
import { until } from "./support/until.ts";

type Wire = {
  readonly id: string;
  readonly status: string;
  readonly units: number;
  readonly peak: number;
  readonly correlationId: string;
  readonly resolvedAt: string | null;
  readonly shortSales: readonly Record<string, unknown>[];
};
const oversells = async (query: string) => (await call("GET", `/v1/oversells?${query}`)).body["oversells"] as Wire[];
const move = (sku: string, body: object, key: string) =>
  call("POST", `/v1/inventory/${sku}/movements`, body, {
    "idempotency-key": key,
    "x-correlation-id": `cause-of-${key}`,
  });
const scrape = async (headers: Readonly<Record<string, string>> = {}) => {
  const { exports } = await import("cloudflare:workers");
  const authorization = `Bearer ${TEST_ENV.ADMIN_TOKEN}`;
  return exports.default.fetch("https://onhand.test/metrics", { headers: { authorization, ...headers } });
};

describe("an oversell", () => {
  it("is reported within seconds with the sales that fall short, counted, and resolved when stock returns", async () => {
    await stock("OS-1", "3101", 2);
    const sold = await move(
      "OS-1",
      { kind: "sale", quantity: 5, happened: true, reference: "R-9", channel: "till" },
      "os-k1",
    );
    expect(sold.status).toBe(201);
    const [open] = await until(
      () => oversells("sku=OS-1&status=open"),
      (rows) => rows.length > 0,
    );
    expect(open).toMatchObject({
      ...{ status: "open", units: 3, peak: 3, correlationId: "cause-of-os-k1", resolvedAt: null, unexplained: 0 },
      shortSales: [{ kind: "sale", id: "api/os-k1", reference: "R-9", channel: "till", units: 5, short: 3 }],
    });
    const text = await (await scrape()).text();
    expect(text).toMatch(/^onhand_oversells_open 1$/m);
    expect(text).toMatch(/^onhand_oversold_units 3$/m);
    await move("OS-1", { kind: "receipt", quantity: 10, locationId: HERE }, "os-k2");
    const [resolved] = await until(
      () => oversells("sku=OS-1&status=resolved"),
      (rows) => rows.length > 0,
    );
    expect(resolved).toMatchObject({ id: open?.id, status: "resolved", units: 0, peak: 3, shortSales: [] });
    expect((await call("GET", `/v1/oversells/${open?.id}`)).body).toEqual(resolved);
    expect(await (await scrape()).text()).toMatch(/^onhand_oversold_units_total 3$/m);
    expect(await oversells("sku=OS-1&status=open")).toEqual([]);
  });

  it("that no report tells of any more is left as it is by one that comes late", async () => {
    const notice = (version: number, units: number) => ({
      ...{
        v: 1,
        kind: "oversell",
        skuId: "sku_late",
        sku: "LATE",
        since: 5,
        version,
        units,
        peak: 7,
        sinceMs: 1,
        atMs: 2,
      },
      ...{ sales: [], unexplained: units, correlationId: "late-report" },
    });
    expect(await handOver("onhand-notifications", message("n2", notice(8, 0)))).toMatchObject({ explicitAcks: ["n2"] });
    expect(await handOver("onhand-notifications", message("n1", notice(6, 7)))).toMatchObject({ explicitAcks: ["n1"] });
    expect(await oversells("sku=LATE")).toMatchObject([{ status: "resolved", units: 0 }]);
  });

  it("whose report died is a dead letter, and a replay brings it in", async () => {
    const body = {
      ...{
        v: 1,
        kind: "oversell",
        skuId: "sku_dead",
        sku: "DEAD",
        since: 5,
        version: 6,
        units: 2,
        peak: 2,
        sinceMs: 1,
      },
      ...{ atMs: 2, sales: [], unexplained: 2, correlationId: "dead-report" },
    };
    await handOver("onhand-notifications-dlq", message("d1", body));
    const { body: letters } = await call("GET", "/v1/dead-letters?correlationId=dead-report");
    const [letter] = letters["deadLetters"] as { id: string; topic: string }[];
    expect(letter).toMatchObject({ topic: "oversell", queue: "onhand-notifications" });
    expect((await call("POST", `/v1/dead-letters/${letter?.id}/replay`)).status).toBe(202);
    await until(
      () => oversells("sku=DEAD"),
      (rows) => rows.length > 0,
    );
  });
});

describe("GET /v1/oversells", () => {
  it("names a parameter that it cannot read, and an id that is none", async () => {
    expect((await call("GET", "/v1/oversells?status=maybe")).body).toMatchObject({ field: "status" });
    expect((await call("GET", "/v1/oversells?cursor=x")).body).toMatchObject({ field: "cursor" });
    expect((await call("GET", "/v1/oversells/os_nothing")).status).toBe(404);
  });

  it("answers 503 while D1 is away", async () => {
    const DB = { prepare: () => ({ bind: () => ({ all: () => Promise.reject(new Error("away")) }) }) };
    expect((await callWith({ DB }, "GET", "/v1/oversells")).status).toBe(503);
    expect(env.DB).toBeDefined();
  });
});

describe("GET /metrics", () => {
  it("tells the mismatch rate of each shop's newest run that came to its end, and none before", async () => {
    expect(await (await scrape()).text()).not.toMatch(/^onhand_reconciliation_mismatch_rate\{/m);
    const run = (id: string, status: string, atMs: number, mismatches: number) =>
      env.DB.prepare(
        `INSERT INTO reconciliation_runs (id, shop, scope, dry_run, trigger_kind, actor, correlation_id, status, cursor, counts, notes, created_at_ms)
         VALUES (?, 'test-shop.myshopify.com', '{"kind":"all"}', 0, 'demand', 'a', 'c', ?, '{"phase":"end"}', ?, '[]', ?)`,
      )
        .bind(id, status, JSON.stringify({ levels: 200, mismatches }), atMs)
        .run();
    await run("older", "done", 1, 100);
    await run("newest", "done", 2, 3);
    await run("failed", "failed", 3, 50);
    const rates = (await (await scrape()).text())
      .split("\n")
      .filter((line) => line.startsWith("onhand_reconciliation"));
    expect(rates).toEqual(['onhand_reconciliation_mismatch_rate{shop="test-shop.myshopify.com"} 0.015']);
  });

  it("is Prometheus' text, for whoever has the token", async () => {
    expect((await scrape({ authorization: "" })).status).toBe(401);
    const answer = await scrape();
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const lines = (await answer.text()).trimEnd().split("\n");
    expect(
      lines.filter((line) => !/^(# (HELP|TYPE) onhand_[a-z_]+ .+|onhand_[a-z_]+(\{.*\})? -?[0-9.eE+-]+)$/.test(line)),
    ).toEqual([]);
  });
});
