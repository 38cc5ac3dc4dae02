/** Levels out, and stocktakes in, as CSV. Mounted before the routes of a SKU: a SKU called "export" is read by the batch. */
import { type Context, Hono } from "hono";
import * as z from "zod/mini";
import { LIMITS } from "../config.ts";
import { type CountsFile, parseCounts, type RowError } from "../domain/csv/parse-counts.ts";
import { parseSku } from "../domain/ids.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { readCapped } from "../ingress/read-capped.ts";
import type { AppEnv } from "./app-env.ts";
import { byOf } from "./caller.ts";
import { parseQuery } from "./parse.ts";
import { type Problem, problem } from "./problem.ts";

export const exportQuery = z.strictObject({ after: z.optional(z.string()) });
export const importQuery = z.strictObject({
  dryRun: z._default(z.enum(["true", "false"]), "true"),
  planId: z.optional(z.string().check(z.regex(/^plan_[0-9a-f-]{36}$/, "must be the dry run's"))),
  fromLine: z._default(z.coerce.number().check(z.int(), z.gte(1)), 1),
});

export const csvRoutes = new Hono<AppEnv>()
  .get("/export", async (c) => {
    const query = parseQuery(c, exportQuery);
    if (!query.ok) return problem(c, query.error);
    const after = query.value.after === undefined ? null : parseSku(query.value.after);
    if (after?.ok === false) return problem(c, { code: "bad_request", detail: "This can be no SKU.", field: "after" });
    const { csv, nextAfter } = await c.get("services").exportLevels(after?.value ?? null);
    const next = new URL(c.req.url);
    next.searchParams.set("after", nextAfter ?? "");
    return c.body(csv, 200, {
      "content-type": "text/csv; charset=utf-8; header=present",
      "content-disposition": 'attachment; filename="onhand-levels.csv"',
      "cache-control": "no-store",
      ...(nextAfter === null ? {} : { link: `<${next.pathname}${next.search}>; rel="next"` }),
    });
  })
  .post("/import", async (c) => {
    const query = parseQuery(c, importQuery);
    if (!query.ok) return problem(c, query.error);
    const body = await readCsv(c);
    if (!body.ok) return problem(c, body.error);
    const { dryRun, planId, fromLine } = query.value;
    if (dryRun === "true") return c.json(await plan(c, body.value));
    if (planId === undefined) {
      const detail = "Make a dry run first, and send its planId with the very same file.";
      return problem(c, { code: "bad_request", detail, field: "planId" });
    }
    return run(c, body.value, planId, fromLine);
  });

type Body = { readonly bytes: Uint8Array; readonly text: string };

async function readCsv(c: Context<AppEnv>): Promise<Result<Body, Problem>> {
  if (!/^text\/csv\b/i.test(c.req.header("content-type") ?? ""))
    return err({ code: "bad_request", detail: "Send the file as text/csv.", field: "Content-Type" });
  const raw = await readCapped(c.req.raw, LIMITS.importBytesMax);
  if (!raw.ok)
    return err({ code: "body_too_large", detail: `A file may have ${raw.error.bytesMax} bytes: cut it in parts.` });
  try {
    return ok({ bytes: raw.value, text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw.value) });
  } catch {
    return err({ code: "bad_request", detail: "The file is not UTF-8.", field: "body" });
  }
}

const parse = (text: string): Result<CountsFile, RowError> =>
  parseCounts(text, { rowsMax: LIMITS.importRowsMax, quantityMax: LIMITS.quantityMax, nowMs: Date.now() });

async function plan(c: Context<AppEnv>, { bytes, text }: Body) {
  const file = parse(text);
  const { rows, errors } = file.ok ? file.value : { rows: [], errors: [file.error] };
  const by = byOf(c);
  const planned = await c.get("services").planCounts(bytes, rows, errors, by);
  return {
    dryRun: true,
    planId: planned.plan?.id ?? null,
    expiresAt: planned.plan === null ? null : new Date(planned.plan.createdAtMs + LIMITS.importPlanMs).toISOString(),
    rows: rows.length,
    errors: planned.errors,
    changes: planned.changes.map(({ countedAtMs, ...change }) => ({
      ...change,
      countedAt: countedAtMs === null ? null : new Date(countedAtMs).toISOString(),
    })),
  };
}

async function run(c: Context<AppEnv>, { bytes, text }: Body, planId: string, fromLine: number): Promise<Response> {
  const file = parse(text);
  if (!file.ok || file.value.errors.length > 0) {
    const [error] = file.ok ? file.value.errors : [file.error];
    const detail = `Line ${error?.line}, ${error?.field}: ${error?.message}.`;
    return problem(c, { code: "bad_request", detail, field: "body" });
  }
  const rows = file.value.rows.filter(({ line }) => line >= fromLine);
  const by = byOf(c);
  const answer = await c.get("services").runCounts(bytes, rows, planId, by);
  switch (answer.kind) {
    case "unknown_plan":
      return problem(c, { code: "not_found", detail: "No dry run of the last day has this id.", field: "planId" });
    case "other_file":
      return problem(c, { code: "conflict", detail: "The dry run was of another file: its bytes differ." });
    case "run": {
      const { nextLine, ...counts } = answer.run;
      return c.json({ dryRun: false, planId, done: nextLine === null, nextLine, ...counts });
    }
  }
}
