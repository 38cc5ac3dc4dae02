/** What is told of orders to those who send them out, wired: for the event queue's consumer. */
import { type ChannelId, type CorrelationId, channelOfShop } from "../domain/ids.ts";
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
import type { TakenAs } from "../services/take-in-batch.ts";
import { sendFulfilmentNews } from "./channel-sync.ts";
import { channelsOf } from "./channels.ts";

type Parts = { readonly catalogue: Pick<Catalogue, "resolve" | "locationsOf"> };

/** Most deployments have nobody who is told: then nothing is looked up, and nothing sent. */
export const fulfilmentDeps = (env: Env, { catalogue }: Parts) => ({
  async tellFulfillers(envelope: Envelope, takenAs: TakenAs): Promise<void> {
    if (!isOrderNews(envelope.data)) return;
    const orderChannel = isOfShop(envelope) ? channelOfShop(envelope.channel.shop) : envelope.channel.id;
    const fulfillers = fulfillersOf(await channelsOf(env).list(), orderChannel);
    if (fulfillers.length === 0) return;
    const news = isOfShop(envelope)
      ? await newsOfShop(envelope.channel.shop, envelope.data, takenAs.edited, catalogue)
      : await ofChannel(env, envelope, takenAs);
    await send(env, fulfillers, orderChannel, news, envelope.correlationId);
  },
});

/** Items mean what they meant when the event was counted: a bundle that is edited meanwhile is sent out as it was sold. */
async function ofChannel(
  env: Env,
  { channel, data }: ChannelEnvelope,
  { item }: Pick<TakenAs, "item">,
): Promise<OrderNews | null> {
  if (item === null) return null;
  const known = await channelsOf(env).get(channel.id);
  return newsOfChannel(data, item, (name) => (name === null || known === null ? null : placeOf(known.channel, name)));
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
