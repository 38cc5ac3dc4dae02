/** A notification that a SKU is oversold, by other units than before, or no longer: the newest state of one oversell. */
import * as z from "zod/mini";
import { err, ok, type Result } from "../domain/result.ts";
import type { OversellNews } from "../services/oversells.ts";
import { type Unreadable, unreadable } from "./unreadable.ts";

export type OversellNotice = OversellNews & {
  readonly v: 1;
  readonly kind: "oversell";
  /** Units missing by what is settled alone; the rest is announced, and a read may find it elsewhere. Left out by older counters. */
  readonly certain?: number;
};

const text = z.string().check(z.minLength(1));
const count = z.int().check(z.nonnegative());
const notice = z.object({
  v: z.literal(1),
  kind: z.literal("oversell"),
  skuId: text,
  sku: text,
  since: count,
  version: count,
  units: count,
  peak: count,
  sinceMs: z.int(),
  atMs: z.int(),
  sales: z.array(
    z.object({
      kind: z.enum(["order", "sale", "reservation"]),
      id: text,
      reference: z.nullable(z.string()),
      channel: z.nullable(z.string()),
      units: count,
      short: count,
      atMs: z.int(),
    }),
  ),
  unexplained: count,
  certain: z.optional(count),
  correlationId: text,
});

export function parseOversellNotice(body: unknown): Result<OversellNotice, Unreadable> {
  const parsed = notice.safeParse(body);
  if (parsed.success) return ok(parsed.data as unknown as OversellNotice);
  return err(unreadable(parsed.error));
}
