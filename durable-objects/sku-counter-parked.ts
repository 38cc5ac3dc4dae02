/** Levels that take no pushes any more, as dead letters: a person must mend what is named, and let them go again. */
import type { CounterState } from "../src/domain/counter/counter-state.ts";
import type { LastWords } from "../src/queues/dead-letter-message.ts";
import type { ParkedLevel } from "../src/queues/parked-level.ts";
import type { PushResult } from "../src/services/gate-contract.ts";
import { locationsOf } from "./sku-counter-results.ts";

/** Levels that Shopify refuses pushes for: a person must mend what is named, and let them go again. */
export function parkedBy(counter: CounterState, pushes: readonly PushResult[], atMs: number): readonly LastWords[] {
  return pushes.flatMap((result) => {
    if (result.kind !== "failed" || result.park.length === 0) return [];
    const { listingId, pushKey, code, message, park } = result;
    const locations = locationsOf(counter, listingId);
    const locationIds = park.flatMap((location) => locations.get(location) ?? []);
    const payload: ParkedLevel = { v: 1, kind: "parked_level", skuId: counter.skuId, listingId, locationIds };
    const subject = `${counter.sku}: level of ${listingId} at ${park.join(", ")}`;
    const queue = "onhand-shopify-sync";
    return { v: 1, kind: "last_words", queue, code, message, subject, attempts: 1, atMs, messageId: pushKey, payload };
  });
}
