/** The shards of telemetry by number. A stub is made afresh for each call's sake: one that has thrown stays broken. */
import type { Sums } from "../domain/telemetry/sums.ts";
import type { TelemetryShard } from "../services/telemetry/telemetry-contract.ts";

type Namespace = Env["TELEMETRY"];

export const telemetryShard = (namespace: Namespace, shard: number): TelemetryShard => ({
  async add(flush) {
    await stubOf(namespace, shard).add(flush);
  },
  // The types of RPC wrap what crosses: plain data of the same shape.
  sums: () => stubOf(namespace, shard).sums() as unknown as Promise<Sums>,
});

const stubOf = (namespace: Namespace, shard: number) => namespace.get(namespace.idFromName(`telemetry-${shard}`));
