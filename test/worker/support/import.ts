/** An import into the real catalogue and counters, from a catalogue that the test makes up. */
import { env } from "cloudflare:workers";
import type { ImportDeps } from "../../../src/services/import-catalogue.ts";
import { d1CatalogueWriter } from "../../../src/store/d1-catalogue-writer.ts";
import { d1Shops } from "../../../src/store/d1-shops.ts";
import { durableCounters } from "../../../src/store/durable-counters.ts";

export const importDeps = (source: ImportDeps["source"]): ImportDeps => ({
  source,
  writer: d1CatalogueWriter(env.DB, () => crypto.randomUUID()),
  shops: d1Shops(env.DB),
  counters: durableCounters(env.SKU_COUNTER),
  rejoin: async () => {},
  mirror: () => {},
  nowMs: () => Date.now(),
});

/** As the shop is connected already, else as its first owner. */
export const AS_IT_IS = { mode: null, dryRun: false } as const;
