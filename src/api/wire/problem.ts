/** What a problem says beside its common members, by its code (RFC 9457, 3.2). */
import * as z from "zod/mini";
import type { ProblemCode } from "../problem.ts";
import { textOrNull, units } from "./common.ts";
import { levelsReply } from "./levels.ts";
import { reservationReply } from "./reservations.ts";

const places = z.array(z.strictObject({ locationId: z.string(), floor: units, available: z.optional(units) }));
const errors = z.array(z.strictObject({ field: z.string(), message: z.string() }));

/** A line that is short; `component` where the line is a bundle's. */
const shortLine = z.strictObject({
  line: z.int(),
  sku: z.optional(z.string()),
  component: z.optional(z.string()),
  locationId: z.optional(textOrNull),
  wanted: z.optional(units),
  left: units,
});

type Members = Readonly<Record<string, z.ZodMiniType>>;

export const PROBLEM_MEMBERS: Readonly<Partial<Record<ProblemCode, Members>>> = {
  bad_request: {
    /** Up to ten fields at fault. */
    errors: z.optional(errors),
    /** From a bundle to its component at fault. */
    path: z.optional(z.array(z.string())),
    min: z.optional(z.number()),
    max: z.optional(z.number()),
  },
  insufficient_stock: {
    wanted: z.optional(units),
    floor: z.optional(units),
    shortage: z.optional(units),
    pending: z.optional(z.boolean()),
    sellable: z.optional(units),
    locations: z.optional(places),
    /** Of a reservation: each line that is short. */
    short: z.optional(z.array(shortLine)),
    levels: z.optional(
      z.array(
        z.strictObject({
          sku: z.string(),
          locations: z.array(z.strictObject({ locationId: z.string(), left: units })),
        }),
      ),
    ),
  },
  hold_limit: { sku: z.string(), limit: z.enum(["holds", "share"]), allowed: units, held: units },
  reservation_committed: { reservation: reservationReply },
  reservation_released: { reservation: reservationReply },
  reservation_expired: { reservation: reservationReply },
  conflict: {
    path: z.optional(z.array(z.string())),
    /** Bundles that it is a component of. */
    bundles: z.optional(z.array(z.string())),
    job: z.optional(z.unknown()),
    runs: z.optional(z.array(z.unknown())),
  },
  version_mismatch: { version: z.optional(z.int()), levels: z.optional(levelsReply) },
  stale_lease: { newestToken: z.int() },
  locked: { ticket: z.optional(z.string()) },
  invalid_payload: { errors },
  not_allowed: { errors: z.optional(errors) },
  out_of_range: { held: z.optional(units) },
  unavailable: { shops: z.optional(z.array(z.unknown())) },
};
