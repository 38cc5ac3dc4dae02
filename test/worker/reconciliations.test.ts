import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runMinute } from "../../src/wiring/minute.ts";
import { call } from "./support/api.ts";
import { type Stocked, stock } from "./support/catalogue.ts";
import { HERE, SHOP, THERE } from "./support/counters.ts";
import { ReconcileShopify, type ShopLevel } from "./support/reconcile-shopify.ts";
import { until } from "./support/until.ts";

type Finding = Record<string, unknown> & { readonly id: string };
type Run = Record<string, unknown> & { readonly id: string; readonly status: string; readonly findings: Finding[] };

const levels = new Map<string, ShopLevel>();
let shopify: ReconcileShopify;
beforeEach(() => {
  shopify = new ReconcileShopify(levels).listen();
});
afterEach(async () => {
  await env.DB.exec("UPDATE reconciliation_runs SET status = 'cancelled', ended_at_ms = 1 WHERE ended_at_ms IS NULL");
  vi.restoreAllMocks();
});

/** In the catalogue and at Shopify, with the same levels. */
async function agreed(sku: string, number: string, here: number, there = 0): Promise<Stocked> {
  const stocked = await stock(sku, number, here, there);
  shopify.set(number, HERE, here, 10 ** 9);
  shopify.set(number, THERE, there, 10 ** 9);
  return stocked;
}

async function start(scope: object, dryRun = false): Promise<string> {
  const { status, body } = await call("POST", "/v1/reconciliations", { scope: { shop: SHOP, ...scope }, dryRun });
  expect([status, body["code"]]).toEqual([202, undefined]);
  return (body["runs"] as Run[])[0]?.id ?? "";
}

const get = async (id: string, query = ""): Promise<Run> =>
  (await call("GET", `/v1/reconciliations/${id}${query}`)).body as unknown as Run;

async function ended(id: string): Promise<Run> {
  return until(
    () => get(id),
    ({ status }) => !["queued", "running"].includes(status),
    20_000,
  );
}

describe("on demand", () => {
  it("finds, names and heals a level whose webhook was lost; a dry run before says so and changes nothing", async () => {
    const { counter } = await agreed("REC-1", "901", 5, 2);
    shopify.set("901", HERE, 9);
    const dry = await ended(await start({ skus: ["REC-1"] }, true));
    expect(dry).toMatchObject({
      status: "done",
      dryRun: true,
      trigger: "demand",
      counts: { levels: 2, mismatches: 1, healed: 0 },
      mismatchRate: 0.5,
      findings: [
        { cause: "missed_webhook", remedy: "read", sku: "REC-1", expected: 5, found: 9, difference: 4, healed: false },
      ],
    });
    expect((await counter.levels())?.version).toBe(1);
    const wet = await ended(await start({ skus: ["REC-1"] }));
    expect(wet).toMatchObject({ counts: { mismatches: 1, healed: 1 }, findings: [{ healed: true }] });
    expect((await counter.levels())?.available).toBe(11);
    const again = await ended(await start({ skus: ["REC-1"] }));
    expect(again).toMatchObject({ counts: { mismatches: 0 }, mismatchRate: 0, findings: [] });
  });

  it("compares everything by one bulk query, and looks properly at what differs alone", async () => {
    await agreed("REC-2", "902", 5);
    await agreed("REC-3", "903", 7);
    shopify.set("903", HERE, 6);
    const run = await ended(await start({ skus: "all" }));
    expect(run).toMatchObject({
      status: "done",
      findings: [{ cause: "missed_webhook", sku: "REC-3", difference: -1 }],
    });
    expect(shopify.asked.filter((name) => name === "OnhandBulkRun")).toHaveLength(1);
    expect(run["counts"]).toMatchObject({ listings: levels.size / 2, levels: levels.size, suspects: 1 });
  });

  it("reads page by page where the bulk query is refused, and notes why", async () => {
    await agreed("REC-4", "904", 3);
    shopify.set("904", HERE, 4);
    shopify.bulkRefusal = "INVALID";
    const run = await ended(await start({ skus: "all" }));
    expect(run).toMatchObject({ status: "done", findings: [{ sku: "REC-4", healed: true }] });
    expect(run["notes"]).toContainEqual(expect.stringContaining("INVALID"));
  });

  it("shows findings by cause and by whether they are healed, page by page", async () => {
    await agreed("REC-5", "905", 5, 5);
    shopify.set("905", HERE, 1);
    shopify.set("905", THERE, 2);
    const { id } = await ended(await start({ skus: ["REC-5"] }));
    expect((await get(id, "?healed=false")).findings).toEqual([]);
    expect((await get(id, "?cause=parked_refused")).findings).toEqual([]);
    const first = await get(id, "?limit=1&cause=missed_webhook&healed=true");
    expect([first.findings.length, first["nextFinding"]]).toEqual([1, first.findings[0]?.id]);
    const second = await get(id, `?limit=1&after=${first.findings[0]?.id}`);
    expect([second.findings.length, second["nextFinding"]]).toEqual([1, null]);
    expect(second.findings[0]?.id).not.toBe(first.findings[0]?.id);
  });

  it("refuses what it does not understand", async () => {
    const refusal = async (body: object) => {
      const { status, body: answer } = await call("POST", "/v1/reconciliations", body);
      return [status, answer["field"]];
    };
    expect(await refusal({ scope: { shop: "stranger.myshopify.com" } })).toEqual([404, "scope.shop"]);
    expect(await refusal({ scope: { skus: [] } })).toEqual([400, "scope.skus"]);
    expect(await refusal({ scope: { skus: ["A", " "] } })).toEqual([400, "scope.skus.1"]);
    expect(await refusal({ dry: true })).toEqual([400, "dry"]);
    expect((await call("GET", "/v1/reconciliations/rec_none")).status).toBe(404);
    expect((await call("POST", "/v1/reconciliations/rec_none/cancel")).status).toBe(404);
  });
});

describe("one at a time", () => {
  it("waits while Shopify is not to be called, and can be cancelled, waiting or running", async () => {
    await agreed("REC-6", "906", 5);
    await call("PATCH", `/v1/shops/${SHOP}/gate`, { stopped: true });
    const [first, second] = [await start({ skus: ["REC-6"] }), await start({ skus: ["REC-6"] })];
    await until(
      () => get(first),
      ({ status }) => status === "running",
    );
    expect((await get(second)).status).toBe("queued");
    const { body } = await call("GET", `/v1/reconciliations?shop=${SHOP}&limit=2`);
    expect((body["runs"] as Run[]).map(({ id }) => id)).toEqual([second, first]);
    for (const id of [second, first]) {
      expect((await call("POST", `/v1/reconciliations/${id}/cancel`)).body).toMatchObject({ status: "cancelled" });
    }
    await call("PATCH", `/v1/shops/${SHOP}/gate`, { stopped: false });
    const third = await ended(await start({ skus: ["REC-6"] }));
    expect(third.status).toBe("done");
    expect((await call("POST", `/v1/reconciliations/${third.id}/cancel`)).status).toBe(409);
  });

  it("is refused when ten wait or run already", async () => {
    await call("PATCH", `/v1/shops/${SHOP}/gate`, { stopped: true });
    for (let i = 0; i < 10; i += 1) await start({ skus: "changed" });
    const { status, body } = await call("POST", "/v1/reconciliations", { scope: { shop: SHOP } });
    await call("PATCH", `/v1/shops/${SHOP}/gate`, { stopped: false });
    expect([status, body["code"]]).toEqual([409, "conflict"]);
  });
});

describe("each minute", () => {
  it("asks for what is due, and goes on with a run that was cut off", async () => {
    await agreed("REC-7", "907", 5);
    await runMinute(env, Date.now()); // sees the shop, and that nothing is due yet
    const list = async () => (await call("GET", `/v1/reconciliations?shop=${SHOP}`)).body["runs"] as Run[];
    const before = (await list()).length;
    await runMinute(env, Date.now());
    expect(await list()).toHaveLength(before);
    shopify.set("907", HERE, 8, 120_000);
    await env.DB.exec("UPDATE reconciliation_shops SET changed_at_ms = 1");
    await runMinute(env, Date.now());
    const [run] = await list();
    expect(run).toMatchObject({ trigger: "schedule", scope: { skus: "changed" }, status: "done" });
    expect((await get(run?.id ?? "")).findings).toMatchObject([
      { sku: "REC-7", cause: "missed_webhook", healed: true },
    ]);
    await env.DB.exec(
      "UPDATE reconciliation_runs SET status = 'running', ended_at_ms = NULL, cursor = '{\"phase\":\"looks\"}', lease = 'dead', lease_until_ms = 1 WHERE id = '" +
        `${run?.id}'`,
    );
    await runMinute(env, Date.now());
    expect((await get(run?.id ?? "")).status).toBe("done");
  });

  it("fetches orders whose webhooks were lost, which count as if these had come", async () => {
    const { counter } = await agreed("REC-8", "908", 5);
    const at = new Date(Date.now() - 60_000).toISOString();
    shopify.set("908", HERE, 3, 60_000);
    const variant = { id: "gid://shopify/ProductVariant/908", inventoryItem: { tracked: true } };
    const sold = { id: "gid://shopify/LineItem/1", sku: "REC-8", isGiftCard: false, product: null, variant };
    shopify.orders = [
      {
        ...{ id: "gid://shopify/Order/77", createdAt: at, updatedAt: at, cancelledAt: null, retailLocation: null },
        lineItems: {
          pageInfo: { hasNextPage: false, endCursor: null },
          nodes: [{ ...sold, quantity: 2, unfulfilledQuantity: 2, nonFulfillableQuantity: 0 }],
        },
        refunds: [],
      },
    ];
    const run = await ended(await start({ skus: "changed" }));
    expect(run["counts"]).toMatchObject({ ordersRead: 1, ordersSent: 1 });
    const view = await until(
      async () => counter.levels(),
      (levels) => levels?.available === 3,
    );
    expect(view).toMatchObject({ available: 3 });
  });
});

describe("to overwrite Shopify", () => {
  it("takes a person's approval and reason, and shows who did it", async () => {
    const { counter } = await agreed("REC-9", "909", 5);
    shopify.set("909", HERE, 105);
    const { id, findings } = await ended(await start({ skus: ["REC-9"] }));
    const path = `/v1/reconciliations/${id}/findings/${findings[0]?.id}/overwrite`;
    expect((await call("POST", path, { reason: "typing error" })).status).toBe(400);
    expect((await call("POST", path, { approve: false, reason: "typing error" })).status).toBe(400);
    const dry = await call("POST", `${path}?dryRun=true`, { approve: true, reason: "typing error" });
    expect(dry).toMatchObject({ status: 200, body: { dryRun: true, action: "move", delta: -100 } });
    expect((await counter.levels())?.available).toBe(105);
    const { status, body } = await call("POST", path, { approve: true, reason: "typing error" });
    expect([status, body["overwritten"]]).toMatchObject([
      200,
      { reason: "typing error", movementSeq: expect.any(Number) },
    ]);
    await until(
      async () => shopify.levels.get(`909@${HERE}`)?.available,
      (available) => available === 5,
    );
    expect((await counter.levels())?.available).toBe(5);
    const [movement] = (await counter.movements({ beforeSeq: null, limit: 1 })).movements;
    expect(movement).toMatchObject({ delta: -100, cause: { source: "reconciliation", reason: "typing error" } });
    expect((await call("POST", path, { approve: true, reason: "again" })).body).toMatchObject({
      overwritten: { reason: "typing error" },
    });
    const unknown = `/v1/reconciliations/${id}/findings/1-1/overwrite`;
    expect((await call("POST", unknown, { approve: true, reason: "x" })).status).toBe(404);
  });
});

it("remembers where Shopify delivers when subscriptions are synced", async () => {
  await call("POST", `/v1/shops/${SHOP}/webhooks/sync`, { uri: "https://onhand.test/webhooks/shopify" }).catch(
    () => {},
  );
  const row = await env.DB.prepare("SELECT callback_uri FROM reconciliation_shops WHERE shop = ?").bind(SHOP).first();
  expect(row).toEqual({ callback_uri: "https://onhand.test/webhooks/shopify" });
});
