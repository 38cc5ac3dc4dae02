/** What is told of orders to those who send them out, wired: for the event queue's consumer. */
import type { ChannelEvent, ItemRef } from "../domain/channel/channel-event.ts";
import { type ChannelId, type CorrelationId, channelOfShop, type LocationId, type Sku } from "../domain/ids.ts";
import type { EditedOrderEvent } from "../domain/shop-event.ts";
import type { ShopEnvelope } from "../queues/envelope.ts";
import type { Catalogue } from "../services/catalogue.ts";
import {
  fulfillersOf,
  isOrderNews,
  newsOfChannel,
  newsOfShop,
  type OrderNews,
} from "../services/channels/order-news.ts";
import { sendFulfilmentNews } from "./channel-sync.ts";
import { channelsOf } from "./channels.ts";

/** Most deployments have nobody who is told: then nothing is looked up, and nothing sent. */
export const fulfilmentDeps = (env: Env, catalogue: Pick<Catalogue, "resolve" | "locationsOf">) => ({
  async tellFulfillers({ channel, data, correlationId }: ShopEnvelope, edited: EditedOrderEvent | null): Promise<void> {
    if (!isOrderNews(data)) return;
    const orderChannel = channelOfShop(channel.shop);
    const fulfillers = fulfillersOf(await channelsOf(env).list(), orderChannel);
    if (fulfillers.length === 0) return;
    const news = await newsOfShop(channel.shop, data, edited, catalogue);
    await send(env, fulfillers, orderChannel, news, correlationId);
  },
});

/**
 * The same of another channel's order: for whoever takes in its events, before the message is acknowledged. Durable when
 * it resolves; rejects when D1 or the queue are away, and then the message must come again.
 * @param skuOf       our name of an item; null: unknown
 * @param locationOf  ours, of the sender's name
 */
export async function tellFulfillersOfChannel(
  env: Env,
  orderChannel: ChannelId,
  event: ChannelEvent,
  correlationId: CorrelationId,
  skuOf: (item: ItemRef) => Sku | null,
  locationOf: (name: string | null) => LocationId | null,
): Promise<void> {
  if (!isOrderNews(event)) return;
  const fulfillers = fulfillersOf(await channelsOf(env).list(), orderChannel);
  if (fulfillers.length === 0) return;
  await send(env, fulfillers, orderChannel, newsOfChannel(event, skuOf, locationOf), correlationId);
}

async function send(
  env: Env,
  fulfillers: ReturnType<typeof fulfillersOf>,
  orderChannel: ChannelId,
  found: OrderNews | null,
  correlationId: CorrelationId,
): Promise<void> {
  if (found === null) return;
  const about = { v: 1, kind: "fulfilment_news", orderChannel, ...found, correlationId, sentAt: Date.now() } as const;
  await sendFulfilmentNews(
    env,
    fulfillers.map(({ id: channel }) => ({ ...about, channel })),
  );
}
