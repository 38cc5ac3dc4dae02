/** Why a counter would not hold what it was asked for, in the coordinator's words. */
import type { LocationId } from "../ids.ts";

export type ShortPart = {
  /** Index of the reservation's line. */
  readonly line: number;
  /** Units of this SKU per unit of the line. */
  readonly each: number;
  readonly wanted: number;
  /** Units of the SKU that could have been held where the line asked for them, for all of its lines together. */
  readonly left: number;
};

export type Refusal =
  | {
      readonly kind: "insufficient";
      readonly short: readonly ShortPart[];
      /** It shows enough and is not sure of it yet: the same may succeed in a second or two. */
      readonly isPending: boolean;
      readonly locations: readonly { readonly locationId: LocationId; readonly left: number }[];
    }
  /** The client holds as much of this SKU as one client may: reservations, or units. */
  | {
      readonly kind: "over_limit";
      readonly limit: "holds" | "share";
      readonly allowed: number;
      readonly held: number;
    }
  | { readonly kind: "unknown_location"; readonly known: readonly LocationId[] }
  | { readonly kind: "locked"; readonly untilMs: number }
  /** In the catalogue, and its counter has not heard of it: an import is under way. */
  | { readonly kind: "not_connected" };
