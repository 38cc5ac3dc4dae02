/** Deliveries in senders' own formats, wired: from their receipt to the queue. */
import { LIMITS } from "../config.ts";
import type { CorrelationId, InventoryItemId, ShopDomain } from "../domain/ids.ts";
import type { AdapterWebhookDeps } from "../ingress/adapter-webhook.ts";
import { consoleLog as log, reasonOf } from "../observability/log.ts";
import { type ChannelEnvelope, type Envelope, isOfShop } from "../queues/envelope.ts";
import { eventShards, sendEvents } from "../queues/send-event.ts";
import { forgetMirrored } from "../services/forget-mirrored.ts";
import { catalogueOf, mirrorOf } from "../wiring.ts";
import { totalsOf } from "./adapter-letters.ts";
import { forgetNamed } from "./channel-events.ts";
import { channelsOf } from "./channels.ts";
import { deadLettersOf } from "./dead-letters.ts";
import { journalOf } from "./journal.ts";
import { meterOf } from "./telemetry.ts";

export function adapterWebhookDeps(env: Env, ctx: ExecutionContext, correlationId: CorrelationId): AdapterWebhookDeps {
  const shards = eventShards(env);
  return {
    correlationId,
    bodyBytesMax: LIMITS.adapterBytesMax,
    unreadableTextMax: LIMITS.unreadableTextMax,
    rangeMsMax: LIMITS.runningTotalToldMs,
    channel: (id) => channelsOf(env).get(id),
    totals: totalsOf(env),
    listed: (shop, items) => listedOf(env, shop, items),
    enqueue: (envelopes) => sendEvents(shards, envelopes),
    deadLetter: (letter) => deadLettersOf(env).put([letter], Date.now()),
    invalidate: (envelopes) => ctx.waitUntil(invalidate(env, envelopes)),
    journal: (entries) => ctx.waitUntil(journalOf(env).gather(entries)),
    log,
    meter: meterOf(env),
    nowMs: () => Date.now(),
  };
}

/** Null where the catalogue cannot say: what is not ours then waits as a dead letter, and nothing of ours is lost. */
async function listedOf(
  env: Env,
  shop: ShopDomain,
  items: readonly InventoryItemId[],
): Promise<ReadonlySet<InventoryItemId> | null> {
  const query = { shop, items: new Set(items), variants: new Set<never>(), skus: new Set<never>() };
  const { items: found, fault } = await catalogueOf(env).resolve(query);
  return fault === null ? new Set(found.keys()) : null;
}

async function invalidate(env: Env, envelopes: readonly Envelope[]): Promise<void> {
  const ofChannel = envelopes.filter((envelope): envelope is ChannelEnvelope => !isOfShop(envelope));
  await forgetNamed(env, ofChannel);
  const deps = { catalogue: catalogueOf(env), mirror: mirrorOf(env), msMax: LIMITS.invalidateMsMax, nowMs: Date.now };
  for (const { channel, data } of envelopes.filter(isOfShop)) {
    try {
      await forgetMirrored(channel.shop, data, deps);
    } catch (error) {
      log("warn", "mirror.not_invalidated", { shop: channel.shop, reason: reasonOf(error) });
    }
  }
}
