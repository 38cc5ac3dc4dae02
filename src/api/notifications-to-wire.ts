/** Destinations and deliveries, rendered. */
import type { NotifyDestination } from "../domain/notification/destination.ts";
import type { Delivery } from "../services/notifications/notification-store.ts";

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

export const destinationToWire = (destination: NotifyDestination) => {
  const { stateAtMs, failingSinceMs, ...rest } = destination;
  return { ...rest, stateSince: iso(stateAtMs), failingSince: isoOrNull(failingSinceMs) };
};

export const deliveryToWire = ({ dueAtMs, createdAtMs, settledAtMs, history, ...rest }: Delivery) => ({
  ...rest,
  dueAt: iso(dueAtMs),
  history: history.map(({ atMs, ...attempt }) => ({ at: iso(atMs), ...attempt })),
  createdAt: iso(createdAtMs),
  settledAt: isoOrNull(settledAtMs),
});
