/** How a reservation looks on the wire. */
import type { Reservation } from "../domain/reservation/reservation.ts";
import type { ReservationView } from "../services/reservation/coordinator-contract.ts";
import { iso } from "./time-to-wire.ts";

/** `settled`: every counter has carried out what was decided. `holds`: where the units were set aside. */
export function reservationToWire({ reservation, status, isSettled }: ReservationView) {
  const { id, client, channel, cause, createdAtMs, expiresAtMs, lines, members, phase } = reservation;
  const taken = phase.kind === "committing" || phase.kind === "committed" ? phase.taken : null;
  return {
    ...{ id, status, settled: isSettled, client, channel },
    ...{ reason: cause.reason, reference: cause.reference, correlationId: cause.correlationId },
    createdAt: iso(createdAtMs),
    expiresAt: iso(expiresAtMs),
    endedAt: endedAt(reservation),
    lines: lines.map(({ sku, quantity, locationId }, i) => ({
      ...{ sku, quantity, locationId },
      ...(taken === null ? {} : { committed: taken[i] ?? 0 }),
    })),
    holds: members.flatMap(({ sku, held }) => held.map(({ locationId, quantity }) => ({ sku, locationId, quantity }))),
  };
}

/** When it was decided that it ends, or it ran out; null while it is open. */
function endedAt({ phase, expiresAtMs }: Reservation): string | null {
  if ("decidedAtMs" in phase) return iso(phase.decidedAtMs);
  return phase.kind === "expired" ? iso(Math.min(phase.endedAtMs, expiresAtMs)) : null;
}
