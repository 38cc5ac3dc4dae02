/** A notification that a SKU is low, out, or back: in all or at a location. */
import * as z from "zod/mini";
import type { StockNotice } from "../services/counter-notices.ts";
import { count, noticeOf, parseNotice, place } from "./counter-notice-fields.ts";

const notice = noticeOf(
  "stock",
  z.object({
    ...{ kind: z.literal("stock"), number: count, state: z.enum(["low", "out", "back"]), locationId: place },
    ...{ available: z.int(), lowAt: z.nullable(z.int()), atMs: z.int() },
  }),
);

export const parseStockNotice = (body: unknown) => parseNotice<StockNotice>(notice, body);
