/** The whole Worker in workerd with a real gateway: what Redis does to a webhook's answer, and to reads. */
import { createHmac } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applyMigrations } from "../../../dev/stack/apply-migrations.ts";
import { buildWorker } from "../../../dev/stack/build-worker.ts";
import { type LocalWorker, startWorker } from "../../../dev/stack/worker.ts";
import { startUpstashGateway, type UpstashGateway } from "../../../dev/upstash-gateway/gateway.ts";
import { LIMITS } from "../../../src/config.ts";
import { ROOT } from "../config/read-toml.ts";
import { SlowRedis } from "./slow-redis.ts";

const SHOP = "test-shop.myshopify.com";
const [TOKEN, SECRET] = ["test-admin-token-0123456789", "test-client-secret"];

let dir: string;
let gateway: UpstashGateway;
let redis: SlowRedis;
let worker: LocalWorker;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "onhand-redis-"));
  const building = buildWorker(ROOT, join(dir, "bundle"));
  gateway = await startUpstashGateway({ token: "redis-token", engine: "embedded" });
  redis = new SlowRedis(gateway.url);
  const url = await redis.listen();
  worker = await startWorker({
    root: ROOT,
    bundle: await building,
    port: 0,
    persistDir: join(dir, "state"),
    callerHandlesSignals: false,
    hasConsumers: false,
    onLog: () => {},
    bindings: {
      ENVIRONMENT: "development",
      SHOPIFY_SHOPS: SHOP,
      ADMIN_TOKEN: TOKEN,
      SHOPIFY_CLIENT_ID: "id",
      SHOPIFY_CLIENT_SECRET: SECRET,
      SHOPIFY_ORIGIN: "http://127.0.0.1:9",
      UPSTASH_REDIS_REST_URL: url,
      UPSTASH_REDIS_REST_TOKEN: gateway.token,
    },
  });
  await applyMigrations((await worker.bindings()).DB, join(ROOT, "migrations"));
}, 60_000);
afterAll(async () => {
  await worker.stop();
  await redis.close();
  await gateway.close();
  await rm(dir, { recursive: true, force: true });
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function deliver(orderId: number): Promise<number> {
  const lines = [{ id: 1, variant_id: 999, sku: "WEBHOOK", quantity: 1 }];
  const body = JSON.stringify({ id: orderId, created_at: "2026-11-22T10:00:00Z", line_items: lines });
  const headers = {
    "x-shopify-topic": "orders/create",
    "x-shopify-shop-domain": SHOP,
    "x-shopify-hmac-sha256": createHmac("sha256", SECRET).update(body).digest("base64"),
  };
  const response = await fetch(`${worker.url}/webhooks/shopify`, { method: "POST", headers, body });
  await response.text();
  return response.status;
}

describe("a webhook", () => {
  it("forgets the mirrored levels that it names", async () => {
    await gateway.command("SET", "onhand:{WEBHOOK}:levels", "{}");
    expect(await deliver(1)).toBe(200);
    for (let i = 0; i < 100 && (await gateway.command("EXISTS", "onhand:{WEBHOOK}:levels")) === 1; i += 1)
      await pause(20);
    expect(await gateway.command("EXISTS", "onhand:{WEBHOOK}:levels")).toBe(0);
  });

  it("is answered while Redis hangs: no answer waits for the request that forgets", async () => {
    redis.isShut = true;
    const before = redis.cameAtMs.length;
    // How long each request had been hanging when the answer was there; one that was waited for hangs to its limit.
    const hungMs: number[] = [];
    for (let order = 2; order <= 11; order += 1) {
      const sentTo = redis.cameAtMs.length;
      expect(await deliver(order)).toBe(200);
      const cameAtMs = redis.cameAtMs[sentTo];
      hungMs.push(cameAtMs === undefined ? 0 : performance.now() - cameAtMs);
      await pause(LIMITS.invalidateMsMax + 30); // the next one is not gathered with this one
    }
    redis.isShut = false;
    expect(redis.cameAtMs.length - before).toBeGreaterThanOrEqual(8); // they did hang, nearly one for each
    const [median = Number.NaN] = hungMs.toSorted((x, y) => x - y).slice(hungMs.length / 2);
    expect(median).toBeLessThan(LIMITS.invalidateMsMax - 10);
  });
});

describe("GET /v1/inventory/{sku}", () => {
  const read = async (sku: string) => {
    const response = await fetch(`${worker.url}/v1/inventory/${sku}`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    return (await response.json()) as { source?: string; available?: number; code?: string };
  };

  it("comes from Redis, falls through to the counter and refills, and does without Redis", async () => {
    const { DB, SKU_COUNTER } = await worker.bindings();
    await DB.exec("INSERT INTO skus VALUES ('id-1', 'READ', 0)");
    await DB.exec("INSERT INTO sku_aliases VALUES ('READ', 'id-1')");
    type Connects = { connectListing(request: object): Promise<unknown> };
    const counter = SKU_COUNTER.getByName("id-1") as unknown as Connects;
    const level = { locationId: "11", shopLocationId: "11", available: 7, committed: 0, atMs: 1_000 };
    await counter.connectListing({ sku: "READ", listingId: `${SHOP}/1`, levels: [level], correlationId: "import" });

    expect(await read("READ")).toMatchObject({ source: "counter", available: 7 });
    for (let i = 0; i < 100 && (await gateway.command("EXISTS", "onhand:{READ}:levels")) === 0; i += 1) await pause(20);
    expect(await read("READ")).toMatchObject({ source: "redis", available: 7 });
    await gateway.command("DEL", "onhand:{READ}:levels");
    expect(await read("READ")).toMatchObject({ source: "counter" });
    redis.isShut = true;
    expect(await read("READ")).toMatchObject({ source: "counter", available: 7 });
    redis.isShut = false;
  });
});
