/** A shop as reconciliation sees it: everything through the shop's gate at the lowest priority, but the bulk result. */
import * as z from "zod/mini";
import { chunksOf } from "../../domain/chunks-of.ts";
import { type InventoryItemId, parseNumericId, type ShopLocationId } from "../../domain/ids.ts";
import { readWeight } from "../../domain/shop-gate/chunk-reads.ts";
import type { SourceReply } from "../../services/import-catalogue.ts";
import type { GraphqlGate } from "../../services/patient-gate.ts";
import type {
  BulkState,
  BulkView,
  FoundLevels,
  ScreenRow,
  ShopNews,
  ShopView,
} from "../../services/reconcile/reconcile-deps.ts";
import { ask } from "./catalogue-source.ts";
import { levelsDocument } from "./documents.ts";
import { itemGid, locationGid } from "./gid.ts";
import { ordersSince } from "./orders-source.ts";
import { levelSchema, numbersOf, parseLevels } from "./parse-levels.ts";
import { type Fetcher, readRows } from "./read-rows.ts";
import {
  BULK_CANCEL_DOCUMENT,
  BULK_RUN_DOCUMENT,
  BULK_STATE_DOCUMENT,
  bulkLevelsQuery,
  CHANGED_LEVELS_DOCUMENT,
  updatedSince,
} from "./reconcile-documents.ts";
import { shopifySubscriptions } from "./subscriptions-api.ts";

/** Locations per query: with more of them a query of a hundred items asks for too much at once. */
const LOCATIONS_PER_QUERY = 20;
const CHANGED_COST = { cost: 60, costName: "levels/250" };
const BULK_COST = { cost: 20 };

const gid = z.object({ id: z.string().check(z.regex(/^gid:\/\/shopify\/[A-Za-z]+\/\d{1,20}/)) });
const changedReply = z.object({
  location: z.nullable(
    z.object({
      inventoryLevels: z.object({
        pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.nullable(z.string()) }),
        nodes: z.array(z.extend(levelSchema, { item: gid })),
      }),
    }),
  ),
});
const runReply = z.object({
  bulkOperationRunQuery: z.nullable(
    z.object({
      bulkOperation: z.nullable(z.object({ id: z.string() })),
      userErrors: z.array(z.object({ code: z.nullish(z.string()), message: z.string() })),
    }),
  ),
});
const stateReply = z.object({
  bulkOperation: z.nullable(
    z.object({ status: z.string(), errorCode: z.nullish(z.string()), url: z.nullish(z.string()) }),
  ),
});
const anyReply = z.looseObject({});

export type ShopViewDeps = {
  readonly gate: GraphqlGate;
  /** Of the bulk result. */
  readonly fetcher: Fetcher;
  readonly status: Pick<ShopView, "held" | "outageEndedMs">;
  /** Whether a bulk result may be fetched from there. */
  mayFetch(url: string): boolean;
};

/** Shopify tells of orders, and answers a bulk query. */
export type ShopifyView = ShopView & { readonly news: ShopNews; readonly bulk: BulkView };

export function shopifyView({ gate, fetcher, status, mayFetch }: ShopViewDeps): ShopifyView {
  return {
    ...status,
    news: { subscriptions: shopifySubscriptions(gate), ordersSince: ordersSince(gate) },
    bulk: bulkOf(gate, fetcher, mayFetch),
    levelsSince: (location, sinceMs, after) => levelsSince(gate, location, sinceMs, after),
    levelsOf: (items, at) => levelsOf(gate, items, at),
  };
}

function bulkOf(gate: GraphqlGate, fetcher: Fetcher, mayFetch: ShopViewDeps["mayFetch"]): BulkView {
  return {
    startBulk: (at) => startBulk(gate, at),
    bulkState: (operation) => bulkState(gate, operation),
    async cancelBulk(operation) {
      await ask(gate, BULK_CANCEL_DOCUMENT, { id: operation }, BULK_COST, anyReply);
    },
    async bulkRows(url, offset, rowsMax) {
      if (!mayFetch(url)) throw new Error("bulk result: an address that is not https");
      return readRows(url, { offset, rowsMax }, fetcher);
    },
  };
}

async function levelsSince(
  gate: GraphqlGate,
  location: ShopLocationId,
  sinceMs: number,
  after: string | null,
): ReturnType<ShopView["levelsSince"]> {
  const variables = { location: locationGid(location), query: updatedSince(sinceMs), after };
  const reply = await ask(gate, CHANGED_LEVELS_DOCUMENT, variables, CHANGED_COST, changedReply);
  if (reply.kind !== "ok") return reply;
  const page = reply.value.location?.inventoryLevels;
  const rows = (page?.nodes ?? []).flatMap((level): ScreenRow[] => {
    const item = parseNumericId<InventoryItemId>("gid", level.item.id);
    const told = numbersOf(level);
    return item.ok && told !== null ? [{ item: item.value, levels: new Map([[location, told]]) }] : [];
  });
  return { kind: "ok", value: { rows, nextAfter: page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null } };
}

async function levelsOf(
  gate: GraphqlGate,
  items: readonly InventoryItemId[],
  locations: readonly ShopLocationId[],
): Promise<SourceReply<ReadonlyMap<InventoryItemId, FoundLevels>>> {
  const found = new Map<InventoryItemId, Map<ShopLocationId, ReturnType<typeof numbersOf>>>();
  const untold = new Set<InventoryItemId>();
  for (const at of chunksOf(locations, LOCATIONS_PER_QUERY)) {
    const variables = {
      ids: items.map(itemGid),
      ...Object.fromEntries(at.map((location, i) => [`l${i}`, locationGid(location)])),
    };
    // By recordings a list costs as much as one of it; should Shopify count otherwise, the name remembers what it asked for.
    const cost = { cost: readWeight(1, at.length) + 10, costName: `look/${at.length}` };
    const reply = await ask(gate, levelsDocument(at.length), variables, cost, anyReply);
    if (reply.kind !== "ok") return reply;
    const told = parseLevels(reply.value, items, at);
    if (told === null) return { kind: "refused", code: "unexpected_reply", message: "no levels in the answer" };
    for (const item of items) {
      const levels = told.get(item) ?? null;
      if (levels === null) untold.add(item);
      const known = found.get(item) ?? new Map();
      for (const location of at) known.set(location, levels?.find((level) => level.location === location) ?? null);
      found.set(item, known);
    }
  }
  for (const item of untold) found.delete(item);
  return { kind: "ok", value: found };
}

async function startBulk(gate: GraphqlGate, locations: readonly ShopLocationId[]): Promise<SourceReply<string>> {
  const reply = await ask(gate, BULK_RUN_DOCUMENT, { query: bulkLevelsQuery(locations) }, BULK_COST, runReply);
  if (reply.kind !== "ok") return reply;
  const payload = reply.value.bulkOperationRunQuery;
  if (payload?.bulkOperation) return { kind: "ok", value: payload.bulkOperation.id };
  const [error] = payload?.userErrors ?? [];
  return { kind: "refused", code: error?.code ?? "user_error", message: error?.message ?? "no operation came back" };
}

async function bulkState(gate: GraphqlGate, operation: string): Promise<SourceReply<BulkState>> {
  const reply = await ask(gate, BULK_STATE_DOCUMENT, { id: operation }, BULK_COST, stateReply);
  if (reply.kind !== "ok") return reply;
  const state = reply.value.bulkOperation;
  switch (state?.status) {
    case "CREATED":
    case "RUNNING":
      return { kind: "ok", value: { kind: "running" } };
    case "COMPLETED":
      return { kind: "ok", value: { kind: "done", url: state.url ?? null } };
    default: {
      const reason = state === null ? "it is gone" : [state?.status, state?.errorCode].filter(Boolean).join(" ");
      return { kind: "ok", value: { kind: "failed", reason } };
    }
  }
}
