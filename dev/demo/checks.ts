/** What a verdict is made of: a count for everything that must have happened, so that a run without traffic fails. Pure. */
import type { Account, Difference } from "./compare.ts";

export type Check = { readonly name: string; readonly value: string | number; readonly holds: boolean };

/** How much must have happened for a verdict to mean something. Shares are of what was submitted; 0: it need not have happened. */
export type Least = {
  readonly orders: number;
  readonly skus: number;
  readonly settledOrders: number;
  readonly duplicateShare: number;
  readonly reorderShare: number;
  readonly levelLossShare: number;
};

export type Happened = {
  readonly orders: number;
  readonly flashOrders: number;
  readonly soldOut: number;
  readonly fromSecondLocation: number;
  readonly cancels: number;
  readonly refunds: number;
  readonly edits: number;
  readonly takes: number;
  readonly takesRefused: number;
  readonly takesRepeated: number;
  /** Tills that got no definite answer, or an error. */
  readonly tillErrors: number;
  readonly knownAgain: number;
  readonly webhooks: {
    readonly submitted: number;
    readonly delivered: number;
    readonly duplicated: number;
    readonly reordered: number;
    readonly levelsSubmitted: number;
    readonly levelsDropped: number;
  };
};

const FLASH_SHARE = 0.25;

export function trafficChecks(happened: Happened, least: Least): readonly Check[] {
  const { webhooks } = happened;
  return [
    some("orders placed", happened.orders, least.orders),
    share("… with the flash-sale SKU", happened.flashOrders, happened.orders, FLASH_SHARE),
    some("… units of them shipped from the second location", happened.fromSecondLocation),
    some("orders refused, sold out", happened.soldOut),
    some("webhooks delivered", webhooks.delivered),
    share("… twice", webhooks.duplicated, webhooks.submitted, least.duplicateShare),
    share("… out of order", webhooks.reordered, webhooks.submitted, least.reorderShare),
    share("… never (level webhooks)", webhooks.levelsDropped, webhooks.levelsSubmitted, least.levelLossShare),
    some("known again at the counters", happened.knownAgain),
    some("cancellations and refunds", happened.cancels + happened.refunds, least.settledOrders),
    some("cancellations", happened.cancels),
    some("refunds", happened.refunds),
    some("merchant's edits", happened.edits),
    some("takes by tills over the API", happened.takes),
    some("… refused, stock being gone", happened.takesRefused),
    some("… asked again with the same key", happened.takesRepeated),
    none("… that ended in an error", happened.tillErrors),
  ];
}

export type StockFound = {
  /** SKUs with a stock of their own: in the shop, and in Onhand's catalogue. */
  readonly skusInShop: number;
  readonly skusNotInCatalogue: readonly string[];
  readonly levelsCompared: number;
  readonly differences: readonly Difference[];
  /** SKUs whose newest version never came to Redis; null: Redis was broken on purpose. */
  readonly behindInRedis: readonly string[] | null;
  readonly accounts: readonly Account[];
  readonly unbalanced: readonly Account[];
  readonly oversoldUnits: number;
};

export function stockChecks(found: StockFound, least: Least): readonly Check[] {
  const { skusInShop, accounts, unbalanced, behindInRedis } = found;
  return [
    some("SKUs", skusInShop, least.skus),
    none("… that Onhand's catalogue lacks", found.skusNotInCatalogue.length),
    some("levels compared: counter = Redis = Shopify", found.levelsCompared, 2 * least.skus),
    none("… that differ", found.differences.length),
    ...(behindInRedis === null ? [] : [none("SKUs not written through to Redis", behindInRedis.length)]),
    {
      name: "SKUs whose units are all accounted for",
      value: accounts.length - unbalanced.length,
      holds: unbalanced.length === 0 && accounts.length === skusInShop,
    },
    none("oversold units", found.oversoldUnits),
  ];
}

export const some = (name: string, value: number, least = 1): Check => ({ name, value, holds: value >= least });
export const none = (name: string, value: number): Check => ({ name, value, holds: value === 0 });

function share(name: string, part: number, whole: number, least: number): Check {
  const value = `${part} (${Math.round((100 * part) / Math.max(1, whole))} %)`;
  return { name, value, holds: least === 0 || (part > 0 && part >= least * whole) };
}
