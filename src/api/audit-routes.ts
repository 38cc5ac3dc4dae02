/** Who did what: the audit log. */
import { Hono } from "hono";
import * as z from "zod/mini";
import { LIMITS } from "../config.ts";
import type { AppEnv } from "./app-env.ts";
import { timeField } from "./movement-body.ts";
import { parseQuery } from "./parse.ts";
import { problem } from "./problem.ts";

const text = z.string().check(z.minLength(1), z.maxLength(255));
export const auditQuery = z.strictObject({
  actor: z.optional(text),
  action: z.optional(text),
  subject: z.optional(text),
  correlationId: z.optional(text),
  from: z.optional(timeField),
  to: z.optional(timeField),
  limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(LIMITS.pageRowsMax)), 50),
  before: z.optional(z.coerce.number().check(z.int(), z.gte(1))),
});

export const auditRoutes = new Hono<AppEnv>().get("/", async (c) => {
  const query = parseQuery(c, auditQuery);
  if (!query.ok) return problem(c, query.error);
  const { from, to, ...filter } = query.value;
  const { entries, next } = await c.get("services").auditLog({
    ...filter,
    fromMs: from === undefined ? undefined : Date.parse(from),
    toMs: to === undefined ? undefined : Date.parse(to),
  });
  return c.json({
    entries: entries.map(({ atMs, ...entry }) => ({ ...entry, at: new Date(atMs).toISOString() })),
    next,
  });
});
