/** What of the marketplace can be played from outside: its buyers. */
import * as z from "zod";
import type { ControlRoutes } from "../channel-link/control.ts";
import type { MarketplaceSimulator } from "./marketplace-simulator.ts";

const saleBody = z.strictObject({
  sku: z.string().min(1),
  quantity: z.number().int().min(1),
  regret: z.enum(["in_one_message", "before_the_order"]).optional(),
});
const returnBody = z.strictObject({ restock: z.boolean() });

export function controlRoutes(marketplace: MarketplaceSimulator): ControlRoutes {
  return {
    "POST /orders": (body) => {
      const { sku, quantity, regret } = saleBody.parse(body);
      return { orderId: marketplace.sell(sku, quantity, regret ?? null) };
    },
    "POST /returns": (body) => ({ isReturned: marketplace.giveBack(returnBody.parse(body).restock) }),
    "GET /shown": () => ({
      items: Array.from(marketplace.listed, ([sku, itemId]) => ({ sku, itemId, shown: marketplace.shown(sku) })),
    }),
  };
}
