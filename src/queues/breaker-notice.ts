/** A notification that a circuit breaker changed: whoever waits for the end of an outage hears it here. */
import * as z from "zod/mini";
import { BREAKER_STATES, type BreakerState } from "../domain/breaker/breaker.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { type Unreadable, unreadable } from "./unreadable.ts";

export type BreakerNotice = {
  readonly v: 1;
  readonly kind: "breaker";
  /** "shopify/<shop>", "square/<channel>", "webhook/<host>", … */
  readonly destination: string;
  readonly from: BreakerState;
  readonly to: BreakerState;
  readonly reason: string | null;
  /** When it opened: an outage began. Null: it was never open. */
  readonly openedAtMs: number | null;
  readonly atMs: number;
};

const notice = z.object({
  v: z.literal(1),
  kind: z.literal("breaker"),
  destination: z.string().check(z.minLength(1), z.maxLength(255)),
  from: z.enum(BREAKER_STATES),
  to: z.enum(BREAKER_STATES),
  reason: z.nullable(z.string().check(z.maxLength(500))),
  openedAtMs: z.nullable(z.int()),
  atMs: z.int(),
});

export function parseBreakerNotice(body: unknown): Result<BreakerNotice, Unreadable> {
  const parsed = notice.safeParse(body);
  if (parsed.success) return ok(parsed.data);
  return err(unreadable(parsed.error));
}
