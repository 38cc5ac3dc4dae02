/** A mirror whose reads are counted: how many SKUs it knew, did not know, or could not be asked for. */
import type { Meter } from "../domain/telemetry/meter.ts";
import type { Mirror } from "../services/mirror.ts";

export function countingMirror(mirror: Mirror, meter: Meter): Mirror {
  const count = (outcome: "hit" | "miss" | "unavailable", skus: number): void => {
    if (skus > 0) meter.count("onhand_mirror_read_total", { outcome }, skus);
  };
  return {
    ...mirror,
    async read(skus) {
      const read = await mirror.read(skus);
      const wanted = new Set(skus).size;
      if (read.kind === "unavailable") count("unavailable", wanted);
      if (read.kind !== "read") return read;
      count("hit", read.hits.size);
      count("miss", wanted - read.hits.size);
      return read;
    },
  };
}
