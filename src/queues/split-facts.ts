/** News of a very long order, cut into messages that the queue takes: facts are only added, so the pieces may come in any order. */
import { type FulfilmentFacts, NO_FACTS } from "../domain/channel/fulfilment.ts";

const encoder = new TextEncoder();

/** What a message says beside its facts: ids of at most 255 characters. */
const BESIDE_BYTES = 4_000;

/** Whole when it fits. A single fact always does: its names are bounded, and so are the parts of a bundle. */
export function splitFacts(facts: FulfilmentFacts, bytesMax: number): readonly FulfilmentFacts[] {
  const bytes = encoder.encode(JSON.stringify(facts)).byteLength + BESIDE_BYTES;
  const entries = [
    ...Object.entries(facts.lines).map(([line, ordered]) => ({ lines: { [line]: ordered } })),
    ...Object.entries(facts.cancelled).map(([key, gone]) => ({ cancelled: { [key]: gone } })),
  ];
  if (bytes <= bytesMax || entries.length < 2) return [facts];
  const middle = Math.ceil(entries.length / 2);
  return [entries.slice(0, middle), entries.slice(middle)].flatMap((half) => {
    const merged = half.reduce<FulfilmentFacts>(
      (sum, { lines = {}, cancelled = {} }: Partial<FulfilmentFacts>) => ({
        ...{ lines: { ...sum.lines, ...lines }, cancelled: { ...sum.cancelled, ...cancelled } },
        isCancelled: facts.isCancelled,
      }),
      NO_FACTS,
    );
    return splitFacts(merged, bytesMax);
  });
}
