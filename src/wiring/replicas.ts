/** Tills that keep their own stock, wired: connected to our counters, and parted from them. */
import { squareCounts } from "../channels/square/square-counts.ts";
import { type ChannelId, type CorrelationId, fromStore, type InventoryItemId, type ShopDomain } from "../domain/ids.ts";
import { connectReplica } from "../services/channels/connect-replica.ts";
import { disconnectPage } from "../services/disconnect-shop.ts";
import type { ImportOptions } from "../services/import-catalogue.ts";
import { patientGate } from "../services/patient-gate.ts";
import { reach, reaching } from "../services/unavailable.ts";
import { d1CatalogueWriter } from "../store/d1-catalogue-writer.ts";
import { d1Channels } from "../store/d1-channels.ts";
import { d1Shops } from "../store/d1-shops.ts";
import type { ShopGateStub } from "../store/durable-counters.ts";
import { channelsOf } from "./channels.ts";
import type { ShopParts } from "./shops.ts";

export function replicaServices(env: Env, gate: (shop: ShopDomain) => ShopGateStub, parts: ShopParts) {
  const shops = reaching("catalogue", d1Shops(env.DB));
  const { counters, mirror, nowMs } = parts;
  const known = (id: ChannelId) => reach("channels", () => channelsOf(env).get(id));
  return {
    /** Whether its rules may withhold anything; of an unknown one nothing is known. */
    async withholds(id: ChannelId): Promise<boolean> {
      return (await known(id))?.channel.adapter !== "square";
    },
    async connect(id: ChannelId, cursor: string | null, options: ImportOptions, correlationId: CorrelationId) {
      const found = await known(id);
      if (found === null) return null;
      const shop = fromStore<ShopDomain>(id);
      const patient = patientGate(gate(shop), (ms) => scheduler.wait(ms));
      return connectReplica(found.channel, cursor, options, correlationId, {
        ...{ channels: reaching("channels", d1Channels(env.DB)), shops, counters, mirror, nowMs },
        writer: reaching("catalogue", d1CatalogueWriter(env.DB, parts.newId)),
        counts: (items, locations) => squareCounts(patient, items, locations),
        async rejoin() {
          await gate(shop).rejoin();
        },
      });
    },
    async disconnect(id: ChannelId, cursor: string | null, dryRun: boolean, correlationId: CorrelationId) {
      if ((await known(id)) === null) return null;
      const shop = fromStore<ShopDomain>(id);
      const after = cursor === null ? null : fromStore<InventoryItemId>(cursor);
      return disconnectPage(shop, after, dryRun, correlationId, { shops, counters, gate: gate(shop), mirror, nowMs });
    },
  };
}
