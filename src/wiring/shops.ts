/** A shop itself, wired: its news, its connection, its locations. */
import { shopifyCatalogueSource } from "../channels/shopify/catalogue-source.ts";
import { shopifyOrderLines } from "../channels/shopify/order-lines.ts";
import type { CorrelationId, InventoryItemId, ShopDomain } from "../domain/ids.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import type { Log } from "../observability/log.ts";
import type { Catalogue } from "../services/catalogue.ts";
import type { CatalogueNewsDeps } from "../services/catalogue-news.ts";
import type { Counters } from "../services/counter-contract.ts";
import { disconnectPage } from "../services/disconnect-shop.ts";
import { type ImportOptions, importPage } from "../services/import-catalogue.ts";
import { listLocations, mapLocations } from "../services/map-locations.ts";
import { patientGate } from "../services/patient-gate.ts";
import type { OrderEditDeps } from "../services/read-order-edit.ts";
import type { LocationMapping } from "../services/shop-store.ts";
import { reaching } from "../services/unavailable.ts";
import { d1CatalogueWriter } from "../store/d1-catalogue-writer.ts";
import { d1Shops } from "../store/d1-shops.ts";
import { gateOf, type ShopGateStub } from "../store/durable-counters.ts";

/** What the rest of the wiring lends. */
export type ShopParts = {
  readonly catalogue: Catalogue;
  readonly counters: Counters;
  mirror(views: readonly LevelsView[]): void;
  readonly log: Log;
  nowMs(): number;
  newId(): string;
};

/** For the consumer of events: it does not wait for its turn at the gate, a message comes again. */
export function shopNewsDeps(env: Env, parts: ShopParts): { news: CatalogueNewsDeps; edits: OrderEditDeps } {
  const gate = (shop: ShopDomain) => gateOf(env.SHOP_GATE, shop);
  return {
    news: {
      ...parts,
      shops: d1Shops(env.DB),
      writer: d1CatalogueWriter(env.DB, parts.newId),
      sourceOf: (shop) => shopifyCatalogueSource(gate(shop)),
      async suspend(shop, cause, by) {
        await gate(shop).suspend(cause, by);
      },
    },
    edits: { orderLinesOf: (shop) => shopifyOrderLines(gate(shop)) },
  };
}

export function shopServices(env: Env, gate: (shop: ShopDomain) => ShopGateStub, parts: ShopParts) {
  const { counters, mirror, nowMs } = parts;
  const shops = reaching("catalogue", d1Shops(env.DB));
  const source = (shop: ShopDomain) => shopifyCatalogueSource(patientGate(gate(shop), (ms) => scheduler.wait(ms)));
  return {
    importPage: (shop: ShopDomain, cursor: string | null, options: ImportOptions, correlationId: CorrelationId) =>
      importPage(shop, cursor, options, correlationId, {
        source: source(shop),
        writer: reaching("catalogue", d1CatalogueWriter(env.DB, parts.newId)),
        shops,
        counters,
        async rejoin() {
          await gate(shop).rejoin();
        },
        mirror,
        nowMs,
      }),
    disconnectPage: (shop: ShopDomain, cursor: InventoryItemId | null, dryRun: boolean, correlationId: CorrelationId) =>
      disconnectPage(shop, cursor, dryRun, correlationId, { shops, counters, gate: gate(shop), mirror, nowMs }),
    shopConnection: (shop: ShopDomain) => shops.connection(shop),
    shopFindings: (shop: ShopDomain, limit: number) => shops.findings(shop, limit),
    shopLocations: (shop: ShopDomain) => listLocations(shop, { shops, source: source(shop) }),
    mapLocations: (shop: ShopDomain, mappings: readonly LocationMapping[]) => mapLocations(shop, mappings, shops),
  };
}
