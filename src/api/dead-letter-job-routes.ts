/** Jobs over all dead letters that match a filter: foreseen, started, watched, cancelled. */
import { type Context, Hono } from "hono";
import * as z from "zod/mini";
import { LIMITS } from "../config.ts";
import type { DeadLetterJob } from "../services/dead-letters/jobs.ts";
import { ITEM_STATES, JOB_STATUSES } from "../services/dead-letters/jobs.ts";
import type { AppEnv } from "./app-env.ts";
import { byOf } from "./caller.ts";
import { matchFields, matchOf } from "./dead-letter-query.ts";
import { foreseenToWire, itemToWire, jobToWire } from "./dead-letter-to-wire.ts";
import { parseBody, parseQuery } from "./parse.ts";
import { type Problem, problem } from "./problem.ts";

const limit = z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(LIMITS.pageRowsMax)), 50);
const name = z
  .string()
  .check(z.regex(/^[A-Za-z0-9][A-Za-z0-9 ._:-]{0,99}$/, "has 1–100 characters of A–Z a–z 0–9 space . _ : -"));

export const jobBody = z.strictObject({
  name: z.optional(name),
  action: z._default(z.enum(["replay", "discard"]), "replay"),
  filter: z.strictObject(matchFields),
  reason: z.optional(z.string().check(z.minLength(1), z.maxLength(500))),
  dryRun: z.optional(z.boolean()),
});
export const jobsQuery = z.strictObject({
  status: z.optional(z.enum(JOB_STATUSES)),
  limit,
  cursor: z.optional(z.string().check(z.regex(/^\d{1,16}\.dlj_[0-9a-f]+$/, "must be the `next` of the page before"))),
});
export const jobItemsQuery = z.strictObject({
  state: z.optional(z.enum(ITEM_STATES)),
  limit,
  after: z.optional(z.coerce.number().check(z.int(), z.gte(0))),
});

export const deadLetterJobRoutes = new Hono<AppEnv>()
  .post("/", async (c) => {
    const body = await parseBody(c, jobBody);
    if (!body.ok) return problem(c, body.error);
    const { action, reason, dryRun } = body.value;
    const filter = matchOf(body.value.filter);
    const { letterJobs } = c.get("services");
    if (dryRun === true) return c.json(foreseenToWire(await letterJobs.foresee(filter)));
    if (body.value.name === undefined) return problem(c, NAMELESS);
    if (action === "discard" && reason === undefined) return problem(c, UNREASONED);
    const demanded = { name: body.value.name, action, filter, reason: reason ?? null, ...byOf(c) };
    const started = await letterJobs.start(demanded);
    switch (started.kind) {
      case "started":
        return c.json(jobToWire(started.job), 202);
      case "known":
        return c.json(jobToWire(started.job), 200, { "idempotent-replayed": "true" });
      case "name_taken": {
        const detail = "A job of this name does something else: choose another name.";
        return problem(c, { code: "conflict", detail, field: "name", more: { job: jobToWire(started.job) } });
      }
    }
  })
  .get("/", async (c) => {
    const query = parseQuery(c, jobsQuery);
    if (!query.ok) return problem(c, query.error);
    const { jobs, nextCursor } = await c.get("services").letterJobs.list(query.value);
    return c.json({ jobs: jobs.map(jobToWire), next: nextCursor });
  })
  .get("/:id", async (c) => {
    const job = await find(c);
    return job === null ? problem(c, UNKNOWN) : c.json(jobToWire(job));
  })
  .get("/:id/items", async (c) => {
    const query = parseQuery(c, jobItemsQuery);
    if (!query.ok) return problem(c, query.error);
    const job = await find(c);
    if (job === null) return problem(c, UNKNOWN);
    const { items, nextAfter } = await c.get("services").letterJobs.items(job.id, query.value);
    return c.json({ items: items.map(itemToWire), next: nextAfter });
  })
  .post("/:id/cancel", async (c) => {
    const job = await c.get("services").letterJobs.cancel(c.req.param("id"), byOf(c));
    if (job === null) return problem(c, UNKNOWN);
    if (job.status !== "cancelled")
      return problem(c, { code: "conflict", detail: `The job is ${job.status} already.` });
    return c.json(jobToWire(job));
  });

/** By its id, or by its name. */
const find = (c: Context<AppEnv, "/:id">): Promise<DeadLetterJob | null> =>
  c.get("services").letterJobs.get(c.req.param("id"));

const UNKNOWN: Problem = { code: "not_found", detail: "No job has this id or name.", field: "id" };
const NAMELESS: Problem = {
  code: "bad_request",
  detail: "Name the job: asked for twice under one name, it runs once.",
  field: "name",
};
const UNREASONED: Problem = { code: "bad_request", detail: "Say why they are discarded.", field: "reason" };
