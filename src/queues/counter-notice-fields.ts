/** What the notices of a counter have in common. */
import * as z from "zod/mini";
import { err, ok, type Result } from "../domain/result.ts";
import { type Unreadable, unreadable } from "./unreadable.ts";

export const text = z.string().check(z.minLength(1));
export const count = z.int().check(z.nonnegative());
export const place = z.nullable(text);

/** @param news  schema of what it tells */
export const noticeOf = <Kind extends "stock" | "reorder" | "count", News extends z.ZodMiniType>(
  kind: Kind,
  news: News,
) => z.object({ v: z.literal(1), kind: z.literal(kind), id: text, skuId: text, sku: text, news, correlationId: text });

/** Ids were parsed where they were made. */
export function parseNotice<Notice>(schema: z.ZodMiniType, body: unknown): Result<Notice, Unreadable> {
  const parsed = schema.safeParse(body);
  return parsed.success ? ok(parsed.data as Notice) : err(unreadable(parsed.error));
}
