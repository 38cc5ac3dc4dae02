/** Reconciliation on demand: runs, what they found, and an operator's overwriting. */
import { type Context, Hono } from "hono";
import * as z from "zod/mini";
import { LIMITS } from "../config.ts";
import { parseGateName, parseSku, type ShopDomain, type Sku } from "../domain/ids.ts";
import type { RunScope } from "../domain/reconcile/run.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { OverwriteOutcome } from "../services/reconcile/overwrite-finding.ts";
import type { AppEnv } from "./app-env.ts";
import { dryRunQuery, parseBody, parseQuery } from "./parse.ts";
import { type Problem, problem } from "./problem.ts";
import { findingToWire, runToWire } from "./reconciliation-to-wire.ts";

const text = z.string().check(z.minLength(1), z.maxLength(255));
const limit = z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(LIMITS.pageRowsMax)), 50);

export const reconciliationBody = z.strictObject({
  scope: z.optional(
    z.strictObject({
      shop: z.optional(text),
      skus: z.optional(
        z.union([
          z.enum(["changed", "all"]),
          z.array(z.string()).check(z.minLength(1), z.maxLength(LIMITS.reconcileSkusMax)),
        ]),
      ),
    }),
  ),
  dryRun: z.optional(z.boolean()),
});
export const reconciliationsQuery = z.strictObject({
  shop: z.optional(text),
  status: z.optional(z.enum(["queued", "running", "done", "failed", "cancelled"])),
  limit,
  cursor: z.optional(z.string().check(z.regex(/^\d{1,16}\.rec_[0-9a-f-]+$/, "must be the `next` of the page before"))),
});
export const findingsQuery = z.strictObject({
  cause: z.optional(text),
  healed: z.optional(z.enum(["true", "false"])),
  limit,
  after: z.optional(text),
});
export const overwriteBody = z.strictObject({
  approve: z.literal(true),
  reason: z.string().check(z.minLength(1), z.maxLength(100)),
});

export const reconciliationRoutes = new Hono<AppEnv>()
  .post("/", async (c) => {
    const body = await parseBody(c, reconciliationBody);
    if (!body.ok) return problem(c, body.error);
    const shops = await shopsOf(c, body.value.scope?.shop);
    if (!shops.ok) return problem(c, shops.error);
    const scope = scopeOf(body.value.scope?.skus ?? "changed");
    if (!scope.ok) return problem(c, scope.error);
    const asked = { scope: scope.value, isDry: body.value.dryRun ?? false, actor: c.get("actor") };
    const runs = [];
    for (const shop of shops.value) {
      const correlationId = c.get("correlationId");
      const requested = await c.get("services").reconciliations.request(shop, { ...asked, correlationId });
      if (requested.kind === "too_many") {
        const detail = `${requested.open} reconciliations of ${shop} wait or run already: cancel one, or wait.`;
        return problem(c, { code: "conflict", detail, more: { runs: runs.map(runToWire) } });
      }
      runs.push(requested.run);
    }
    return c.json({ runs: runs.map(runToWire) }, 202);
  })
  .get("/", async (c) => {
    const query = parseQuery(c, reconciliationsQuery);
    if (!query.ok) return problem(c, query.error);
    const shop = query.value.shop === undefined ? null : parseGateName(query.value.shop);
    if (shop !== null && !shop.ok) return problem(c, UNKNOWN_SHOP);
    const { shop: _, ...filter } = query.value;
    const page = await c
      .get("services")
      .reconciliations.list({ ...filter, ...(shop === null ? {} : { shop: shop.value }) });
    return c.json({ runs: page.runs.map(runToWire), next: page.nextCursor });
  })
  .get("/:id", async (c) => {
    const query = parseQuery(c, findingsQuery);
    if (!query.ok) return problem(c, query.error);
    const { reconciliations } = c.get("services");
    const run = await reconciliations.get(c.req.param("id"));
    if (run === null) return problem(c, UNKNOWN_RUN);
    const { cause, healed, limit: rows, after } = query.value;
    const page = await reconciliations.findings(run.id, {
      limit: rows,
      ...(cause === undefined ? {} : { cause }),
      ...(healed === undefined ? {} : { isHealed: healed === "true" }),
      ...(after === undefined ? {} : { after }),
    });
    return c.json({ ...runToWire(run), findings: page.findings.map(findingToWire), nextFinding: page.nextAfter });
  })
  .post("/:id/cancel", async (c) => {
    const run = await c.get("services").reconciliations.cancel(c.req.param("id"));
    if (run === null) return problem(c, UNKNOWN_RUN);
    if (run.status !== "cancelled")
      return problem(c, { code: "conflict", detail: `The run is ${run.status} already.` });
    return c.json(runToWire(run));
  })
  .post("/:id/findings/:finding/overwrite", async (c) => {
    const body = await parseBody(c, overwriteBody);
    if (!body.ok) return problem(c, body.error);
    const query = parseQuery(c, dryRunQuery);
    if (!query.ok) return problem(c, query.error);
    const dryRun = query.value.dryRun === "true";
    const approval = {
      dryRun,
      reason: body.value.reason,
      actor: c.get("actor"),
      correlationId: c.get("correlationId"),
    };
    const { reconciliations } = c.get("services");
    return overwriteReply(c, await reconciliations.overwrite(c.req.param("id"), c.req.param("finding"), approval));
  });

const UNKNOWN_RUN: Problem = { code: "not_found", detail: "No reconciliation has this id.", field: "id" };
const UNKNOWN_SHOP: Problem = {
  code: "not_found",
  detail: "This is no shop of ours, and no till that keeps its own stock.",
  field: "scope.shop",
};

/** One shop or till, or all of the deployment. */
async function shopsOf(c: Context<AppEnv>, named: string | undefined): Promise<Result<readonly ShopDomain[], Problem>> {
  const { ourGates, isOurGate } = c.get("services");
  if (named === undefined) return ok([...(await ourGates())]);
  const shop = parseGateName(named);
  return shop.ok && (await isOurGate(shop.value)) ? ok([shop.value]) : err(UNKNOWN_SHOP);
}

function scopeOf(given: "changed" | "all" | readonly string[]): Result<RunScope, Problem> {
  if (typeof given === "string") return ok({ kind: given });
  const skus: Sku[] = [];
  for (const [i, name] of given.entries()) {
    const sku = parseSku(name);
    if (!sku.ok)
      return err({
        code: "bad_request",
        detail: "A SKU has 1–255 printable characters.",
        field: `scope.skus.${i}`,
      });
    skus.push(sku.value);
  }
  return ok({ kind: "skus", skus: [...new Set(skus)] });
}

const MEASURE_SECONDS = 5; // a read is mostly answered within two

function overwriteReply(c: Context<AppEnv>, outcome: OverwriteOutcome): Response {
  switch (outcome.kind) {
    case "unknown":
      return problem(c, { code: "not_found", detail: "The reconciliation has no such finding.", field: "finding" });
    case "overwritten":
      return c.json(findingToWire(outcome.finding));
    case "foreseen":
      return c.json({ dryRun: true, action: outcome.action, delta: outcome.delta });
    case "measure_first": {
      const detail =
        "The counter has not measured the difference yet. A read is asked for: send this again in a moment.";
      return problem(c, { code: "conflict", detail, retryAfterSeconds: MEASURE_SECONDS });
    }
    case "not_offered":
      return problem(c, { code: "conflict", detail: `It cannot be overwritten: ${outcome.why}.` });
  }
}
