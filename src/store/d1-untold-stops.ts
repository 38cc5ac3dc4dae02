/** What came to a stop and is not among the news: channels that their receiver has left, destinations that were disabled. */
import type { D1Database } from "@cloudflare/workers-types";
import { type ChannelId, fromStore } from "../domain/ids.ts";
import type { NotifyDestination } from "../domain/notification/destination.ts";
import type { UntoldStops } from "../services/notifications/tell-stops.ts";
import { type DestinationRow, destinationOf } from "./notification-row.ts";

const CHANNELS = `SELECT id, state_reason, state_at_ms FROM channels
  WHERE state = 'paused' AND state_by = ?1 AND state_at_ms >= ?2
    AND NOT EXISTS (SELECT 1 FROM notifications n WHERE n.id = 'channel.failing/' || channels.id || '/' || channels.state_at_ms)`;
const DESTINATIONS = `SELECT * FROM notify_destinations
  WHERE state = 'disabled' AND state_at_ms >= ?1
    AND NOT EXISTS (SELECT 1 FROM notifications n
      WHERE n.id = 'destination.disabled/' || notify_destinations.id || '/' || notify_destinations.state_at_ms)`;

type ChannelStop = { id: string; state_reason: string | null; state_at_ms: number };

export const d1UntoldStops = (db: D1Database): UntoldStops => ({
  async since(atMs, by) {
    const [channels, destinations] = await db.batch<unknown>([
      db.prepare(CHANNELS).bind(by, atMs),
      db.prepare(DESTINATIONS).bind(atMs),
    ]);
    return {
      channels: ((channels?.results ?? []) as ChannelStop[]).map(({ id, state_reason, state_at_ms }) => ({
        ...{ channel: fromStore<ChannelId>(id), reason: state_reason ?? "", pausedAtMs: state_at_ms },
      })),
      destinations: ((destinations?.results ?? []) as DestinationRow[]).map(
        (row): NotifyDestination => destinationOf(row),
      ),
    };
  },
});
