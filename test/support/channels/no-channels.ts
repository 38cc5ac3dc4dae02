/** A world in which only shops tell anything. */
import type { TakeInBatchDeps } from "../../../src/services/take-in-batch.ts";

const nobody = (): never => {
  throw new Error("no channel takes part");
};

export const NO_CHANNELS: TakeInBatchDeps["channels"] = {
  directory: { get: async () => null },
  catalogue: { skuIds: nobody },
  bundles: { known: () => undefined, find: nobody },
  items: { find: nobody },
  notifier: { publish: nobody },
  reserve: {
    ...{ catalogue: { resolve: nobody, remembered: nobody, locationsOf: nobody, connectable: nobody, skuIds: nobody } },
    ...{ bundles: { known: () => undefined, find: nobody }, counters: { of: nobody }, coordinators: { of: nobody } },
    ...{ closed: nobody, callsMax: 1, skusMax: 1, meter: { count: nobody, observe: nobody }, log: nobody },
  },
  log: nobody,
  nowMs: () => 0,
};
