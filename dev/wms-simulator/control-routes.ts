/** What of the warehouse can be played from outside: its documents. Strict, as every control route is. */
import * as z from "zod";
import type { ControlRoutes } from "../channel-link/control.ts";
import type { WmsSimulator } from "./wms-simulator.ts";

const units = z.number().int().min(1);
const sku = z.string().min(1);
const location = z.string().min(1).optional();

const receiptBody = z.strictObject({ sku, quantity: units, location });
const adjustmentBody = z.strictObject({ sku, delta: z.number().int(), reason: z.string().optional(), location });
const transferBody = z.strictObject({ sku, quantity: units, to: z.string().min(1), from: location });
const countBody = z.strictObject({ sku, misread: z.number().int().optional(), location });
const slipBody = z.strictObject({ sku, delta: z.number().int(), location: z.string().min(1) });

export function controlRoutes(wms: WmsSimulator): ControlRoutes {
  return {
    "POST /receipts": (body) => {
      const { sku: of, quantity, location: at } = receiptBody.parse(body);
      wms.receive(of, quantity, at);
    },
    "POST /adjustments": (body) => {
      const { sku: of, delta, reason, location: at } = adjustmentBody.parse(body);
      wms.adjust(of, delta, reason, at);
    },
    "POST /damages": (body) => {
      const { sku: of, quantity, location: at } = receiptBody.parse(body);
      wms.damage(of, quantity, at);
    },
    "POST /transfers": (body) => {
      const { sku: of, quantity, to, from } = transferBody.parse(body);
      wms.transfer(of, quantity, to, from);
    },
    "POST /counts": (body) => {
      const { sku: of, misread, location: at } = countBody.parse(body);
      return { countId: wms.count(of, misread, at) };
    },
    "POST /slips": (body) => {
      const { sku: of, delta, location: at } = slipBody.parse(body);
      wms.shelf.slip(of, at, delta);
    },
    "GET /books": () => ({ entries: wms.shelf.entries, levels: wms.levels.all(), purchases: wms.purchasing.all() }),
  };
}
