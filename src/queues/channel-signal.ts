/** "This counter may have levels for this channel": like a dirty signal, it carries none, so a late or repeated one is harmless. */
import * as z from "zod/mini";
import type { ChannelId, CorrelationId, SkuId } from "../domain/ids.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { type Unreadable, unreadable } from "./unreadable.ts";

export type ChannelSignal = {
  readonly v: 1;
  readonly kind: "dirty_channel";
  readonly skuId: SkuId;
  readonly channel: ChannelId;
  /** The channel shows units that it may not show any more, and shall show none. */
  readonly urgent: boolean;
  readonly correlationId: CorrelationId;
  /** Epoch ms when the counter sent it. */
  readonly sentAt: number;
};

const text = z.string().check(z.minLength(1));
const signal = z.object({
  v: z.literal(1),
  kind: z.literal("dirty_channel"),
  skuId: text,
  channel: text,
  urgent: z.boolean(),
  correlationId: text,
  sentAt: z.int(),
});

export function parseChannelSignal(body: unknown): Result<ChannelSignal, Unreadable> {
  const parsed = signal.safeParse(body);
  if (parsed.success) return ok(parsed.data as unknown as ChannelSignal);
  return err(unreadable(parsed.error));
}
