/** A channel in a request, as the domain has it; and a channel as it is told. */
import type * as z from "zod/mini";
import { DEFAULT_COUNT_APPROVAL, DEFAULT_OUTBOUND } from "../domain/channel/channel.ts";
import { ADAPTERS_OF } from "../domain/channel/check-draft.ts";
import { type ChannelId, fromStore, type LocationId, parseChannelId } from "../domain/ids.ts";
import { parseOutboundUrl } from "../domain/outbound-url.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { ChannelDraft, SecretFacts, StoredChannel } from "../services/channels/channel-store.ts";
import type { Problem } from "./problem.ts";
import { iso, isoOrNull } from "./time-to-wire.ts";
import type { ChannelBody, channelReply } from "./wire/channels.ts";

export function draftOf(
  id: ChannelId,
  body: ChannelBody,
  { isDevelopment }: { readonly isDevelopment: boolean },
): Result<ChannelDraft, Problem> {
  const { type, adapter = ADAPTERS_OF[type][0], name = id, listings = "by_sku", eventTypes = null } = body;
  const endpoint = body.endpoint ?? null;
  if (endpoint !== null) {
    const url = parseOutboundUrl(endpoint, { isDevelopment });
    if (!url.ok) return err(badField("endpoint", url.error.message));
  }
  const orders = parseOrders(body.outbound?.orders ?? []);
  if (!orders.ok) return orders;
  const isTold = type === "shopify" || endpoint !== null || adapter !== "onhand";
  return ok({
    ...{ id, type, adapter, name, endpoint, listings, eventTypes },
    direction: body.direction ?? (isTold ? "both" : "in"),
    locations: new Map(
      Object.entries(body.locations ?? {}).map(([theirs, ours]) => [theirs, fromStore<LocationId>(ours)]),
    ),
    outbound: { ...DEFAULT_OUTBOUND, ...given(body.outbound), orders: orders.value },
    countApproval: { ...DEFAULT_COUNT_APPROVAL, ...given(body.countApproval) },
  });
}

function parseOrders(names: readonly string[]): Result<readonly (ChannelId | "*")[], Problem> {
  const parsed: (ChannelId | "*")[] = [];
  for (const [i, name] of names.entries()) {
    const channel = name === "*" ? null : parseChannelId(name);
    if (channel?.ok === false) return err(badField(`outbound.orders.${i}`, "a channel's id, or *"));
    parsed.push(channel === null ? "*" : channel.value);
  }
  return ok([...new Set(parsed)]);
}

/** What is undefined was left out. */
type Given<Body extends object> = { [Key in keyof Body]?: Exclude<Body[Key], undefined> };
const given = <Body extends object>(body: Body | undefined): Given<Body> =>
  Object.fromEntries(Object.entries(body ?? {}).filter(([, value]) => value !== undefined)) as Given<Body>;

export const badField = (field: string, message: string): Problem => ({
  code: "bad_request",
  detail: `${field}: ${message}`,
  field,
});

export function channelToWire(stored: StoredChannel): z.infer<typeof channelReply> {
  const { outbound, countApproval, locations, eventTypes, ...channel } = stored.channel;
  return {
    ...channel,
    ...{ stateReason: stored.stateReason, stateBy: stored.stateBy, stateSince: iso(stored.stateAtMs) },
    locations: Object.fromEntries(locations),
    eventTypes: eventTypes === null ? null : [...eventTypes],
    outbound: { ...outbound, orders: [...outbound.orders] },
    countApproval,
    ...{ createdAt: iso(stored.createdAtMs), updatedAt: iso(stored.updatedAtMs) },
  };
}

export const signingToWire = ({ version, createdAtMs, retiresAtMs }: SecretFacts) => ({
  version,
  createdAt: iso(createdAtMs),
  retiresAt: isoOrNull(retiresAtMs),
});
