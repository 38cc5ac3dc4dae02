/** A circuit breaker's change as news: that an outage began, and that it is over. Probes between are nobody's news. */
import type { BreakerChange } from "../breaker/news.ts";
import { type CorrelationId, fromStore } from "../ids.ts";
import type { Notification } from "./notification.ts";

type Changed = Pick<BreakerChange, "to" | "reason" | "openedAtMs" | "atMs">;

/** @returns null: a step within an outage */
export function newsOfBreaker(destination: string, { to, reason, openedAtMs, atMs }: Changed): Notification | null {
  if (to === "half_open") return null;
  const isOver = to === "closed";
  // Each outage once, however often a probe fails; an isolation is one of its own.
  const outage = to === "isolated" ? `isolated/${atMs}` : `${openedAtMs ?? atMs}`;
  const why = reason === null ? "" : ` (${reason})`;
  return {
    id: `breaker/${isOver ? "closed" : "opened"}/${destination}/${outage}`,
    kind: isOver ? "breaker.closed" : "breaker.opened",
    severity: isOver ? "info" : "critical",
    subject: destination,
    title: isOver
      ? `${destination} is called again`
      : to === "isolated"
        ? `${destination} is isolated by an operator`
        : `${destination} does not answer`,
    text: isOver
      ? "What waited is sent now, and the dead letters of the outage are replayed by themselves."
      : `Nothing is sent there${why}. Work waits where it is durable; nothing is lost.`,
    atMs,
    ...{ sku: null, locationId: null, channel: null },
    correlationId: fromStore<CorrelationId>(`breaker:${destination}`),
    data: { destination, state: to, reason, openedAtMs },
  };
}
