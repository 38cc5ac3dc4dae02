/** A notification that a SKU is oversold, by other units than before, or no longer: the newest state of one oversell. */
import * as z from "zod/mini";
import type { ShortSale } from "../domain/counter/short-sales.ts";
import type { CorrelationId, Sku, SkuId } from "../domain/ids.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { Unreadable } from "./envelope.ts";

export type OversellNotice = {
  readonly v: 1;
  readonly kind: "oversell";
  readonly skuId: SkuId;
  readonly sku: Sku;
  /** Names the oversell within its counter. */
  readonly since: number;
  /** The counter's: of two notices of one oversell, the higher one is newer. */
  readonly version: number;
  /** Units missing; 0: it is over. */
  readonly units: number;
  readonly peak: number;
  readonly sinceMs: number;
  readonly atMs: number;
  /** The newest sales that together cover the missing units, newest first. */
  readonly sales: readonly ShortSale[];
  readonly unexplained: number;
  readonly correlationId: CorrelationId;
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
  correlationId: text,
});

export function parseOversellNotice(body: unknown): Result<OversellNotice, Unreadable> {
  const parsed = notice.safeParse(body);
  if (parsed.success) return ok(parsed.data as unknown as OversellNotice);
  const problems = parsed.error.issues.slice(0, 10).map((i) => `${i.path.map(String).join(".")}: ${i.message}`);
  return err({ kind: "unreadable", problems });
}
