/** Listings of a shop, wired: the report, and an item that is given to a counter. */
import { shopifyCatalogueSource } from "../channels/shopify/catalogue-source.ts";
import type { ShopDomain } from "../domain/ids.ts";
import { type AttachDeps, type AttachRequest, attachListing } from "../services/attach-listing.ts";
import { listListings } from "../services/list-listings.ts";
import type { GraphqlGate } from "../services/patient-gate.ts";
import { reaching } from "../services/unavailable.ts";
import { d1Listings } from "../store/d1-listings.ts";

type Deps = Pick<AttachDeps, "catalogue" | "counters" | "mirror"> & { patient(shop: ShopDomain): GraphqlGate };

export function listingServices(env: Env, { patient, ...deps }: Deps) {
  const store = reaching("catalogue", d1Listings(env.DB));
  return {
    listings: (shop: ShopDomain, query: Parameters<typeof listListings>[1]) => listListings(shop, query, store),
    attach: (request: AttachRequest) =>
      attachListing(request, { ...deps, store, source: shopifyCatalogueSource(patient(request.shop)) }),
  };
}
