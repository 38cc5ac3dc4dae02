/** What of a SKU's history is asked for. */
import * as z from "zod/mini";
import { LIMITS } from "../config.ts";
import { MOVEMENT_KINDS, type MovementKind } from "../domain/counter/movement.ts";
import { type CorrelationId, fromStore, type LocationId, parseChannelId } from "../domain/ids.ts";
import type { MovementsQuery } from "../services/counter-contract.ts";
import { channelField, locationField, reasonField, referenceField, timeField } from "./movement-body.ts";

const text = z.string().check(z.minLength(1), z.maxLength(255));
const isKind = (name: string): name is MovementKind => MOVEMENT_KINDS.some((kind) => kind === name);

export const movementsQuery = z.strictObject({
  limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(LIMITS.pageRowsMax)), 50),
  before: z.optional(z.coerce.number().check(z.int(), z.gte(1))),
  kind: z.optional(
    z.string().check(z.refine((list) => list.split(",").every(isKind), `must be of: ${MOVEMENT_KINDS.join(", ")}`)),
  ),
  locationId: z.optional(locationField),
  source: z.optional(text),
  reason: z.optional(reasonField),
  channel: z.optional(channelField),
  reference: z.optional(referenceField),
  correlationId: z.optional(text),
  from: z.optional(timeField),
  to: z.optional(timeField),
});

export function askedMovements(query: z.infer<typeof movementsQuery>): MovementsQuery {
  const { limit, before, kind, locationId, channel, correlationId, from, to, ...plain } = query;
  const channelId = channel === undefined ? null : parseChannelId(channel);
  return {
    limit,
    beforeSeq: before ?? null,
    filter: {
      ...plain,
      kinds: kind?.split(",").filter(isKind),
      locationId: locationId === undefined ? undefined : fromStore<LocationId>(locationId),
      channel: channelId?.ok === true ? channelId.value : undefined,
      correlationId: correlationId === undefined ? undefined : fromStore<CorrelationId>(correlationId),
      fromMs: from === undefined ? undefined : Date.parse(from),
      toMs: to === undefined ? undefined : Date.parse(to),
    },
  };
}
