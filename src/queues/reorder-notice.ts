/** A notification that more of a SKU is asked for, has come in, or is wanted no more: the request as it stands. */
import * as z from "zod/mini";
import type { ReorderNotice } from "../services/counter-notices.ts";
import { count, noticeOf, parseNotice, place, text } from "./counter-notice-fields.ts";

const notice = noticeOf(
  "reorder",
  z.object({
    kind: z.literal("reorder"),
    reorder: z.object({
      ...{ id: text, state: z.enum(["open", "received", "cancelled"]), version: count, quantity: count },
      ...{ received: count, trigger: z.enum(["rule", "hand"]), key: z.nullable(z.string()), reason: z.string() },
      ...{ available: z.int(), locationId: place, requestedAtMs: z.int(), neededByMs: z.nullable(z.int()) },
      ...{ closedAtMs: z.nullable(z.int()), closedReason: z.nullable(z.string()) },
    }),
    atMs: z.int(),
  }),
);

export const parseReorderNotice = (body: unknown) => parseNotice<ReorderNotice>(notice, body);
