/** Levels and movements of SKUs. */
import { Hono } from "hono";
import * as z from "zod/mini";
import { LIMITS } from "../config.ts";
import type { MovementOutcome, Shortage } from "../domain/counter/movement.ts";
import { type LocationId, parseNumericId, parseSku, type Sku } from "../domain/ids.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import type { AdjustOutcome } from "../services/adjust.ts";
import type { AppEnv } from "./app-env.ts";
import { guardProblem } from "./guard-problem.ts";
import { etagOf, levelsToWire } from "./levels-to-wire.ts";
import { movementToWire } from "./movement-to-wire.ts";
import { parseBody, parseQuery, skuParam } from "./parse.ts";
import { type Problem, problem, unavailable } from "./problem.ts";

const units = z.int().check(z.gte(-LIMITS.quantityMax), z.lte(LIMITS.quantityMax));

const adjustmentBody = z.strictObject({
  delta: units.check(z.refine((delta) => delta !== 0, "must not be 0")),
  locationId: z.optional(z.string().check(z.regex(/^\d{1,20}$/, "must be the location's numeric id, as a string"))),
  reason: z.string().check(z.minLength(1), z.maxLength(100)),
  reference: z.optional(z.string().check(z.minLength(1), z.maxLength(255))),
  allowNegative: z.optional(z.boolean()),
});

const batchBody = z.strictObject({
  skus: z.array(z.string()).check(z.minLength(1), z.maxLength(LIMITS.skusPerReadMax)),
});

const movementsQuery = z.strictObject({
  limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(LIMITS.pageRowsMax)), 50),
  before: z.optional(z.coerce.number().check(z.int(), z.gte(1))),
});

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

export const inventoryRoutes = new Hono<AppEnv>()
  .post("/batch", async (c) => {
    const body = await parseBody(c, batchBody);
    if (!body.ok) return problem(c, body.error);
    const parsed = body.value.skus.map((sku) => parseSku(sku));
    const bad = parsed.findIndex((sku) => !sku.ok);
    if (bad >= 0)
      return problem(c, { code: "bad_request", detail: "A SKU has 1–255 printable characters.", field: `skus.${bad}` });
    const skus = [...new Set(parsed.flatMap((sku) => (sku.ok ? [sku.value] : [])))];
    const answers = await c.get("services").readLevels(skus);
    const kindOf = (sku: Sku): string => answers.get(sku)?.kind ?? "unknown";
    const items = skus.flatMap((sku) => {
      const answer = answers.get(sku);
      return answer?.kind === "read" ? [levelsToWire(answer)] : [];
    });
    const missing = skus.filter((sku) => kindOf(sku) === "unknown");
    const unavailable = skus.filter((sku) => kindOf(sku) === "unavailable" || kindOf(sku) === "connecting");
    return c.json({ items, missing, unavailable });
  })
  .get("/:sku", async (c) => {
    const sku = skuParam(c);
    if (!sku.ok) return problem(c, sku.error);
    const answer = (await c.get("services").readLevels([sku.value])).get(sku.value);
    if (answer?.kind === "connecting") return problem(c, importing(sku.value));
    if (answer?.kind === "unavailable") return problem(c, unavailable("Its levels cannot be read just now."));
    if (answer?.kind !== "read") return problem(c, unknownSku(sku.value));
    const headers = { etag: etagOf(answer.view), "cache-control": "no-cache" };
    if (matches(c.req.header("if-none-match"), headers.etag)) return c.body(null, 304, headers);
    return c.json(levelsToWire(answer), 200, headers);
  })
  .get("/:sku/movements", async (c) => {
    const sku = skuParam(c);
    if (!sku.ok) return problem(c, sku.error);
    const query = parseQuery(c, movementsQuery);
    if (!query.ok) return problem(c, query.error);
    const answer = await c
      .get("services")
      .movements(sku.value, { limit: query.value.limit, beforeSeq: query.value.before ?? null });
    if (answer.kind === "unknown_sku") return problem(c, unknownSku(sku.value));
    if (answer.kind === "not_connected") return problem(c, importing(sku.value));
    return c.json({ movements: answer.page.movements.map(movementToWire), next: answer.page.nextBeforeSeq });
  })
  .post("/:sku/adjustments", async (c) => {
    const sku = skuParam(c);
    if (!sku.ok) return problem(c, sku.error);
    const idempotencyKey = c.req.header("idempotency-key") ?? "";
    if (!IDEMPOTENCY_KEY.test(idempotencyKey)) {
      const detail = "Send an Idempotency-Key of 1–255 printable characters: a repeat with the same key counts once.";
      return problem(c, { code: "bad_request", detail, field: "Idempotency-Key" });
    }
    const body = await parseBody(c, adjustmentBody);
    if (!body.ok) return problem(c, body.error);
    const { delta, reason, reference = null, allowNegative = false } = body.value;
    const location = parseNumericId<LocationId>("location", body.value.locationId);
    const answer = await c.get("services").adjust({
      sku: sku.value,
      delta,
      locationId: location.ok ? location.value : null,
      reason,
      reference,
      allowNegative,
      idempotencyKey,
      actor: c.get("actor"),
      correlationId: c.get("correlationId"),
    });
    switch (answer.kind) {
      case "unknown_sku":
        return problem(c, unknownSku(sku.value));
      case "not_connected":
        return problem(c, importing(sku.value));
      case "answered":
        return adjustmentReply(c, answer, body.value.locationId);
    }
  });

type Answered = AdjustOutcome & { readonly kind: "answered" };
type ApiContext = Parameters<typeof problem>[0];

/** The public face of every outcome of a movement. */
function adjustmentReply(c: ApiContext, { outcome, view }: Answered, locationId: string | undefined): Response {
  const levels = levelsToWire({ view, source: "counter" });
  switch (outcome.kind) {
    case "applied":
      return c.json({ movement: movementToWire(outcome.movement), levels }, 201, { etag: etagOf(view) });
    case "duplicate":
      return c.json({ movement: movementToWire(outcome.movement), levels }, 200, {
        etag: etagOf(view),
        "idempotent-replayed": "true",
      });
    default:
      return problem(c, refusalOf(outcome, locationId, view));
  }
}

type Refusal = Exclude<MovementOutcome, { kind: "applied" | "duplicate" }>;

/** @param locationId  the one that was named */
function refusalOf(outcome: Refusal, locationId: string | undefined, view: LevelsView): Problem {
  switch (outcome.kind) {
    case "version_mismatch":
    case "locked":
    case "stale_token":
    case "precondition_required":
      return guardProblem(outcome, view.version, Date.parse(view.asOf));
    case "insufficient":
      return insufficient(outcome.shortage, locationId);
    case "key_reused":
      return {
        code: "idempotency_key_reused",
        detail: "Its first use asked for something else.",
        field: "Idempotency-Key",
      };
    case "unknown_location":
      return outcome.known.length === 0
        ? {
            code: "conflict",
            detail: "This SKU is stocked nowhere yet: stock it at a location in Shopify, then import.",
          }
        : {
            code: "bad_request",
            detail: `This SKU is stocked at: ${outcome.known.join(", ")}.`,
            field: "locationId",
          };
    case "out_of_range":
      return {
        code: "out_of_range",
        detail: `The level would be ${outcome.level}; at most ±${outcome.levelMax}.`,
        field: "delta",
      };
    case "too_old":
      return { code: "bad_request", detail: "It happened too long ago to tell whether it was counted." };
  }
}

const DOUBT_RETRY_SECONDS = 1; // a read settles a doubt within a second or two

function insufficient(shortage: Shortage, locationId: string | undefined): Problem {
  const { wanted, floor, bearable = floor, pending = false, locations } = shortage;
  const [most, total] = [Math.max(0, bearable), Math.max(0, floor)];
  const place = locationId === undefined ? "at one location" : `at location ${locationId}`;
  const there = locations.length > 1 ? `at most ${most} ${place}, ${total} in all` : `${most} certainly there`;
  const shown = pending ? "they are shown, and not certain yet: " : "";
  const detail = `${wanted} wanted; ${shown}${there}.`;
  return {
    code: "insufficient_stock",
    detail,
    more: { wanted, floor, shortage: wanted - most, pending, locations },
    ...(pending ? { retryAfterSeconds: DOUBT_RETRY_SECONDS } : {}),
  };
}

/** Compared weakly, and in a list too (RFC 9110, 13.1.2). */
const matches = (header: string | undefined, etag: string): boolean =>
  header?.split(",").some((tag) => tag.trim() === "*" || opaque(tag) === opaque(etag)) ?? false;
const opaque = (tag: string): string => tag.trim().replace(/^W\//, "");

const IMPORT_RETRY_SECONDS = 5; // a page of an import takes some seconds

const importing = (sku: Sku): Problem => ({
  code: "importing",
  detail: `"${sku}" is in the catalogue, and its counter has no levels yet.`,
  field: "sku",
  retryAfterSeconds: IMPORT_RETRY_SECONDS,
});

const unknownSku = (sku: Sku): Problem => ({
  code: "not_found",
  detail: `No SKU "${sku}" in the catalogue.`,
  field: "sku",
});
