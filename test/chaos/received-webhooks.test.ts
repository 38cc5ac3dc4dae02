/** Webhooks that should not count, or not yet: forged, too large, of a shape or of things that nobody knows. */
import { describe, expect, it } from "vitest";
import { importShop } from "../../dev/cli/import-shop.ts";
import { readJournal } from "../../dev/demo/read-journal.ts";
import type { Order } from "../../dev/shopify-simulator/model/shop-model.ts";
import { orderBody } from "../../dev/shopify-simulator/payloads/order-body.ts";
import { firedAndOver } from "./support/alerts.ts";
import { type Calm, calmWorld } from "./support/calm.ts";
import { replayed, untilWaiting } from "./support/letters.ts";
import { postWebhook } from "./support/post-webhook.ts";
import { waitUntil } from "./support/wait-until.ts";

const BEFORE_ROTATION = "the-secret-of-before-the-rotation";
const COUNTED_MS_MAX = 30_000;
const BODY_BYTES_MAX = 2_000_000;
/** An alert of dead letters is over when none has come for five minutes, here of two seconds. */
const ALERT_MS_MAX = 60_000;

const world = calmWorld({ seed: 62, settings: { SHOPIFY_CLIENT_SECRET_PREVIOUS: BEFORE_ROTATION } });

/** What happens while Shopify delivers nothing of these topics. */
async function untold<Done>({ simulator }: Calm, topics: readonly string[], act: () => Done): Promise<Done> {
  simulator.patchFaults({ webhooks: { dropRate: Object.fromEntries(topics.map((topic) => [topic, 1])) } });
  try {
    const done = act();
    await simulator.idle(); // levels are told some moments later
    return done;
  } finally {
    simulator.patchFaults({ webhooks: { dropRate: 0 } });
  }
}

const buyUntold = (calm: Calm, sku: string, quantity: number): Promise<Order> =>
  untold(calm, ["orders/create"], () => calm.buy([sku, quantity]));

const bodyOf = (calm: Calm, order: Order): string => JSON.stringify(orderBody(order, calm.simulator.shop));

async function outcomesOf({ stack }: Calm, eventId: string): Promise<readonly string[]> {
  return (await readJournal(stack)).filter((row) => row.eventId === eventId).map(({ outcome }) => outcome);
}

const isCounted = (calm: Calm, eventId: string): Promise<boolean> =>
  waitUntil(async () => (await outcomesOf(calm, eventId)).includes("counted"), COUNTED_MS_MAX);

const isEnded = async (calm: Calm, eventId: string): Promise<boolean> =>
  waitUntil(
    async () => (await outcomesOf(calm, eventId)).some((outcome) => /counted|nothing_new|duplicate/.test(outcome)),
    COUNTED_MS_MAX,
  );

describe("a webhook", () => {
  it("that is forged, or of a shop that is not ours, gets one and the same 401 and leaves no trace", async () => {
    const calm = world();
    const sku = calm.sku();
    const order = calm.buy([sku, 1]);
    await calm.nothingIsLost();
    const before = await calm.available(sku);
    const body = bodyOf(calm, order).replaceAll(order.id, "4711000000000");
    const forged = await postWebhook(calm, { topic: "orders/create", body, secret: "not-the-secret" });
    const foreign = await postWebhook(calm, { topic: "orders/create", body, shop: "stranger.myshopify.com" });
    expect([forged, foreign]).toMatchObject(Array(2).fill({ status: 401, text: "unauthorized" }));
    expect(await calm.take(sku, 1)).toBe(true);
    await calm.nothingIsLost();
    expect(await calm.available(sku)).toBe(before - 1);
    expect([await outcomesOf(calm, forged.eventId), await outcomesOf(calm, foreign.eventId)]).toEqual([[], []]);
  });

  it("that is signed with the secret of before a rotation counts like any other", async () => {
    const calm = world();
    const order = await buyUntold(calm, calm.sku(), 2);
    const posted = { topic: "orders/create", body: bodyOf(calm, order), secret: BEFORE_ROTATION };
    const { status, eventId } = await postWebhook(calm, posted);
    expect(status).toBe(200);
    expect(await isCounted(calm, eventId)).toBe(true);
    await calm.nothingIsLost();
  });

  it("of more than 2 MB is answered 413; what it told is known by its level", async () => {
    const calm = world();
    const sku = calm.sku();
    const before = await calm.available(sku);
    const order = await buyUntold(calm, sku, 3);
    const body = JSON.stringify({ ...orderBody(order, calm.simulator.shop), note: "x".repeat(BODY_BYTES_MAX) });
    expect((await postWebhook(calm, { topic: "orders/create", body })).status).toBe(413);
    expect(await calm.take(sku, 1)).toBe(true);
    await calm.nothingIsLost();
    expect(await calm.available(sku)).toBe(before - 4);
  });

  it("of a shape that nobody knows waits as a dead letter, which a person edits; then it counts", async () => {
    const calm = world();
    const order = await buyUntold(calm, calm.sku(), 2);
    const whole = orderBody(order, calm.simulator.shop);
    const body = JSON.stringify({ ...whole, line_items: { first: "no list" } });
    const { status, eventId } = await postWebhook(calm, { topic: "orders/create", body });
    expect(status).toBe(200);
    const [letter] = await untilWaiting(calm.stack.client, 1);
    expect(letter).toMatchObject({ eventId, code: "wrong_shape" });
    await calm.nothingIsLost({ waiting: [eventId] });
    // Ids of 18 digits do not survive a parser that takes them for numbers: a person writes them as text.
    const payload = JSON.parse(JSON.stringify(whole).replaceAll(/:(\d{13,})/g, ':"$1"'));
    const { version, id } = letter ?? { version: 0, id: "" };
    await calm.stack.client.call("POST", `/v1/dead-letters/${id}/edit`, { payload, version });
    expect(await isEnded(calm, eventId)).toBe(true);
    await calm.nothingIsLost();
  });
});

/** What the catalogue tells of itself. */
const CATALOGUE_NEWS = [
  ...["products/create", "products/update", "inventory_items/create", "inventory_items/update", "locations/create"],
  ...["inventory_levels/connect", "inventory_levels/update"],
];

describe("news of what the catalogue does not know", () => {
  it("is a dead letter that names the item; the rest of the order counts, and a replay after the import once", async () => {
    const calm = world();
    const { stack, simulator } = calm;
    const [known, unknown, place] = [calm.sku(), "NEVER-TOLD", calm.place(0)];
    await untold(calm, CATALOGUE_NEWS, () => {
      simulator.addProduct({ title: "Never told", variants: [{ sku: unknown, priceCents: 1_000 }] });
      simulator.editLevel({ sku: unknown }, place, { available: 9 });
    });
    const before = await calm.available(known);
    await untold(calm, ["inventory_levels/update", "products/update"], () => calm.buy([known, 2], [unknown, 1]));
    const letters = await untilWaiting(stack.client, 1);
    const [variant] = simulator.store.itemsBySku(unknown)[0]?.variants ?? [];
    expect(letters).toMatchObject([{ topic: "orders/create", subject: `variant ${variant?.id} (SKU ${unknown})` }]);
    await calm.nothingIsLost({ skus: [unknown], waiting: letters.map(({ eventId }) => eventId) });
    expect(await calm.available(known)).toBe(before - 2);
    await importShop(stack.client, simulator.shop);
    await replayed(stack.client, letters);
    await calm.nothingIsLost();
    expect([await calm.available(unknown), await calm.available(known)]).toEqual([8, before - 2]);
  });

  it("is a dead letter that names the location, and counts when it is replayed after the import", async () => {
    const calm = world();
    const { stack, simulator } = calm;
    const sku = calm.sku();
    const { address } = simulator.store.locations[0] ?? { address: null };
    if (address === null) throw new Error("no location");
    const { id } = await untold(calm, ["locations/create"], () => simulator.addLocation({ name: "New", address }));
    await untold(calm, ["inventory_levels/connect"], () => simulator.editLevel({ sku }, id, { available: 5 }));
    calm.buy([sku, 1]);
    const letters = await untilWaiting(stack.client, 1);
    expect(letters).toMatchObject([{ topic: "inventory_levels/update", subject: `location ${id}` }]);
    await calm.nothingIsLost({ skus: [sku], waiting: letters.map(({ eventId }) => eventId) });
    await importShop(stack.client, simulator.shop);
    await replayed(stack.client, letters);
    await calm.nothingIsLost();
    await firedAndOver(stack.client, "dead_letter_growth", ALERT_MS_MAX);
  });
});
