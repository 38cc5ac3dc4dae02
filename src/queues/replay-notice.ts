/** A notification that a job over dead letters goes on: whoever takes it drives the job for a while, and sends the next. */
import * as z from "zod/mini";
import { err, ok, type Result } from "../domain/result.ts";
import { type Unreadable, unreadable } from "./unreadable.ts";

export type ReplayNotice = { readonly v: 1; readonly kind: "replay"; readonly jobId: string };

const notice = z.object({ v: z.literal(1), kind: z.literal("replay"), jobId: z.string().check(z.minLength(1)) });

export function parseReplayNotice(body: unknown): Result<ReplayNotice, Unreadable> {
  const parsed = notice.safeParse(body);
  if (parsed.success) return ok(parsed.data);
  return err(unreadable(parsed.error));
}
