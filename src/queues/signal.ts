/** A dirty signal: "this counter has something for this shop". It carries no levels, so a late or repeated one is harmless. */
import * as z from "zod/mini";
import type { CorrelationId, ShopDomain, SkuId } from "../domain/ids.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { type Unreadable, unreadable } from "./unreadable.ts";

export type DirtySignal = {
  readonly v: 1;
  readonly kind: "dirty";
  readonly skuId: SkuId;
  readonly shop: ShopDomain;
  readonly correlationId: CorrelationId;
  /** Epoch ms when the counter sent it. */
  readonly sentAt: number;
};

const text = z.string().check(z.minLength(1));
const signal = z.object({
  v: z.literal(1),
  kind: z.literal("dirty"),
  skuId: text,
  shop: text,
  correlationId: text,
  sentAt: z.int(),
});

export function parseSignal(body: unknown): Result<DirtySignal, Unreadable> {
  const parsed = signal.safeParse(body);
  if (parsed.success) return ok(parsed.data as unknown as DirtySignal);
  return err(unreadable(parsed.error));
}
