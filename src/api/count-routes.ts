/** Counts that wait for a person, what became of them, and what does not go together. */
import { type Context, Hono } from "hono";
import { parseSku } from "../domain/ids.ts";
import type { AppEnv } from "./app-env.ts";
import { parseBody, parseQuery } from "./parse.ts";
import { problem } from "./problem.ts";
import { countsQuery, countToWire, decisionBody } from "./wire/stock.ts";

const UNKNOWN = { code: "not_found", detail: "No count has this id.", field: "id" } as const;

export const countRoutes = new Hono<AppEnv>()
  .get("/", async (c) => {
    const query = parseQuery(c, countsQuery);
    if (!query.ok) return problem(c, query.error);
    const sku = query.value.sku === undefined ? undefined : parseSku(query.value.sku);
    if (sku?.ok === false) return problem(c, { code: "bad_request", detail: "This can be no SKU.", field: "sku" });
    const { findings, nextCursor } = await c.get("services").counts.list({ ...query.value, sku: sku?.value });
    return c.json({ counts: findings.map(countToWire), next: nextCursor });
  })
  .get("/:id", async (c) => {
    const finding = await c.get("services").counts.get(c.req.param("id"));
    return finding === null ? problem(c, UNKNOWN) : c.json(countToWire(finding));
  })
  .post("/:id/approve", (c) => decide(c, c.req.param("id"), true))
  .post("/:id/reject", (c) => decide(c, c.req.param("id"), false));

async function decide(c: Context<AppEnv>, id: string, isApproved: boolean): Promise<Response> {
  const body = await parseBody(c, decisionBody);
  if (!body.ok) return problem(c, body.error);
  const [actor, correlationId] = [c.get("actor"), c.get("correlationId")];
  const { reason } = body.value;
  const decided = await c.get("services").decideCount({ id, isApproved, reason, actor, correlationId });
  switch (decided.kind) {
    case "not_found":
      return problem(c, UNKNOWN);
    case "conflict":
      return problem(c, { code: "conflict", detail: `Nothing is to be decided of it: it is ${decided.state}.` });
    case "not_bookable":
      return problem(c, { code: "conflict", detail: `It cannot be booked any more (${decided.why}): reject it.` });
    case "decided": {
      const { state, delta } = decided;
      return c.json({ id, state, delta }, state === "waiting" ? 202 : 200);
    }
  }
}
