/**
 * What a shard of telemetry answers to (RPC of the Telemetry object). Plain data. Worker and objects of two versions mix
 * for minutes during a deploy: fields are only ever added, and optional.
 */
import type { Flush } from "../../domain/telemetry/flush.ts";
import type { Sums } from "../../domain/telemetry/sums.ts";

export interface TelemetryShard {
  /** The same flush again changes nothing. Kept in memory for up to a second before it is stored. */
  add(flush: Flush): Promise<void>;
  /** All that was told and is stored: never less than what was read before. */
  sums(): Promise<Sums>;
}
