/** Requests for more stock: what was asked for, what has come in, and their cancellation by a person. */
import { Hono } from "hono";
import { parseSku } from "../domain/ids.ts";
import type { AppEnv } from "./app-env.ts";
import { parseBody, parseQuery } from "./parse.ts";
import { problem } from "./problem.ts";
import { importing, unknownSku } from "./sku-problems.ts";
import { decisionBody, reordersQuery, reorderToWire } from "./wire/stock.ts";

const UNKNOWN = { code: "not_found", detail: "No request has this id.", field: "id" } as const;

export const reorderRoutes = new Hono<AppEnv>()
  .get("/", async (c) => {
    const query = parseQuery(c, reordersQuery);
    if (!query.ok) return problem(c, query.error);
    const sku = query.value.sku === undefined ? undefined : parseSku(query.value.sku);
    if (sku?.ok === false) return problem(c, { code: "bad_request", detail: "This can be no SKU.", field: "sku" });
    const { reorders, nextCursor } = await c.get("services").reorders.list({ ...query.value, sku: sku?.value });
    return c.json({ reorders: reorders.map(reorderToWire), next: nextCursor });
  })
  .get("/:id", async (c) => {
    const reorder = await c.get("services").reorders.get(c.req.param("id"));
    return reorder === null ? problem(c, UNKNOWN) : c.json(reorderToWire(reorder));
  })
  .post("/:id/cancel", async (c) => {
    const body = await parseBody(c, decisionBody);
    if (!body.ok) return problem(c, body.error);
    const services = c.get("services");
    const known = await services.reorders.get(c.req.param("id"));
    if (known === null) return problem(c, UNKNOWN);
    const { reason } = body.value;
    const [actor, correlationId] = [c.get("actor"), c.get("correlationId")];
    const event = { kind: "reorder_cancel", reorderId: known.id, reason, correlationId } as const;
    const answer = await services.write(known.sku, [event], {});
    if (answer.kind === "unknown_sku") return problem(c, unknownSku(known.sku));
    if (answer.kind === "not_connected") return problem(c, importing(known.sku));
    const outcome = answer.outcomes[0];
    if (outcome?.kind !== "reorder")
      return problem(c, { code: "conflict", detail: `It is open no more: ${known.state}.` });
    const detail = { sku: known.sku, reason };
    if (outcome.isNew)
      await services.noteStock({
        ...{ atMs: Date.now(), actor, action: "reorder.cancelled", subject: known.id, correlationId, detail },
      });
    return c.json(reorderToWire({ ...outcome.reorder, sku: known.sku }));
  });
