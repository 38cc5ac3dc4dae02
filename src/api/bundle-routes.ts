/** Bundles of ours: what one SKU that is sold takes from stock. */
import { Hono } from "hono";
import * as z from "zod/mini";
import { LIMITS } from "../config.ts";
import type { FlatBundle } from "../domain/bundle/bundle.ts";
import { parseSku } from "../domain/ids.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { FoundBundle, GivenComponent, StoredBundle } from "../services/bundle/bundle-book.ts";
import type { AppEnv } from "./app-env.ts";
import { quantityField } from "./movement-body.ts";
import { dryRunQuery, parseBody, parseQuery, skuParam } from "./parse.ts";
import { type Problem, problem } from "./problem.ts";
import { faultText } from "./reservation-problem.ts";

export const bundleBody = z.strictObject({
  components: z
    .array(z.strictObject({ sku: z.string(), quantity: z._default(quantityField, 1) }))
    .check(z.minLength(1), z.maxLength(LIMITS.bundleComponentsMax)),
});
export const bundlesQuery = z.strictObject({
  limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(LIMITS.pageRowsMax)), 50),
  after: z.optional(z.string()),
});

export const bundleRoutes = new Hono<AppEnv>()
  .get("/", async (c) => {
    const query = parseQuery(c, bundlesQuery);
    if (!query.ok) return problem(c, query.error);
    const after = query.value.after === undefined ? null : parseSku(query.value.after);
    if (after?.ok === false) return problem(c, badSku("after"));
    const page = await c.get("services").bundles.list({ after: after?.value ?? null, limit: query.value.limit });
    return c.json({ bundles: page.bundles.map(storedToWire), next: page.next });
  })
  .get("/:sku", async (c) => {
    const sku = skuParam(c);
    if (!sku.ok) return problem(c, sku.error);
    const { bundles, findBundles } = c.get("services");
    const bundle = await bundles.get(sku.value);
    if (bundle === null) return problem(c, UNKNOWN_BUNDLE);
    const found = (await findBundles([sku.value])).bundles.get(sku.value);
    return c.json({ ...storedToWire(bundle), ...resolvedToWire(found) });
  })
  .put("/:sku", async (c) => {
    const sku = skuParam(c);
    if (!sku.ok) return problem(c, sku.error);
    const query = parseQuery(c, dryRunQuery);
    if (!query.ok) return problem(c, query.error);
    const body = await parseBody(c, bundleBody);
    if (!body.ok) return problem(c, body.error);
    const components = parseComponents(body.value.components);
    if (!components.ok) return problem(c, components.error);
    const dryRun = query.value.dryRun === "true";
    const given = { sku: sku.value, components: components.value, actor: c.get("actor"), nowMs: Date.now(), dryRun };
    const outcome = await c.get("services").bundles.put(given);
    switch (outcome.kind) {
      case "stocked":
        return problem(c, {
          code: "conflict",
          detail: `"${sku.value}" is a stocked SKU: what has stock of its own is no bundle.`,
          field: "sku",
        });
      case "refused":
        return problem(c, {
          code: outcome.fault.kind === "cycle" ? "conflict" : "bad_request",
          detail: faultText(outcome.fault),
          field: "components",
          more: { path: outcome.fault.path },
        });
      case "put":
        return c.json(
          { ...storedToWire(outcome.bundle), ...(dryRun ? { dryRun } : EFFECTIVE) },
          outcome.isNew && !dryRun ? 201 : 200,
        );
    }
  })
  .delete("/:sku", async (c) => {
    const sku = skuParam(c);
    if (!sku.ok) return problem(c, sku.error);
    const query = parseQuery(c, dryRunQuery);
    if (!query.ok) return problem(c, query.error);
    const dryRun = query.value.dryRun === "true";
    const outcome = await c.get("services").bundles.remove({ sku: sku.value, nowMs: Date.now(), dryRun });
    switch (outcome.kind) {
      case "unknown":
        return problem(c, UNKNOWN_BUNDLE);
      case "in_use":
        return problem(c, {
          code: "conflict",
          detail: `It is a component of ${outcome.by.join(", ")}.`,
          field: "sku",
          more: { bundles: outcome.by },
        });
      case "removed":
        return c.json({ sku: sku.value, deleted: true, ...(dryRun ? { dryRun } : EFFECTIVE) });
    }
  });

/** Other isolates believe what they read for this long. */
const EFFECTIVE = { effectiveWithinSeconds: LIMITS.catalogueTtlMs / 1_000 };

const UNKNOWN_BUNDLE: Problem = { code: "not_found", detail: "No bundle goes by this SKU.", field: "sku" };

const badSku = (field: string): Problem => ({
  code: "bad_request",
  detail: "A SKU has 1–255 printable characters.",
  field,
});

function parseComponents(given: z.infer<typeof bundleBody>["components"]): Result<readonly GivenComponent[], Problem> {
  const parsed: GivenComponent[] = [];
  for (const [i, { sku, quantity }] of given.entries()) {
    const its = parseSku(sku);
    if (!its.ok) return err(badSku(`components.${i}.sku`));
    parsed.push({ sku: its.value, quantity });
  }
  return ok(parsed);
}

const storedToWire = ({ sku, revision, components, updatedAtMs, updatedBy }: StoredBundle) => ({
  sku,
  revision,
  components: components.map(({ kind, sku: its, quantity }) => ({ sku: its, quantity, kind })),
  updatedAt: new Date(updatedAtMs).toISOString(),
  updatedBy,
});

/** What one of it takes from stock, nested bundles resolved; or why it cannot be sold. */
function resolvedToWire(found: FoundBundle | undefined) {
  if (found?.kind === "broken") return { takes: null, fault: faultText(found.fault) };
  return found === undefined ? {} : { takes: takesToWire(found.bundle) };
}

export const takesToWire = ({ components }: FlatBundle) => components.map(({ sku, quantity }) => ({ sku, quantity }));
