/**
 * The mark that a replayed message carries beside its body, so that its job hears of its end. No reader of bodies knows it,
 * and no letter keeps it.
 */
import * as z from "zod/mini";
import type { ReplayMark } from "../services/dead-letters/jobs.ts";

const text = z.string().check(z.minLength(1));
const schema = z.object({ replay: z.object({ letter: text, deaths: z.int(), job: z.nullable(text) }) });

export function replayMarkOf(body: unknown): ReplayMark | null {
  const parsed = schema.safeParse(body);
  return parsed.success ? parsed.data.replay : null;
}

export function withoutMark(body: unknown): unknown {
  if (replayMarkOf(body) === null) return body;
  const { replay: _, ...rest } = body as Record<string, unknown>;
  return rest;
}
