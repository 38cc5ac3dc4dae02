/** Dead letters whose deaths are counted, wherever they come from. */
import type { Meter } from "../domain/telemetry/meter.ts";
import { queueOfOrigin } from "../domain/telemetry/queue-label.ts";
import type { DeadLetterStore } from "../services/dead-letters.ts";

export function countingDeadLetters<Store extends Pick<DeadLetterStore, "put">>(store: Store, meter: Meter): Store {
  return {
    ...store,
    async put(letters, nowMs) {
      await store.put(letters, nowMs);
      for (const { origin, errors } of letters)
        meter.count("onhand_dead_letter_stored_total", {
          queue: queueOfOrigin(origin),
          code: errors[0]?.code ?? "unknown",
        });
    },
  };
}
