/** Alerts as they go over the wire. */
import * as z from "zod/mini";
import { ALERT_NAMES, SEVERITIES } from "../../domain/alerts/alert-table.ts";
import { NOT_EVALUATED } from "../../domain/alerts/evaluate.ts";
import { timeOrNull, timeReply } from "./common.ts";

const severity = z.enum(SEVERITIES);

export const alertChangeReply = z.strictObject({
  id: z.string(),
  alert: z.enum([...ALERT_NAMES, NOT_EVALUATED]),
  subject: z.string(),
  change: z.enum(["fired", "escalated", "recovered"]),
  severity,
  value: z.number(),
  threshold: z.number(),
  unit: z.string(),
  text: z.string(),
  since: timeReply,
  at: timeReply,
});

const override = z.strictObject({
  threshold: z.number(),
  forMinutes: z.nullable(z.number()),
  reason: z.string(),
  actor: z.string(),
  at: timeReply,
});

const firing = z.strictObject({
  alert: z.enum(ALERT_NAMES),
  subject: z.string(),
  severity,
  value: z.nullable(z.number()),
  threshold: z.number(),
  unit: z.string(),
  since: timeOrNull,
  known: z.boolean().check(z.describe("False: who knows did not answer; the value is the last that was known.")),
});

const threshold = z.strictObject({
  name: z.enum(ALERT_NAMES),
  per: z.enum(["queue", "shop", "topic", "destination", "whole"]),
  threshold: z.number(),
  unit: z.string(),
  default: z.number(),
  min: z.number(),
  max: z.number(),
  reason: z.string(),
  windowSeconds: z.nullable(z.number()),
  forSeconds: z.number(),
  recoverBelow: z.number(),
  recoverForSeconds: z.number(),
  override: z.nullable(override),
  subjects: z.array(
    z.strictObject({
      subject: z.string(),
      value: z.nullable(z.number()),
      at: timeOrNull,
      severity: z.nullable(severity),
      state: z.enum(["unknown", "ok", "firing"]),
    }),
  ),
});

export const alertsReply = z.strictObject({
  evaluatedAt: timeOrNull,
  stale: z.boolean(),
  destinations: z.array(z.string()),
  firing: z.array(firing),
  thresholds: z.array(threshold),
  changes: z.array(alertChangeReply),
});

export const thresholdReply = z.strictObject({ name: z.enum(ALERT_NAMES), override: z.nullable(override) });
