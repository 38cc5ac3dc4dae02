/** What a batch may ask of the counter's history. What it surely asks is read in one statement; the rest when it is asked. */
import type { Booked } from "../src/domain/counter/apply-batch.ts";
import type { CounterEvent } from "../src/domain/counter/counter-event.ts";
import { lookupKeys } from "../src/domain/counter/lookup-keys.ts";
import type { HintId } from "../src/domain/ids.ts";
import type { Sql } from "./object-storage.ts";
import { onHandSince } from "./sku-counter-history.ts";
import { readExplained, readMovementsByKey } from "./sku-counter-movements.ts";

export function bookedIn(sql: Sql, events: readonly CounterEvent[]): Booked {
  const keys = new Set(lookupKeys(events));
  const known = readMovementsByKey(sql, [...keys]);
  const explained = readExplained(sql, hintsOf(events));
  return {
    movement: (key) => known.get(key) ?? (keys.has(key) ? null : (readMovementsByKey(sql, [key]).get(key) ?? null)),
    explained: (listingId, hintId) => explained.get(listingId)?.get(hintId) ?? 0,
    onHandSince: (locationId, sinceMs) => onHandSince(sql, locationId, sinceMs),
  };
}

const hintsOf = (events: readonly CounterEvent[]): readonly HintId[] =>
  events.flatMap((event) => (event.kind === "hint" ? [event.id] : []));
