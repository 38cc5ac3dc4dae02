/** Notifications as lines for people: for `onhand notifications` and for the demo. */
import { table } from "./table.ts";

/** As `GET /v1/notifications` tells it; `at` in ISO 8601, UTC. */
export type NewsLine = {
  readonly id: string;
  readonly at: string;
  readonly kind: string;
  readonly severity: string;
  readonly title: string;
};

/**
 * @param newestFirst  as the API pages them; the table has the newest last, where a terminal's reader looks
 * @param withIds      for whoever asks for one of them next: `onhand notifications ID`
 */
export function notificationTable(newestFirst: readonly NewsLine[], { withIds = false } = {}): string {
  const rows = newestFirst.toReversed().map(({ at, severity, kind, title, id }) => {
    return [toSecond(at), severity, kind, title, ...(withIds ? [id] : [])];
  });
  return table(["TIME (UTC)", "SEVERITY", "KIND", "TITLE", ...(withIds ? ["ID"] : [])], rows);
}

const toSecond = (iso: string): string => iso.slice(0, 19).replace("T", " ");
