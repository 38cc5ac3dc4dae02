/** A notification that an alert fired, escalated or recovered. */
import * as z from "zod/mini";
import { SEVERITIES, type Severity } from "../domain/alerts/alert-table.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { type Unreadable, unreadable } from "./unreadable.ts";

export type AlertNotice = {
  readonly v: 1;
  readonly kind: "alert";
  /** Stable while one alert fires: its name, what it is about, and when it began. */
  readonly id: string;
  readonly alert: string;
  /** What it is about: a queue, shop, topic or destination; "" for the whole. */
  readonly subject: string;
  readonly change: "fired" | "escalated" | "recovered";
  readonly severity: Severity;
  readonly value: number;
  readonly threshold: number;
  readonly unit: string;
  /** One plain English sentence: what is wrong, and where to look. */
  readonly text: string;
  readonly sinceMs: number;
  readonly atMs: number;
};

const text = z.string().check(z.minLength(1), z.maxLength(500));
const notice = z.object({
  v: z.literal(1),
  kind: z.literal("alert"),
  id: text,
  alert: text,
  subject: z.string().check(z.maxLength(255)),
  change: z.enum(["fired", "escalated", "recovered"]),
  severity: z.enum(SEVERITIES),
  value: z.number(),
  threshold: z.number(),
  unit: text,
  text,
  sinceMs: z.int(),
  atMs: z.int(),
});

export function parseAlertNotice(body: unknown): Result<AlertNotice, Unreadable> {
  const parsed = notice.safeParse(body);
  if (parsed.success) return ok(parsed.data);
  return err(unreadable(parsed.error));
}
