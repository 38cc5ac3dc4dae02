/** Destinations and deliveries, rendered. */
import type { NotifyDestination } from "../domain/notification/destination.ts";
import type { Delivery } from "../services/notifications/notification-store.ts";
import { iso, isoOrNull } from "./time-to-wire.ts";

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
