/** Thresholds, rules of reordering, requests and counts as they go over the wire. */
import * as z from "zod/mini";
import { LIMITS } from "../../config.ts";
import type { Reorder } from "../../domain/counter/reorder.ts";
import { type CountFinding, FINDING_KINDS, FINDING_STATES } from "../../services/count-findings.ts";
import type { StoredReorder } from "../../services/reorders.ts";
import { locationField, quantityField, reasonField } from "../movement-body.ts";
import { iso, isoOrNull } from "../time-to-wire.ts";
import { nextPage, textOrNull, timeOrNull, timeReply, units } from "./common.ts";

const DAYS_MAX = 730;
const upTo = (max: number, min = 0) => z.int().check(z.gte(min), z.lte(max));
const days = upTo(DAYS_MAX);

export const thresholds = z.strictObject({
  lowAt: z._default(z.nullable(upTo(LIMITS.quantityMax)), null),
  backAt: z._default(quantityField, 1),
  hysteresis: z._default(upTo(LIMITS.quantityMax), 0),
});
const watched = z.nullable(thresholds);
const locations = z
  .record(locationField, watched)
  .check(
    z.refine(
      (named) => Object.keys(named).length <= LIMITS.thresholdLocationsMax,
      `at most ${LIMITS.thresholdLocationsMax} locations`,
    ),
  );

/** Left out: what holds for all SKUs. Null: it is not watched. */
export const thresholdsBody = z.strictObject({
  inAll: z.optional(watched),
  eachLocation: z.optional(watched),
  locations: z.optional(locations),
});

export const reorderRule = z.strictObject({
  when: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("point"), point: upTo(LIMITS.quantityMax), quantity: quantityField }),
    z.strictObject({
      kind: z.literal("cover"),
      coverDays: upTo(DAYS_MAX, 1),
      windowDays: z._default(upTo(LIMITS.salesWindowDaysMax, 1), 28),
      safetyDays: z._default(days, 0),
    }),
  ]),
  leadDays: z._default(days, 0),
  packSize: z._default(quantityField, 1),
  quantityMax: z._default(z.nullable(quantityField), null),
  locationId: z._default(z.nullable(locationField), null),
});

/** Null: it is never ordered by a rule. */
export const reorderRuleBody = z.strictObject({ rule: z.nullable(reorderRule) });
export const reorderBody = z.strictObject({
  quantity: quantityField,
  locationId: z.optional(locationField),
  leadDays: z.optional(days),
  reason: z._default(reasonField, "asked for by hand"),
});
export const decisionBody = z.strictObject({ reason: reasonField });

const limit = z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(LIMITS.pageRowsMax)), 50);
const cursor = z.optional(z.string().check(z.regex(/^\d{1,16}\..{1,300}$/, "must be the `next` of the page before")));
const sku = z.optional(z.string());

export const reordersQuery = z.strictObject({
  state: z.optional(z.enum(["open", "received", "cancelled"])),
  ...{ sku, limit, cursor },
});
export const countsQuery = z.strictObject({
  state: z.optional(z.enum(FINDING_STATES)),
  kind: z.optional(z.enum(FINDING_KINDS)),
  ...{ sku, limit, cursor },
});

const progress = { revision: units, updatedAt: timeOrNull, learnt: units, counters: units };
const saidThresholds = z.looseObject({});

export const thresholdsReply = z.strictObject({
  sku: z.string(),
  thresholds: saidThresholds,
  defaults: saidThresholds,
  states: z.array(z.strictObject({ scope: z.string(), state: z.enum(["ok", "low", "out"]) })),
});
export const thresholdsSetReply = z.strictObject({ sku: z.string(), thresholds: saidThresholds });
export const defaultThresholdsReply = z.strictObject({ thresholds: z.nullable(saidThresholds), ...progress });
export const defaultReorderRuleReply = z.strictObject({ rule: z.nullable(reorderRule), ...progress });
export const reorderRuleReply = z.strictObject({
  sku: z.string(),
  rule: z.nullable(reorderRule),
  from: z.enum(["sku", "default", "none"]),
  sales: z.nullable(z.strictObject({ units, days: z.number(), at: timeReply })),
  open: textOrNull,
});
export const reorderRuleSetReply = z.strictObject({ sku: z.string(), rule: z.nullable(reorderRule) });

export const reorderReply = z.strictObject({
  ...{ id: z.string(), sku: z.string(), state: z.enum(["open", "received", "cancelled"]), quantity: units },
  ...{ received: units, askedBy: z.enum(["rule", "hand"]), reason: z.string(), available: units },
  ...{ locationId: textOrNull, requestedAt: timeReply, neededBy: timeOrNull, closedAt: timeOrNull },
  closedReason: textOrNull,
});
export const reordersReply = z.strictObject({ reorders: z.array(reorderReply), next: nextPage });

export const countFindingReply = z.strictObject({
  ...{ id: z.string(), sku: z.string(), kind: z.enum(FINDING_KINDS), state: z.enum(FINDING_STATES), key: z.string() },
  ...{ locationId: z.string(), of: z.enum(["available", "on_hand"]), counted: units, ours: units, difference: units },
  ...{ countedAt: timeReply, at: timeReply, actor: z.string(), source: z.string(), reference: textOrNull },
  ...{ decidedBy: textOrNull, decidedAt: timeOrNull, note: textOrNull, correlationId: z.string() },
});
export const countsReply = z.strictObject({ counts: z.array(countFindingReply), next: nextPage });
export const countDecidedReply = z.strictObject({
  id: z.string(),
  state: z.enum(["booked", "rejected", "waiting", "decided"]),
  delta: z.nullable(units),
});

export function reorderToWire(given: Omit<Reorder, "key"> & Pick<StoredReorder, "sku">) {
  const { id, sku: name, state, quantity, received, trigger: askedBy, reason, available, locationId } = given;
  const { requestedAtMs, neededByMs, closedAtMs, closedReason } = given;
  return {
    ...{ id, sku: name, state, quantity, received, askedBy, reason, available, locationId },
    ...{ requestedAt: iso(requestedAtMs), neededBy: isoOrNull(neededByMs), closedAt: isoOrNull(closedAtMs) },
    closedReason,
  };
}

export function countToWire(finding: CountFinding) {
  const { id, sku: name, kind, state, key, locationId, of, counted, ours, countedAtMs, atMs, actor, source } = finding;
  const { reference, decidedBy, decidedAtMs, note, correlationId } = finding;
  return {
    ...{ id, sku: name, kind, state, key, locationId, of, counted, ours, difference: counted - ours },
    ...{ countedAt: iso(countedAtMs), at: iso(atMs), actor, source, reference, decidedBy },
    ...{ decidedAt: isoOrNull(decidedAtMs), note, correlationId },
  };
}
