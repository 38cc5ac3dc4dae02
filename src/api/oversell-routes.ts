/** Oversells: what is sold and not there, since when, and whose order falls short. */
import { Hono } from "hono";
import * as z from "zod/mini";
import { LIMITS } from "../config.ts";
import { parseSku } from "../domain/ids.ts";
import type { Oversell } from "../services/oversells.ts";
import type { AppEnv } from "./app-env.ts";
import { parseQuery } from "./parse.ts";
import { problem } from "./problem.ts";
import { iso } from "./time-to-wire.ts";

export const oversellsQuery = z.strictObject({
  status: z.optional(z.enum(["open", "resolved"])),
  sku: z.optional(z.string()),
  limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(LIMITS.pageRowsMax)), 50),
  cursor: z.optional(z.string().check(z.regex(/^\d{1,16}\.os_[0-9a-f]+$/, "must be the `next` of the page before"))),
});

export const oversellRoutes = new Hono<AppEnv>()
  .get("/", async (c) => {
    const query = parseQuery(c, oversellsQuery);
    if (!query.ok) return problem(c, query.error);
    const sku = query.value.sku === undefined ? undefined : parseSku(query.value.sku);
    if (sku?.ok === false) return problem(c, { code: "bad_request", detail: "This can be no SKU.", field: "sku" });
    const { oversells } = c.get("services");
    const page = await oversells.list({ ...query.value, sku: sku?.value });
    return c.json({
      oversells: page.oversells.map(oversellToWire),
      next: page.nextCursor,
      open: (await oversells.counts()).open,
    });
  })
  .get("/:id", async (c) => {
    const oversell = await c.get("services").oversells.get(c.req.param("id"));
    return oversell === null
      ? problem(c, { code: "not_found", detail: "No oversell has this id.", field: "id" })
      : c.json(oversellToWire(oversell));
  });

function oversellToWire(oversell: Oversell) {
  const { id, sku, units, peak, sales, unexplained, correlationId, sinceMs, atMs, resolvedAtMs } = oversell;
  return {
    ...{ id, sku, status: resolvedAtMs === null ? "open" : "resolved", units, peak },
    since: iso(sinceMs),
    updatedAt: iso(atMs),
    resolvedAt: resolvedAtMs === null ? null : iso(resolvedAtMs),
    shortSales: sales.map(({ atMs: soldAtMs, kind, ...sale }) => ({
      ...{ kind, ...sale },
      // Of a reservation, the moment is that at which it ends.
      ...(kind === "reservation" ? { expiresAt: iso(soldAtMs) } : { soldAt: iso(soldAtMs) }),
    })),
    ...{ unexplained, correlationId },
  };
}
