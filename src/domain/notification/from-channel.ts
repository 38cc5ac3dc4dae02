/** A channel that is told nothing more, as news. */
import type { ChannelId, CorrelationId } from "../ids.ts";
import type { Notification } from "./notification.ts";

/** @param pausedAtMs  since when it is paused: told again it is the same news, paused once more it is another */
export const newsOfPause = (
  channel: ChannelId,
  reason: string,
  pausedAtMs: number,
  correlationId: CorrelationId,
): Notification => ({
  id: `channel.failing/${channel}/${pausedAtMs}`,
  kind: "channel.failing",
  severity: "critical",
  subject: channel,
  title: `${channel} is paused`,
  text: `${reason}. It is told no levels and no documents. Look at its health, and resume it: what it missed is told then.`,
  atMs: pausedAtMs,
  ...{ sku: null, locationId: null, channel },
  correlationId,
  data: { channel, reason },
});
