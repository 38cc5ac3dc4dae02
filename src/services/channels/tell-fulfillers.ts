/**
 * What the orders of a batch ask to be sent out, to those who send it out. Who that is, is asked of the database once per batch,
 * beside the counting: no answer is older than the events, so a channel that was put before an order came is told of it. While
 * the database is away the news goes on its way without a name, and is addressed when it is back.
 */
import { type ChannelId, type CorrelationId, channelOfShop } from "../../domain/ids.ts";
import { type Log, reasonOf } from "../../observability/log.ts";
import type { Catalogue } from "../catalogue.ts";
import type { Incoming, TakenAs } from "../take-in-batch.ts";
import type { ChannelDirectory } from "./channel-directory.ts";
import { fulfillersOf, isOrderNews, newsOfChannel, newsOfShop, type OrderNews } from "./order-news.ts";

export type NewsOfOrder = OrderNews & { readonly orderChannel: ChannelId; readonly correlationId: CorrelationId };

export interface TellFulfillersDeps {
  readonly channels: Pick<ChannelDirectory, "list">;
  readonly catalogue: Pick<Catalogue, "resolve" | "locationsOf">;
  /** Durable when it resolves. */
  send(channels: readonly ChannelId[], news: NewsOfOrder): Promise<void>;
  /** To whoever sends it out: that is looked up later. Durable when it resolves. */
  sendUnaddressed(news: NewsOfOrder): Promise<void>;
  readonly log: Log;
}

/** Of one event, once it was counted. Rejects when that failed: the event comes again. */
export type TellFulfillers = (incoming: Incoming, takenAs: TakenAs) => Promise<void>;

/** @param batch  all that is on its way; the question is asked now, if any of it is news of an order */
export function tellingFulfillers(batch: readonly Incoming[], deps: TellFulfillersDeps): TellFulfillers {
  const orders = batch.filter(({ event }) => isOrderNews(event));
  if (orders.length === 0) return async () => {};
  const newest = Math.max(...orders.map(({ receivedAtMs = 0 }) => receivedAtMs));
  const asked = deps.channels.list(newest).catch((error: unknown) => {
    deps.log("warn", "orders.unaddressed", { counts: { events: orders.length }, reason: reasonOf(error) });
    return null;
  });
  return async (incoming, takenAs) => {
    if (!isOrderNews(incoming.event)) return;
    const orderChannel = "shop" in incoming ? channelOfShop(incoming.shop) : incoming.channel;
    const known = await asked;
    const fulfillers = known === null ? null : fulfillersOf(known, orderChannel);
    if (fulfillers?.length === 0) return;
    const found = await newsOf(incoming, takenAs, deps.catalogue);
    if (found === null) return;
    const news = { ...found, orderChannel, correlationId: incoming.correlationId };
    if (fulfillers === null) await deps.sendUnaddressed(news);
    else
      await deps.send(
        fulfillers.map(({ id }) => id),
        news,
      );
  };
}

/** Names mean what they meant when the event was counted: a bundle that is edited meanwhile is sent out as it was sold. */
async function newsOf(
  incoming: Incoming,
  { edited, names }: TakenAs,
  catalogue: TellFulfillersDeps["catalogue"],
): Promise<OrderNews | null> {
  if ("shop" in incoming) return newsOfShop(incoming.shop, incoming.event, edited, catalogue);
  return names === null ? null : newsOfChannel(incoming.event, names);
}
