/** A notification that somebody is to be told of. It names the delivery alone: what, whom and whether still, its row says. */
import * as z from "zod/mini";
import { err, ok, type Result } from "../domain/result.ts";
import { type Unreadable, unreadable } from "./unreadable.ts";

export type DeliverNotice = { readonly v: 1; readonly kind: "deliver"; readonly deliveryId: string };

const notice = z.object({
  v: z.literal(1),
  kind: z.literal("deliver"),
  deliveryId: z.string().check(z.minLength(1), z.maxLength(100)),
});

export function parseDeliverNotice(body: unknown): Result<DeliverNotice, Unreadable> {
  const parsed = notice.safeParse(body);
  if (parsed.success) return ok(parsed.data);
  return err(unreadable(parsed.error));
}
