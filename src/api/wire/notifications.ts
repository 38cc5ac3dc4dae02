/** Notifications, their destinations and deliveries, as the API takes and tells them. */
import * as z from "zod/mini";
import { LIMITS } from "../../config.ts";
import { DESTINATION_TYPES } from "../../domain/notification/destination.ts";
import { NOTIFICATION_KINDS, NOTIFICATION_SEVERITIES } from "../../domain/notification/notification.ts";
import { isTimeZone } from "../../domain/notification/quiet-hours.ts";
import { timeField } from "../movement-body.ts";
import { heardReply, nextPage, textOrNull, timeOrNull, timeReply } from "./common.ts";

const FAMILIES = [...new Set(NOTIFICATION_KINDS.map((kind) => `${kind.slice(0, kind.indexOf("."))}.*`))];
const names = z
  .array(z.string().check(z.minLength(1), z.maxLength(255)))
  .check(z.minLength(1), z.maxLength(LIMITS.notifyFilterNamesMax));
const kindName = z.enum([...NOTIFICATION_KINDS, ...FAMILIES] as [string, ...string[]]);
const clockTime = z.string().check(z.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "must be a time of day, like 22:00"));

const filterBody = z.strictObject({
  kinds: z.optional(z.nullable(z.array(kindName).check(z.minLength(1)))),
  minSeverity: z.optional(z.enum(NOTIFICATION_SEVERITIES)),
  skus: z.optional(z.nullable(names)),
  locations: z.optional(z.nullable(names)),
  channels: z.optional(z.nullable(names)),
});
const quietHoursBody = z.strictObject({
  from: clockTime,
  to: clockTime,
  timeZone: z.string().check(
    z.maxLength(64),
    z.refine((name) => isTimeZone(name), "must be an IANA time zone, like Europe/Berlin"),
  ),
});
const common = {
  name: z.string().check(z.minLength(1), z.maxLength(100), z.regex(/^[^\p{Cc}]+$/u, "must be printable characters")),
  filter: z.optional(filterBody),
  digestMinutes: z.optional(z.nullable(z.int().check(z.gte(1), z.lte(1_440)))),
  quietHours: z.optional(z.nullable(quietHoursBody)),
};
const url = z.string().check(z.minLength(1), z.maxLength(2_000));

/** `PUT` says the whole of it; what is left out has its default. Of Slack the address is a secret: left out, it stays. */
export const destinationBody = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("webhook"), url, ...common }),
  z.strictObject({ type: z.literal("slack"), url: z.optional(url), ...common }),
  z.strictObject({ type: z.literal("email"), address: z.email().check(z.maxLength(320)), ...common }),
]);
export type DestinationBody = z.infer<typeof destinationBody>;

const NEXT = "must be the `next` of the page before";
const limit = z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(LIMITS.pageRowsMax)), 50);

export const notificationsQuery = z.strictObject({
  kind: z.optional(z.enum(NOTIFICATION_KINDS)),
  severity: z.optional(z.enum(NOTIFICATION_SEVERITIES)),
  sku: z.optional(z.string().check(z.minLength(1), z.maxLength(255))),
  from: z.optional(timeField),
  to: z.optional(timeField),
  limit,
  cursor: z.optional(z.string().check(z.maxLength(500), z.regex(/^\d{1,16}\..+$/, NEXT))),
});
export const deliveriesQuery = z.strictObject({
  limit,
  cursor: z.optional(z.string().check(z.regex(/^\d{1,16}\.dlv_[0-9a-f]+$/, NEXT))),
});

const filterReply = z.object({
  kinds: z.nullable(z.array(z.string())),
  minSeverity: z.enum(NOTIFICATION_SEVERITIES),
  skus: z.nullable(z.array(z.string())),
  locations: z.nullable(z.array(z.string())),
  channels: z.nullable(z.array(z.string())),
});

/** `address`: a webhook's URL, an e-mail address, or Slack's host: its URL is a secret. */
export const destinationReply = z.object({
  ...{ id: z.string(), type: z.enum(DESTINATION_TYPES), name: z.string(), address: z.string() },
  filter: filterReply,
  digestMinutes: z.nullable(z.int()),
  quietHours: z.nullable(z.object({ from: z.string(), to: z.string(), timeZone: z.string() })),
  ...{ state: z.enum(["enabled", "disabled"]), stateReason: textOrNull, stateSince: timeReply },
  ...{ failingSince: timeOrNull, failures: z.int() },
});
/** `secret`: of a webhook, once, when it is new or rotated. */
export const destinationPutReply = z.extend(destinationReply, { secret: z.optional(z.string()) });
export const destinationsReply = z.object({ destinations: z.array(destinationReply) });
export const destinationRotatedReply = z.object({ id: z.string(), secret: z.string(), previousRetiresAt: timeReply });
export const destinationGoneReply = z.object({ id: z.string(), removed: z.literal(true) });
export const destinationTestReply = z.object({
  ...{ id: z.string(), told: z.boolean(), reason: textOrNull, ...heardReply },
});

const attemptReply = z.object({
  ...{ at: timeReply, outcome: z.enum(["told", "failed", "gone"]), reason: textOrNull, ...heardReply },
});
/** `notificationId` null: a digest. `history`: its newest attempts, the newest first. */
export const deliveryReply = z.object({
  ...{ id: z.string(), notificationId: textOrNull, destinationId: z.string() },
  state: z.enum(["waiting", "held", "in_digest", "sent", "given_up"]),
  ...{ dueAt: timeReply, digestId: textOrNull, attempts: z.int(), history: z.array(attemptReply) },
  ...{ createdAt: timeReply, settledAt: timeOrNull },
});
export const deliveriesReply = z.object({ deliveries: z.array(deliveryReply), next: nextPage });

export const notificationReply = z.object({
  ...{ id: z.string(), kind: z.enum(NOTIFICATION_KINDS), severity: z.enum(NOTIFICATION_SEVERITIES) },
  ...{ subject: z.string(), title: z.string(), text: z.string(), at: timeReply },
  ...{ sku: textOrNull, locationId: textOrNull, channel: textOrNull, correlationId: z.string() },
  values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});
export const notificationsReply = z.object({ notifications: z.array(notificationReply), next: nextPage });
export const notificationWithDeliveriesReply = z.extend(notificationReply, { deliveries: z.array(deliveryReply) });
