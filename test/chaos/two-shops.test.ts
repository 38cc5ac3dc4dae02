/** Two shops sell from one shelf; one of them brings stock that is known, leaves half-way, comes back, or loses the app. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ApiProblem } from "../../dev/cli/client.ts";
import { connectSecondShop } from "../../dev/demo/second-shop.ts";
import type { ShopifySimulator } from "../../dev/shopify-simulator/simulator.ts";
import { registerWebhooks } from "../../dev/stack/stack.ts";
import { type Calm, calmWorld } from "./support/calm.ts";
import { postWebhook } from "./support/post-webhook.ts";
import { waitUntil } from "./support/wait-until.ts";

const SHARED_SKUS = 12;
const DONE_MS_MAX = 40_000;
const ASK_AGAIN_MS = 500;

/** One shelf of the first shop's, with whatever stock its last count left. */
const world = calmWorld({
  seed: 73,
  skus: SHARED_SKUS,
  seedSecond(first, second) {
    const [shelf] = first.store.locations;
    if (shelf === undefined) throw new Error("the first shop has no location");
    const { id } = second.addLocation({ name: "outlet", address: shelf.address });
    for (const { item } of first.store.variants) {
      const sku = item.sku ?? "";
      second.addProduct({ title: `Outlet ${sku}`, variants: [{ sku, priceCents: 1_900 }] });
      second.editLevel({ sku }, id, { available: 5 });
    }
  },
});

function secondOf({ stack }: Calm): ShopifySimulator {
  if (stack.second === null) throw new Error("no second shop");
  return stack.second;
}

/** As one that shows ours. */
async function connect(calm: Calm): Promise<void> {
  const second = secondOf(calm);
  await connectSecondShop(calm.stack.client, calm.simulator, second);
  await registerWebhooks(calm.stack.client, second.shop, () => {});
}

type View = { readonly available: number; readonly floor: number };

/**
 * Nothing is in doubt: whether a level contains what was pushed a moment ago, say. A shop that leaves in doubt is folded at
 * what was certainly there, and the units in doubt count as gone.
 */
async function untilCertain({ stack, simulator }: Calm): Promise<void> {
  const skus = simulator.store.variants.map(({ item }) => item.sku);
  const areCertain = async (): Promise<boolean> => {
    const { items } = await stack.client.call<{ items: readonly View[] }>("POST", "/v1/inventory/batch", { skus });
    return items.every(({ available, floor }) => available === floor);
  };
  expect(await waitUntil(areCertain, DONE_MS_MAX)).toBe(true);
}

type Folded = readonly { readonly sku: string; readonly locationId: string; readonly units: number }[];

/** Begins anew for as long as it is told to wait: calls may be under way. @returns what became ours */
async function disconnect(calm: Calm): Promise<Folded> {
  const { client } = calm.stack;
  const deadlineMs = performance.now() + DONE_MS_MAX;
  for (;;) {
    try {
      return (await client.call<{ folded: Folded }>("POST", `/v1/shops/${secondOf(calm).shop}/disconnect`, {})).folded;
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status !== 503 || performance.now() > deadlineMs) throw error;
      await sleep(ASK_AGAIN_MS);
    }
  }
}

type Gate = { readonly pausedReason: string | null; readonly queued: number };
const gateOf = (calm: Calm): Promise<Gate> =>
  calm.stack.client.call<Gate>("GET", `/v1/shops/${secondOf(calm).shop}/gate`);

const setReadOnly = (calm: Calm, readOnly: boolean): Promise<unknown> =>
  calm.stack.client.call("PATCH", `/v1/shops/${secondOf(calm).shop}/gate`, { readOnly });

function buyAtSecond(calm: Calm, sku: string, quantity: number): void {
  expect(secondOf(calm).createOrder({ lines: [{ sku, quantity }] }).kind).toBe("created");
}

const shownBySecond = (calm: Calm, sku: string, units: number): Promise<boolean> =>
  waitUntil(() => secondOf(calm).availableOf(sku) === units, DONE_MS_MAX);

/** Units on the shelf that both sell from. */
const shelfOf = (calm: Calm, sku: string): number =>
  calm.simulator.level({ sku }, calm.place(0))?.available ?? Number.NaN;

describe("a second shop", () => {
  it("brings the same stock: a finding says so, and it counts once; then it mirrors, and both sell from one shelf", async () => {
    const calm = world();
    const { client } = calm.stack;
    const second = secondOf(calm);
    const sku = calm.sku();
    const before = await calm.available(sku);
    await client.call("PUT", `/v1/shops/${second.shop}/locations`, {
      locations: [{ shopLocationId: second.store.locations[0]?.id, locationId: calm.place(0) }],
    });
    type Page = { readonly findings: readonly { readonly kind: string }[] };
    const page = await client.call<Page>("POST", `/v1/shops/${second.shop}/import`, { mode: "adopt" });
    expect(page.findings.map(({ kind }) => kind)).toContain("foreign_level");
    expect(await calm.available(sku)).toBe(before);
    await untilCertain(calm);
    await disconnect(calm);
    await connect(calm);
    expect(await shownBySecond(calm, sku, shelfOf(calm, sku))).toBe(true);
    buyAtSecond(calm, sku, 2);
    calm.buy([sku, 1]);
    expect(await calm.take(sku, 1)).toBe(true);
    await calm.nothingIsLost();
    expect(await calm.available(sku)).toBe(before - 4);
  });
});

describe("a shop that is disconnected", () => {
  it("leaves with an order under way: its units count as gone, and the others show it", async () => {
    const calm = world();
    const second = secondOf(calm);
    const sku = calm.sku();
    const before = await calm.available(sku);
    const shelf = shelfOf(calm, sku);
    await untilCertain(calm);
    // The order is told; what it took is neither told nor to be read.
    second.patchFaults({ webhooks: { dropRate: { "inventory_levels/update": 1 } }, graphql: { outageStatus: 503 } });
    try {
      buyAtSecond(calm, sku, 3);
      expect(await waitUntil(async () => (await calm.available(sku)) === before - 3, DONE_MS_MAX)).toBe(true);
      expect(await disconnect(calm)).toContainEqual({ sku, locationId: calm.place(0), units: -3 });
    } finally {
      second.faults = {};
    }
    expect(await waitUntil(() => shelfOf(calm, sku) === shelf - 3, DONE_MS_MAX)).toBe(true);
    calm.buy([sku, 1]);
    await connect(calm);
    await calm.nothingIsLost();
    expect(await calm.available(sku)).toBe(before - 4);
  });

  it("comes back with other levels than it left with: they are brought to ours", async () => {
    const calm = world();
    const second = secondOf(calm);
    const sku = calm.sku();
    const before = await calm.available(sku);
    await untilCertain(calm);
    await disconnect(calm);
    second.editLevel({ sku }, second.store.locations[0]?.id ?? "", { available: 1_000 });
    calm.buy([sku, 2]);
    expect(await calm.take(sku, 3)).toBe(true);
    await connect(calm);
    expect(await waitUntil(() => second.availableOf(sku) === shelfOf(calm, sku), DONE_MS_MAX)).toBe(true);
    buyAtSecond(calm, sku, 1);
    await calm.nothingIsLost();
    expect(await calm.available(sku)).toBe(before - 6);
  });

  it("leaves while pushes wait at its gate: they are forgotten, and no change of Shopify's own later", async () => {
    const calm = world();
    const sku = calm.sku();
    await untilCertain(calm);
    await setReadOnly(calm, true);
    try {
      expect(await calm.take(sku, 4)).toBe(true);
      expect(await waitUntil(async () => (await gateOf(calm)).queued > 0, DONE_MS_MAX)).toBe(true);
      await disconnect(calm);
      expect(await gateOf(calm)).toMatchObject({ queued: 0, pausedReason: "disconnected" });
    } finally {
      await setReadOnly(calm, false);
    }
    calm.buy([sku, 1]);
    await connect(calm);
    await calm.nothingIsLost();
  });

  it("is parted by a call that breaks off: begun anew, it parts the same listings, each once", async () => {
    const calm = world();
    const { client } = calm.stack;
    const sku = calm.sku();
    const before = await calm.available(sku);
    await untilCertain(calm);
    const mend = await calm.break({ where: "SKU_COUNTER", what: "disconnect", how: "lose_answer", times: 3 });
    const path = `/v1/shops/${secondOf(calm).shop}/disconnect`;
    await expect(client.call("POST", path, {})).rejects.toMatchObject({ status: 503 });
    calm.buy([sku, 2]);
    await disconnect(calm);
    expect(await mend()).toBeGreaterThan(0);
    expect(await waitUntil(async () => (await calm.available(sku)) === before - 2, DONE_MS_MAX)).toBe(true);
    await connect(calm);
    await calm.nothingIsLost();
  });
});

/** News of the removal that comes once more, long after: the very delivery. Resolves when it has been heard. */
async function tellRemovalAgain(calm: Calm): Promise<void> {
  const { shop } = secondOf(calm);
  const eventId = calm.accepted.all().find(({ topic }) => topic === "app/uninstalled")?.eventId ?? "";
  const body = JSON.stringify({ id: 1, myshopify_domain: shop });
  // Both shops have the same app, and so the same secret.
  const again = { topic: "app/uninstalled", shop, body, webhookId: eventId.split("/").at(-1) ?? "" };
  expect((await postWebhook(calm, again)).status).toBe(200);
  const path = `/v1/events?step=consumed&eventId=${encodeURIComponent(eventId)}`;
  const isHeard = async (): Promise<boolean> =>
    (await calm.stack.client.call<{ events: readonly unknown[] }>("GET", path)).events.length === 3;
  expect(await waitUntil(isHeard, DONE_MS_MAX)).toBe(true);
}

describe("an app", () => {
  it("is removed, and the news of it comes twice: that shop's gate pauses once, its journal kept", async () => {
    const calm = world();
    const { client } = calm.stack;
    const second = secondOf(calm);
    const sku = calm.sku();
    second.patchFaults({ webhooks: { duplicateRate: 1 } });
    try {
      second.uninstallApp();
      const isPaused = async (): Promise<boolean> => (await gateOf(calm)).pausedReason === "app_uninstalled";
      expect(await waitUntil(isPaused, DONE_MS_MAX)).toBe(true);
      await second.idle();
    } finally {
      second.faults = {};
    }
    calm.buy([sku, 1]);
    expect(await calm.take(sku, 2)).toBe(true);
    expect(await waitUntil(async () => (await gateOf(calm)).queued > 0, DONE_MS_MAX)).toBe(true);
    second.installApp();
    await client.call("POST", `/v1/shops/${second.shop}/gate/resume`, {});
    await registerWebhooks(client, second.shop, () => {});
    await tellRemovalAgain(calm);
    buyAtSecond(calm, sku, 1);
    await calm.nothingIsLost();
    expect(await gateOf(calm)).toMatchObject({ pausedReason: null, queued: 0 });
  });
});
