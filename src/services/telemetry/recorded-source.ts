/** What has been told to the shards of telemetry. */
import { recordedFamilies } from "../../domain/telemetry/recorded-families.ts";
import type { MetricSource } from "./read-metrics.ts";
import type { TelemetryShard } from "./telemetry-contract.ts";

export const recordedSource = (shards: readonly Pick<TelemetryShard, "sums">[]): MetricSource => ({
  name: "telemetry",
  read: async () => recordedFamilies(await Promise.all(shards.map((shard) => shard.sums()))),
});
