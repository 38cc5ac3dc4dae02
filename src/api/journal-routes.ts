/** Where did it go? The way of one cause, step by step; and the recent events by filter. */
import { Hono } from "hono";
import * as z from "zod/mini";
import { LIMITS } from "../config.ts";
import { isPlainCorrelationId } from "../domain/correlation.ts";
import { type CorrelationId, fromStore, parseSku, type Sku } from "../domain/ids.ts";
import { JOURNAL_STEPS, type StoredEntry } from "../domain/journal/entry.ts";
import type { TraceStep } from "../domain/journal/timeline.ts";
import type { Trace } from "../services/trace.ts";
import type { AppEnv } from "./app-env.ts";
import { timeField } from "./movement-body.ts";
import { parseQuery } from "./parse.ts";
import { type Problem, problem, unavailable } from "./problem.ts";
import { iso } from "./time-to-wire.ts";

const text = z.string().check(z.minLength(1), z.maxLength(255));
export const eventsQuery = z.strictObject({
  topic: z.optional(text),
  step: z.optional(z.enum(JOURNAL_STEPS)),
  outcome: z.optional(text),
  shop: z.optional(text),
  sku: z.optional(text),
  correlationId: z.optional(text),
  eventId: z.optional(text),
  from: z.optional(timeField),
  to: z.optional(timeField),
  limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(LIMITS.pageRowsMax)), 50),
  cursor: z.optional(z.string().check(z.regex(/^\d{1,16}\.[\w-]{1,40}$/, "must be the `next` of the page before"))),
});

export const eventRoutes = new Hono<AppEnv>().get("/", async (c) => {
  const query = parseQuery(c, eventsQuery);
  if (!query.ok) return problem(c, query.error);
  const { sku: named, from, to, ...filter } = query.value;
  const sku = named === undefined ? undefined : parseSku(named);
  if (sku?.ok === false) return problem(c, NO_SKU);
  const page = await c.get("services").events({
    ...filter,
    sku: sku?.value,
    fromMs: from === undefined ? undefined : Date.parse(from),
    toMs: to === undefined ? undefined : Date.parse(to),
  });
  if (page === null) return problem(c, { code: "not_found", detail: `There is no SKU "${named}".`, field: "sku" });
  return c.json({ events: page.entries.map(entryToWire), next: page.nextCursor });
});

export const traceRoutes = new Hono<AppEnv>().get("/:correlationId", async (c) => {
  const correlationId = c.req.param("correlationId");
  if (!isPlainCorrelationId(correlationId)) return problem(c, UNKNOWN);
  const skus: Sku[] = [];
  for (const name of c.req.queries("sku") ?? []) {
    const sku = parseSku(name);
    if (!sku.ok) return problem(c, NO_SKU);
    skus.push(sku.value);
  }
  const trace = await c
    .get("services")
    .trace(fromStore<CorrelationId>(correlationId), skus.slice(0, LIMITS.traceSkusMax));
  if (trace.steps.length > 0) return c.json(traceToWire(correlationId, trace));
  if (trace.unreached.length === 0) return problem(c, UNKNOWN);
  const parts = trace.unreached.map(({ part }) => part).join(", ");
  return problem(c, unavailable(`Nothing is known of it, but not all could be asked: ${parts}.`));
});

const NO_SKU: Problem = { code: "bad_request", detail: "This can be no SKU.", field: "sku" };
const UNKNOWN: Problem = {
  code: "not_found",
  detail: "Nobody knows this correlation id: traces are kept for seven days, single movements for thirty.",
  field: "correlationId",
};

function entryToWire({ atMs, key: _, skuIds, mirrored, ...entry }: StoredEntry) {
  return {
    at: iso(atMs),
    ...entry,
    ...(skuIds === undefined ? {} : { skuIds }),
    ...(mirrored === undefined ? {} : { mirrored: mirrored.outcome }),
  };
}

function traceToWire(correlationId: string, { steps, skus, cut, unreached }: Trace) {
  const firstMs = steps[0]?.atMs ?? 0;
  const lastMs = steps.at(-1)?.atMs ?? firstMs;
  return {
    ...{ correlationId, from: iso(firstMs), to: iso(lastMs), ms: lastMs - firstMs, skus },
    steps: steps.map((step) => stepToWire(step, firstMs)),
    ...{ cut, unreached },
  };
}

/** `sinceMs`: since the first step; `ms`: how long the step itself took, where that is known. */
const stepToWire = ({ atMs, step, outcome, ...more }: TraceStep, firstMs: number) => ({
  ...{ at: iso(atMs), sinceMs: atMs - firstMs, step, outcome, ...more },
});
