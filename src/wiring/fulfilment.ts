/** What is told of orders to those who send them out, wired: for the event queue's consumer. */
import { consoleLog as log } from "../observability/log.ts";
import type { Catalogue } from "../services/catalogue.ts";
import { type TellFulfillers, tellingFulfillers } from "../services/channels/tell-fulfillers.ts";
import type { Incoming } from "../services/take-in-batch.ts";
import { sendFulfilmentNews, sendUnaddressedNews } from "./channel-sync.ts";
import { channelsOf } from "./channels.ts";

type Parts = { readonly catalogue: Pick<Catalogue, "resolve" | "locationsOf"> };

export const fulfilmentDeps = (env: Env, { catalogue }: Parts) => ({
  tellingFulfillers: (batch: readonly Incoming[]): TellFulfillers =>
    tellingFulfillers(batch, {
      ...{ channels: channelsOf(env), catalogue, log },
      send: (channels, news) => sendFulfilmentNews(env, channels, news),
      sendUnaddressed: (news) => sendUnaddressedNews(env, news),
    }),
});
