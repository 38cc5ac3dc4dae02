/** Who is told, of what, and when. Plain data; what is secret of it stands elsewhere. */
import { NOTIFICATION_SEVERITIES, type Notification, type NotificationSeverity } from "./notification.ts";
import type { QuietHours } from "./quiet-hours.ts";

export const DESTINATION_TYPES = ["webhook", "slack", "email"] as const;
export type DestinationType = (typeof DESTINATION_TYPES)[number];

/** Every part that is not null must take it. */
export type NotificationFilter = {
  /** Kinds, or a family of them: `inventory.*`; null: all. */
  readonly kinds: readonly string[] | null;
  readonly minSeverity: NotificationSeverity;
  /** SKUs, or the beginning of some: `SHIRT-*`. News that is of no SKU is not taken where SKUs are named. */
  readonly skus: readonly string[] | null;
  readonly locations: readonly string[] | null;
  readonly channels: readonly string[] | null;
};

export const TAKES_ALL: NotificationFilter = {
  kinds: null,
  minSeverity: "info",
  skus: null,
  locations: null,
  channels: null,
};

export type NotifyDestination = {
  readonly id: string;
  readonly type: DestinationType;
  /** For people. */
  readonly name: string;
  /** A webhook's URL, an e-mail address, or Slack's host. */
  readonly address: string;
  readonly filter: NotificationFilter;
  /** One message of all, so often; null: each at once. */
  readonly digestMinutes: number | null;
  readonly quietHours: QuietHours | null;
  readonly state: "enabled" | "disabled";
  /** Why it is disabled. */
  readonly stateReason: string | null;
  readonly stateAtMs: number;
  /** Since when nothing but failures; null: the newest try succeeded, or there was none. */
  readonly failingSinceMs: number | null;
  /** In a row. */
  readonly failures: number;
};

export function takes(filter: NotificationFilter, news: Notification): boolean {
  const { kinds, minSeverity, skus, locations, channels } = filter;
  return (
    rank(news.severity) >= rank(minSeverity) &&
    isAmong(kinds, news.kind) &&
    isAmong(skus, news.sku) &&
    isAmong(locations, news.locationId) &&
    isAmong(channels, news.channel)
  );
}

const rank = (severity: NotificationSeverity): number => NOTIFICATION_SEVERITIES.indexOf(severity);

function isAmong(named: readonly string[] | null, value: string | null): boolean {
  if (named === null) return true;
  if (value === null) return false;
  return named.some((name) => (name.endsWith("*") ? value.startsWith(name.slice(0, -1)) : name === value));
}
