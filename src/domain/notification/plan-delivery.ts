/** When a destination is told of a piece of news: at once, or with a digest. */
import { type NotifyDestination, takes } from "./destination.ts";
import type { Notification } from "./notification.ts";
import { quietUntil } from "./quiet-hours.ts";

export type PlannedDelivery =
  /** Not for it. */
  | { readonly kind: "none" }
  | { readonly kind: "now" }
  /** In the digest that is due then (epoch ms). */
  | { readonly kind: "held"; readonly dueAtMs: number };

const MINUTE_MS = 60_000;

/** What is critical waits for nothing. */
export function planDelivery(destination: NotifyDestination, news: Notification, nowMs: number): PlannedDelivery {
  const { filter, digestMinutes, quietHours, state } = destination;
  if (state === "disabled" || !takes(filter, news)) return { kind: "none" };
  if (news.severity === "critical") return { kind: "now" };
  const digestMs = digestMinutes === null ? nowMs : nextTick(nowMs, digestMinutes * MINUTE_MS);
  const dueAtMs = quietHours === null ? digestMs : (quietUntil(quietHours, digestMs) ?? digestMs);
  return dueAtMs === nowMs ? { kind: "now" } : { kind: "held", dueAtMs };
}

/** Digests of one period end at the same moment, whenever their first news came. */
const nextTick = (nowMs: number, periodMs: number): number => (Math.floor(nowMs / periodMs) + 1) * periodMs;
