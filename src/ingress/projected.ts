/** What a projection makes of a webhook's body. */
import type { ShopEvent } from "../domain/shop-event.ts";

export type Projected =
  /** `occurredAtMs` null: the body tells no time. */
  | { readonly kind: "event"; readonly event: ShopEvent; readonly occurredAtMs: number | null }
  /** Rightly shaped, and says nothing about stock. */
  | { readonly kind: "nothing"; readonly reason: "no_quantity" | "no_lines" };

export const NO_LINES: Projected = { kind: "nothing", reason: "no_lines" };

export const told = (event: ShopEvent, occurredAtMs: number | null = null): Projected => ({
  kind: "event",
  event,
  occurredAtMs,
});
