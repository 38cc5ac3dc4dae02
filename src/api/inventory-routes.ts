/** Levels and movements of SKUs. */
import { Hono } from "hono";
import * as z from "zod/mini";
import { LIMITS } from "../config.ts";
import { parseSku, type Sku } from "../domain/ids.ts";
import type { AppEnv } from "./app-env.ts";
import { bundleEtag, bundleToWire } from "./bundle-reply.ts";
import { isKnownAlready } from "./if-none-match.ts";
import { etagOf, levelsToWire } from "./levels-to-wire.ts";
import { timeField } from "./movement-body.ts";
import { movementToWire } from "./movement-to-wire.ts";
import { askedMovements, movementsQuery } from "./movements-query.ts";
import { parseBody, parseQuery, skuParam } from "./parse.ts";
import { pastLevels } from "./past-levels.ts";
import { problem, unavailable } from "./problem.ts";
import { importing, unknownSku } from "./sku-problems.ts";

export const batchBody = z.strictObject({
  skus: z.array(z.string()).check(z.minLength(1), z.maxLength(LIMITS.skusPerReadMax)),
});

export const levelsQuery = z.strictObject({ asOf: z.optional(timeField) });

export const inventoryRoutes = new Hono<AppEnv>()
  .post("/batch", async (c) => {
    const body = await parseBody(c, batchBody);
    if (!body.ok) return problem(c, body.error);
    const parsed = body.value.skus.map((sku) => parseSku(sku));
    const bad = parsed.findIndex((sku) => !sku.ok);
    if (bad >= 0)
      return problem(c, { code: "bad_request", detail: "A SKU has 1–255 printable characters.", field: `skus.${bad}` });
    const skus = [...new Set(parsed.flatMap((sku) => (sku.ok ? [sku.value] : [])))];
    const answers = await c.get("services").readStock(skus);
    const kindOf = (sku: Sku): string => answers.get(sku)?.kind ?? "unknown";
    const items = skus.flatMap((sku): readonly object[] => {
      const answer = answers.get(sku);
      if (answer?.kind === "bundle") return [bundleToWire(answer)];
      return answer?.kind === "read" ? [levelsToWire(answer)] : [];
    });
    const missing = skus.filter((sku) => kindOf(sku) === "unknown");
    const unavailable = skus.filter((sku) => kindOf(sku) === "unavailable" || kindOf(sku) === "connecting");
    return c.json({ items, missing, unavailable });
  })
  .get("/:sku", async (c) => {
    const sku = skuParam(c);
    if (!sku.ok) return problem(c, sku.error);
    const query = parseQuery(c, levelsQuery);
    if (!query.ok) return problem(c, query.error);
    if (query.value.asOf !== undefined) return pastLevels(c, sku.value, Date.parse(query.value.asOf));
    const answer = (await c.get("services").readStock([sku.value])).get(sku.value);
    if (answer?.kind === "connecting") return problem(c, importing(sku.value));
    if (answer?.kind === "unavailable") return problem(c, unavailable("Its levels cannot be read just now."));
    if (answer?.kind !== "read" && answer?.kind !== "bundle") return problem(c, unknownSku(sku.value));
    const etag = answer.kind === "bundle" ? bundleEtag(answer) : etagOf(answer.view);
    const headers = { etag, "cache-control": "no-cache" };
    if (isKnownAlready(c.req.header("if-none-match"), headers.etag)) return c.body(null, 304, headers);
    return c.json(answer.kind === "bundle" ? bundleToWire(answer) : levelsToWire(answer), 200, headers);
  })
  .get("/:sku/movements", async (c) => {
    const sku = skuParam(c);
    if (!sku.ok) return problem(c, sku.error);
    const query = parseQuery(c, movementsQuery);
    if (!query.ok) return problem(c, query.error);
    const answer = await c.get("services").movements(sku.value, askedMovements(query.value));
    if (answer.kind === "unknown_sku") return problem(c, unknownSku(sku.value));
    if (answer.kind === "not_connected") return problem(c, importing(sku.value));
    return c.json({ movements: answer.page.movements.map(movementToWire), next: answer.page.nextBeforeSeq });
  });
