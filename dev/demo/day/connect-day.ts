/** Makes the day's channels known to Onhand over its API, as an operator would: who they are, what they sell, who is told of news. */
import { setTimeout as sleep } from "node:timers/promises";
import { putChannel } from "../../channel-link/put-channel.ts";
import type { OnhandClient } from "../../cli/client.ts";
import type { ShopifySimulator } from "../../shopify-simulator/simulator.ts";
import type { Stack } from "../../stack/stack.ts";
import { connectSquare } from "./connect-square.ts";
import { type Day, MARKETPLACE, STORE, TILL, WAREHOUSE, WMS } from "./day.ts";
import { DAY_SKUS, openingOf, RUNNING_LOW, RUNNING_LOW_SKUS, SELL_OUT, SELL_OUT_SKU } from "./day-skus.ts";

type Put = { readonly secret?: string };

/** The endpoint takes some calls a second: a demo's day is short. */
const CALLS_PER_SECOND = 50;
const LISTED_MS_MAX = 20_000;
/** So many of the shared SKUs are sold at Square's till, too. */
const SQUARE_SKUS = 8;

/** @param skus  that the marketplace lists, beside those of the day's own stories */
export async function connectDay(
  { client }: Stack,
  day: Day,
  simulator: ShopifySimulator,
  skus: readonly string[],
): Promise<void> {
  const [warehouse, store] = simulator.store.locations.map(({ id }) => id);
  if (warehouse === undefined || store === undefined) throw new Error("the day needs two locations");
  for (const sku of DAY_SKUS) day.wms.shelf.open(sku, WAREHOUSE, openingOf(sku));
  const outbound = { batchMax: 100, callsPerSecond: CALLS_PER_SECOND };
  await putChannel(client, WMS, day.wms, {
    ...{ type: "wms", name: "Warehouse", locations: { [WAREHOUSE]: warehouse, [STORE]: store } },
    outbound: { ...outbound, orders: [MARKETPLACE], reorders: true },
  });
  await putChannel(client, MARKETPLACE, day.marketplace, {
    ...{ type: "marketplace", name: "Marketplace", locations: { FC: warehouse }, listings: "mapped", outbound },
  });
  await putChannel(client, TILL, day.till, { type: "pos", name: "Till", locations: { [STORE]: store } });
  await connectSquare(client, day.square, store, skus.slice(0, SQUARE_SKUS));
  await list(client, day, [...skus, ...DAY_SKUS]);
  for (const sku of RUNNING_LOW_SKUS) {
    const { point, quantity } = RUNNING_LOW;
    const rule = { when: { kind: "point", point, quantity }, leadDays: 1 };
    await client.call("PUT", `/v1/inventory/${sku}/reorder-rule`, { rule });
  }
  const { secret = "" } = await client.call<Put>("PUT", "/v1/destinations/sink", {
    type: "webhook",
    name: "Sink",
    url: day.sink.hook,
  });
  day.sink.receiver.secrets = [secret];
  await client.call("PUT", "/v1/destinations/chat", { type: "slack", name: "Chat", url: day.sink.chatHook });
  await untilShown(day);
}

async function list(client: OnhandClient, day: Day, skus: readonly string[]): Promise<void> {
  for (const [i, sku] of skus.entries()) day.marketplace.list(sku, `MKT-${String(i + 1).padStart(4, "0")}`);
  const rules = { buffer: { kind: "fixed", units: SELL_OUT.buffer } };
  await client.call("PUT", `/v1/inventory/${SELL_OUT_SKU}/channels/${MARKETPLACE}`, rules);
  const listings = Array.from(day.marketplace.listed, ([sku, itemId]) => ({ itemId, sku }));
  await client.call("PUT", `/v1/channels/${MARKETPLACE}/listings`, { listings });
}

/** It sells nothing that it was not told of. Counters learn of a new channel within seconds. */
async function untilShown({ marketplace }: Day): Promise<void> {
  const deadlineMs = performance.now() + LISTED_MS_MAX;
  const isShown = (): boolean => [...marketplace.listed.keys()].every((sku) => marketplace.shown(sku) !== null);
  while (!isShown() && performance.now() < deadlineMs) await sleep(100);
  if (!isShown()) throw new Error("the marketplace was not told all levels");
}
