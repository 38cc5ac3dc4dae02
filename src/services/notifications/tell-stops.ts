/**
 * A channel that its receiver has left, or a destination that is disabled, is stopped first and told of afterwards: nothing
 * calls it any more, so nobody would come by to say it again if that failed. So each minute looks for what stands there untold.
 */
import type { ChannelId, CorrelationId } from "../../domain/ids.ts";
import { fromStore } from "../../domain/ids.ts";
import type { NotifyDestination } from "../../domain/notification/destination.ts";
import { newsOfPause } from "../../domain/notification/from-channel.ts";
import type { Notification, Notifier } from "../../domain/notification/notification.ts";
import { destinationDisabled } from "./destination-disabled.ts";

/** Who a channel's pause is by, where its receiver asked for it. */
export const BY_RECEIVER = "receiver";

export interface UntoldStops {
  /** Those that stopped at that time (epoch ms) or later, of whom no news is stored. Rejects when the store is away. */
  since(
    atMs: number,
    by: string,
  ): Promise<{
    readonly channels: readonly { readonly channel: ChannelId; readonly reason: string; readonly pausedAtMs: number }[];
    readonly destinations: readonly NotifyDestination[];
  }>;
}

export interface TellStopsDeps {
  readonly stops: UntoldStops;
  readonly notifier: Notifier;
  /** What stopped longer ago is no news. */
  readonly ageMsMax: number;
}

/** The cause that a channel's pause by its receiver goes by. */
export const causeOfPause = (channel: ChannelId): CorrelationId => fromStore<CorrelationId>(`gone:${channel}`);

/** Rejects when the store is away: the next minute does it. */
export async function tellStops({ stops, notifier, ageMsMax }: TellStopsDeps, nowMs: number): Promise<void> {
  const { channels, destinations } = await stops.since(nowMs - ageMsMax, BY_RECEIVER);
  const news: readonly Notification[] = [
    ...channels.map(({ channel, reason, pausedAtMs }) =>
      newsOfPause(channel, reason, pausedAtMs, causeOfPause(channel)),
    ),
    ...destinations.map((each) => destinationDisabled(each, each.stateReason ?? "", each.stateAtMs)),
  ];
  if (news.length > 0) await notifier.publish(news);
}
