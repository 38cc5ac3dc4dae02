/** For tests of what moves stock: whoever asks for a shop's catalogue, or for Shopify, is told at once that nobody is there. */
import type { TakeInShopDeps } from "../../../src/services/take-in-shop-events.ts";

const nobody = (what: string): never => {
  throw new Error(`nobody asks for ${what} here`);
};
const absent = new Proxy({}, { get: (_, name) => () => nobody(String(name)) }) as never;

export const noShopNews: Pick<TakeInShopDeps, "news" | "edits"> = {
  news: {
    ...{ catalogue: absent, shops: absent, writer: absent, counters: absent },
    sourceOf: () => nobody("items"),
    suspend: async () => nobody("the gate"),
    mirror: () => {},
    log: () => {},
    nowMs: () => 0,
  },
  edits: { orderLinesOf: () => nobody("order lines") },
};
