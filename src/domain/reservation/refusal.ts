/** Why a counter would not hold what it was asked for, in the coordinator's words. */
import type { LocationId } from "../ids.ts";

export type ShortLine = {
  /** Index of the reservation's line. */
  readonly line: number;
  readonly wanted: number;
  /** Units of the SKU that could have been held where the line asked for them; never below 0. */
  readonly left: number;
};

export type Refusal =
  | {
      readonly kind: "insufficient";
      readonly short: readonly ShortLine[];
      /** It shows enough and is not sure of it yet: the same may succeed in a second or two. */
      readonly isPending: boolean;
      readonly locations: readonly { readonly locationId: LocationId; readonly left: number }[];
    }
  /** The client holds as much of this SKU as one client may. */
  | { readonly kind: "over_limit"; readonly detail: string }
  | { readonly kind: "unknown_location"; readonly known: readonly LocationId[] }
  | { readonly kind: "locked"; readonly retryAfterMs: number }
  | { readonly kind: "out_of_range" }
  /** In the catalogue, and its counter has not heard of it: an import is under way. */
  | { readonly kind: "not_connected" }
  /** A rule of the SKU forbids it: a policy that demands a version or a lock. */
  | { readonly kind: "forbidden"; readonly detail: string };
