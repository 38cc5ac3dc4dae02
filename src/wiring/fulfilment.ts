/** What is told of orders to those who send them out, wired: for the event queue's consumer. */
import { type ChannelId, type CorrelationId, channelOfShop } from "../domain/ids.ts";
import type { EditedOrderEvent } from "../domain/shop-event.ts";
import { type ChannelEnvelope, type Envelope, isOfShop } from "../queues/envelope.ts";
import type { Catalogue } from "../services/catalogue.ts";
import {
  fulfillersOf,
  isOrderNews,
  newsOfChannel,
  newsOfShop,
  type OrderNews,
} from "../services/channels/order-news.ts";
import { placeOf } from "../services/channels/place-of.ts";
import type { ChannelItems } from "../services/channels/resolve-items.ts";
import { sendFulfilmentNews } from "./channel-sync.ts";
import { channelsOf } from "./channels.ts";

type Parts = {
  readonly catalogue: Pick<Catalogue, "resolve" | "locationsOf">;
  readonly items: ChannelItems;
};

/** Most deployments have nobody who is told: then nothing is looked up, and nothing sent. */
export const fulfilmentDeps = (env: Env, { catalogue, items }: Parts) => ({
  async tellFulfillers(envelope: Envelope, edited: EditedOrderEvent | null): Promise<void> {
    if (!isOrderNews(envelope.data)) return;
    const orderChannel = isOfShop(envelope) ? channelOfShop(envelope.channel.shop) : envelope.channel.id;
    const fulfillers = fulfillersOf(await channelsOf(env).list(), orderChannel);
    if (fulfillers.length === 0) return;
    const news = isOfShop(envelope)
      ? await newsOfShop(envelope.channel.shop, envelope.data, edited, catalogue)
      : await ofChannel(env, envelope, items);
    await send(env, fulfillers, orderChannel, news, envelope.correlationId);
  },
});

async function ofChannel(env: Env, { channel, data }: ChannelEnvelope, items: ChannelItems): Promise<OrderNews | null> {
  if (data.type !== "order.created" && data.type !== "order.cancelled") return null;
  const named = data.lines.flatMap(({ item }) => item.itemId ?? []);
  const [known, found] = await Promise.all([
    channelsOf(env).get(channel.id),
    named.length === 0 ? null : items.find(channel.id, [...new Set(named)]),
  ]);
  if (found !== null && found.fault !== null) throw new Error(found.fault);
  return newsOfChannel(
    data,
    ({ sku, itemId }) => sku ?? found?.items.get(itemId)?.sku ?? null,
    (name) => (name === null || known === null ? null : placeOf(known.channel, name)),
  );
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
