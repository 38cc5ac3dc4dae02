/** What the lines of an order are, through the shop's gate: the webhook of an order edit names them by their ids alone. */
import * as z from "zod/mini";
import { parseNumericId, type VariantId } from "../../domain/ids.ts";
import type { SourceReply } from "../../services/import-catalogue.ts";
import type { GraphqlGate } from "../../services/patient-gate.ts";
import type { OrderLineSource, SourceLine } from "../../services/read-order-edit.ts";
import { ORDER_LINES_DOCUMENT } from "./catalogue-documents.ts";
import { ask } from "./catalogue-source.ts";
import { digitsOf } from "./gid.ts";

const COST = { cost: 60, costName: "order-lines" };

const line = z.object({
  id: z.string(),
  sku: z.nullish(z.string()),
  isGiftCard: z.boolean(),
  variant: z.nullable(z.object({ id: z.string(), inventoryItem: z.object({ tracked: z.boolean() }) })),
});
const orderReply = z.object({
  order: z.nullable(
    z.object({
      lineItems: z.object({
        pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.nullable(z.string()) }),
        nodes: z.array(line),
      }),
    }),
  ),
});

type OrderPage = NonNullable<z.infer<typeof orderReply>["order"]>["lineItems"];

export const shopifyOrderLines = (gate: GraphqlGate): OrderLineSource => ({
  async linesOf(orderId) {
    const lines: SourceLine[] = [];
    let after: string | null = null;
    do {
      const variables: Readonly<Record<string, string | null>> = { id: `gid://shopify/Order/${orderId}`, after };
      const reply: SourceReply<z.infer<typeof orderReply>> = await ask(
        gate,
        ORDER_LINES_DOCUMENT,
        variables,
        COST,
        orderReply,
      );
      if (reply.kind !== "ok") return reply;
      const page: OrderPage | undefined = reply.value.order?.lineItems;
      lines.push(...(page?.nodes.map(toLine) ?? []));
      after = page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);
    return { kind: "ok", value: lines };
  },
});

function toLine({ id, sku, isGiftCard, variant }: z.infer<typeof line>): SourceLine {
  const variantId = variant === null ? null : parseNumericId<VariantId>("variant", variant.id);
  return {
    lineId: digitsOf(id) ?? "",
    variantId: variantId?.ok ? variantId.value : null,
    sku: sku ?? null,
    skip: isGiftCard
      ? "gift_card"
      : variant === null
        ? "custom_line"
        : variant.inventoryItem.tracked
          ? null
          : "untracked",
  };
}
