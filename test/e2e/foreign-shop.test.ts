/** `--shopify URL`: the same stack at another Shopify-compatible origin, driven from outside. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ShopifySimulator, startShopifySimulator } from "../../dev/shopify-simulator/simulator.ts";
import { ROOT, runNpm } from "./support/run-npm.ts";

const STACK_FILE = `${ROOT}/.dev/stack.json`;
type StackFile = {
  worker: string;
  adminToken: string;
  shopify: { url: string; shop: string; accessToken: string | null };
};

let shop: ShopifySimulator;
let stack: ChildProcess;
let output = "";

beforeAll(async () => {
  rmSync(STACK_FILE, { force: true });
  shop = await startShopifySimulator({ seed: 31, shop: "elsewhere.myshopify.com" });
  shop.seedCatalogue({ skus: 5, stock: [10, 10] });
  const env = {
    ...process.env,
    SHOPIFY_SHOP: shop.shop,
    SHOPIFY_CLIENT_ID: shop.clientId,
    SHOPIFY_CLIENT_SECRET: shop.clientSecret,
  };
  stack = spawn(process.execPath, ["dev/start.ts", "--shopify", shop.url, "--no-traffic"], {
    cwd: ROOT,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [stack.stdout, stack.stderr]) stream?.on("data", (chunk) => (output += String(chunk)));
  for (let i = 0; !existsSync(STACK_FILE); i += 1) {
    if (i > 600 || stack.exitCode !== null) throw new Error(`the stack did not come up:\n${output}`);
    await sleep(100);
  }
});

afterAll(async () => {
  const ended = new Promise((resolve) => stack.on("close", resolve));
  stack.kill("SIGTERM");
  await ended;
  await shop.close();
});

const stackFile = (): StackFile => JSON.parse(readFileSync(STACK_FILE, "utf8")) as StackFile;

async function available(sku: string): Promise<unknown> {
  const { worker, adminToken } = stackFile();
  const response = await fetch(`${worker}/v1/inventory/${sku}`, { headers: { authorization: `Bearer ${adminToken}` } });
  return ((await response.json()) as { available?: number }).available;
}

async function until(look: () => unknown, wanted: unknown): Promise<void> {
  for (let i = 0; i < 200; i += 1) {
    if ((await look()) === wanted) return;
    await sleep(50);
  }
  expect(await look()).toBe(wanted);
}

it("imports the catalogue there, registers its webhooks there, and keeps both sides in step", async () => {
  const { shopify } = stackFile();
  expect(shopify).toMatchObject({ url: shop.url, shop: shop.shop, accessToken: null });
  const sku = shop.store.variants[0]?.item.sku ?? "";
  expect(await available(sku)).toBe(20);
  shop.createOrder({ lines: [{ sku, quantity: 3 }] });
  await until(() => available(sku), 17);
});

it("takes the operator's commands without being told where it runs, and answers an order in Shopify's own words", async () => {
  const sku = shop.store.variants[1]?.item.sku ?? "";
  const levels = await runNpm(["run", "--silent", "onhand", "--", "levels", sku, "NOBODY"]);
  expect(levels).toMatchObject({ code: 0, output: expect.stringMatching(/AVAILABLE[\s\S]*20[\s\S]*Unknown: NOBODY/) });
  const { worker } = stackFile();
  const sync = await runNpm(["run", "--silent", "onhand", "--", "webhooks", "sync", "--url", worker]);
  expect(sync).toMatchObject({
    code: 0,
    output: expect.stringMatching(/ORDERS_CREATE\s+kept[\s\S]*INVENTORY_LEVELS_UPDATE\s+kept/),
  });
  const imported = await runNpm(["run", "--silent", "onhand", "--", "import"]);
  expect(imported).toMatchObject({
    code: 0,
    output: expect.stringContaining("2 locations, 5 inventory items, 5 connected with 10 levels."),
  });
  const letters = await runNpm(["run", "--silent", "onhand", "--", "dead-letters", "list"]);
  expect(letters).toMatchObject({ code: 0, output: "No dead letters wait.\n" });
});
