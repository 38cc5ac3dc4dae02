/** A look, some seconds later, at an oversell that was announced and not certain: does it hold? */
import * as z from "zod/mini";
import { err, ok, type Result } from "../domain/result.ts";
import { type Unreadable, unreadable } from "./unreadable.ts";

export type OversoldCheck = { readonly v: 1; readonly kind: "oversold_check"; readonly oversellId: string };

const check = z.object({
  v: z.literal(1),
  kind: z.literal("oversold_check"),
  oversellId: z.string().check(z.minLength(1), z.maxLength(100)),
});

export function parseOversoldCheck(body: unknown): Result<OversoldCheck, Unreadable> {
  const parsed = check.safeParse(body);
  if (parsed.success) return ok(parsed.data);
  return err(unreadable(parsed.error));
}
