/** Orders that were updated since, as the events that their webhooks would have been. Replies are parsed: they are a stranger's. */
import * as z from "zod/mini";
import { fromStore, parseNumericId, type ShopLocationId, type VariantId } from "../../domain/ids.ts";
import type { OrderLine, Restock, SkipReason } from "../../domain/shop-event.ts";
import { stampMs } from "../../domain/stamp.ts";
import type { SourceReply } from "../../services/import-catalogue.ts";
import type { GraphqlGate } from "../../services/patient-gate.ts";
import type { FetchedOrder, ShopNews } from "../../services/reconcile/reconcile-deps.ts";
import { ask } from "./catalogue-source.ts";
import { ORDER_LINES_DOCUMENT, ORDERS_DOCUMENT, REFUND_LINES_DOCUMENT, updatedSince } from "./reconcile-documents.ts";

/** Points that a page asks for, before the first reply has told. */
const ORDERS_COST = { cost: 400, costName: "orders/20" };
const LINES_COST = { cost: 60 };

const gid = z.string().check(z.regex(/^gid:\/\/shopify\/[A-Za-z]+\/\d{1,20}/));
const time = z.string().check(z.refine((text) => stampMs(text) !== null, "not a time"));
const pageInfo = z.object({ hasNextPage: z.boolean(), endCursor: z.nullable(z.string()) });
const units = z.int().check(z.nonnegative());
const withId = z.nullable(z.object({ id: gid }));
const variant = z.nullable(z.object({ id: gid, inventoryItem: z.object({ tracked: z.boolean() }) }));

const sold = { id: gid, sku: z.nullable(z.string()), isGiftCard: z.boolean(), product: withId, variant };
const line = z.object({ ...sold, quantity: units, unfulfilledQuantity: units, nonFulfillableQuantity: units });
const lines = z.object({ pageInfo, nodes: z.array(line) });
const refundLine = z.object({
  /** Shopify may leave it out; a restock without a key could count twice. */
  id: z.nullable(gid),
  quantity: units,
  restockType: z.string(),
  location: withId,
  lineItem: z.object(sold),
});
const refundLines = z.object({ pageInfo, nodes: z.array(refundLine) });
const refund = z.object({ id: gid, createdAt: z.nullable(time), refundLineItems: refundLines });
const order = z.object({
  id: gid,
  createdAt: time,
  updatedAt: time,
  cancelledAt: z.nullable(z.string()),
  retailLocation: withId,
  lineItems: lines,
  refunds: z.array(refund),
});
const ordersReply = z.object({ orders: z.object({ pageInfo, nodes: z.array(order) }) });
const orderLinesReply = z.object({ order: z.nullable(z.object({ lineItems: lines })) });
const refundLinesReply = z.object({ node: z.nullable(z.object({ refundLineItems: refundLines })) });

type Line = z.infer<typeof line>;
type RefundLine = z.infer<typeof refundLine>;
type Page<Node> = { readonly pageInfo: z.infer<typeof pageInfo>; readonly nodes: readonly Node[] };

export const ordersSince =
  (gate: GraphqlGate): ShopNews["ordersSince"] =>
  async (sinceMs, after) => {
    const variables = { query: updatedSince(sinceMs), after };
    const page = await ask(gate, ORDERS_DOCUMENT, variables, ORDERS_COST, ordersReply);
    if (page.kind !== "ok") return page;
    const orders: FetchedOrder[] = [];
    for (const node of page.value.orders.nodes) {
      const whole = await readOrder(gate, node);
      if (whole.kind !== "ok") return whole;
      orders.push(whole.value);
    }
    const { hasNextPage, endCursor } = page.value.orders.pageInfo;
    return { kind: "ok", value: { orders, nextAfter: hasNextPage ? endCursor : null } };
  };

async function readOrder(gate: GraphqlGate, node: z.infer<typeof order>): Promise<SourceReply<FetchedOrder>> {
  const sales = await readRest<Line>(node.lineItems, (after) => orderLines(gate, node.id, after));
  if (sales.kind !== "ok") return sales;
  const restocks: Restock[] = [];
  for (const each of node.refunds) {
    const put = await readRest<RefundLine>(each.refundLineItems, (after) => moreRefundLines(gate, each.id, after));
    if (put.kind !== "ok") return put;
    const atMs = stampMs(each.createdAt ?? node.updatedAt) ?? 0;
    restocks.push(...put.value.flatMap((told) => toRestock(told, atMs)));
  }
  return {
    kind: "ok",
    value: {
      updatedAtMs: stampMs(node.updatedAt) ?? 0,
      event: {
        kind: "order",
        topic: node.cancelledAt === null ? "orders/create" : "orders/cancelled",
        orderId: digits(node.id),
        createdAtMs: stampMs(node.createdAt) ?? 0,
        location: node.retailLocation === null ? null : fromStore<ShopLocationId>(digits(node.retailLocation.id)),
        lines: sales.value.map(toLine),
        restocks,
      },
    },
  };
}

async function readRest<Node>(
  first: Page<Node>,
  more: (after: string) => Promise<SourceReply<Page<Node> | null>>,
): Promise<SourceReply<readonly Node[]>> {
  const nodes = [...first.nodes];
  let { hasNextPage, endCursor } = first.pageInfo;
  while (hasNextPage && endCursor !== null) {
    const page: SourceReply<Page<Node> | null> = await more(endCursor);
    if (page.kind !== "ok") return page;
    nodes.push(...(page.value?.nodes ?? []));
    ({ hasNextPage, endCursor } = page.value?.pageInfo ?? { hasNextPage: false, endCursor: null });
  }
  return { kind: "ok", value: nodes };
}

async function orderLines(gate: GraphqlGate, id: string, after: string): Promise<SourceReply<Page<Line> | null>> {
  const reply = await ask(gate, ORDER_LINES_DOCUMENT, { id, after }, LINES_COST, orderLinesReply);
  return reply.kind === "ok" ? { kind: "ok", value: reply.value.order?.lineItems ?? null } : reply;
}

async function moreRefundLines(
  gate: GraphqlGate,
  id: string,
  after: string,
): Promise<SourceReply<Page<RefundLine> | null>> {
  const reply = await ask(gate, REFUND_LINES_DOCUMENT, { id, after }, LINES_COST, refundLinesReply);
  return reply.kind === "ok" ? { kind: "ok", value: reply.value.node?.refundLineItems ?? null } : reply;
}

const toLine = (told: Line): OrderLine => ({
  lineId: digits(told.id),
  variantId: variantOf(told),
  sku: told.sku,
  quantity: told.quantity,
  fulfilled: isShipped(told),
  skip: skipReason(told, told.quantity),
});

/** All that was not taken back before is shipped: it is committed no more. */
const isShipped = ({ quantity, unfulfilledQuantity, nonFulfillableQuantity }: Line): boolean =>
  unfulfilledQuantity === 0 && nonFulfillableQuantity < quantity;

const RESTOCKS: ReadonlyMap<string, Restock["restockType"]> = new Map([
  ["CANCEL", "cancel"],
  ["RETURN", "return"],
  ["LEGACY_RESTOCK", "legacy_restock"],
]);

function toRestock(told: RefundLine, atMs: number): Restock[] {
  const restockType = RESTOCKS.get(told.restockType);
  if (restockType === undefined || told.id === null) return [];
  return [
    {
      refundLineId: digits(told.id),
      lineId: digits(told.lineItem.id),
      variantId: variantOf(told.lineItem),
      sku: told.lineItem.sku,
      quantity: told.quantity,
      restockType,
      location: told.location === null ? null : fromStore<ShopLocationId>(digits(told.location.id)),
      atMs,
      skip: skipReason(told.lineItem, told.quantity),
    },
  ];
}

type Sold = Pick<Line, "isGiftCard" | "product" | "variant">;

const variantOf = ({ variant: of }: Sold): VariantId | null =>
  of === null ? null : fromStore<VariantId>(digits(of.id));

/** As the receiver decides it for a webhook (src/ingress/project-shopify.ts). */
function skipReason({ isGiftCard, product, variant: of }: Sold, quantity: number): SkipReason | null {
  if (isGiftCard) return "gift_card";
  if (of === null && product === null) return "custom_line";
  if (of !== null && !of.inventoryItem.tracked) return "untracked";
  return quantity === 0 ? "zero_quantity" : null;
}

/** The schemas above let only GIDs through. */
function digits(given: string): string {
  const id = parseNumericId<VariantId>("gid", given);
  return id.ok ? id.value : "";
}
