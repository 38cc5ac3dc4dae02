/** A notification that a count waits for a person, what became of it, or that two things do not go together. */
import * as z from "zod/mini";
import { COUNT_WORDS } from "../domain/counter/counter-news.ts";
import type { CountNotice } from "../services/counter-notices.ts";
import { noticeOf, parseNotice, text } from "./counter-notice-fields.ts";

const notice = noticeOf(
  "count",
  z.object({
    ...{ kind: z.literal("count"), word: z.enum(COUNT_WORDS), key: text, locationId: text },
    ...{ of: z.enum(["available", "on_hand"]), counted: z.int(), ours: z.int(), countedAtMs: z.int() },
    ...{ actor: z.string(), source: z.string(), reference: z.nullable(z.string()) },
    ...{ decidedBy: z.nullable(z.string()), note: z.nullable(z.string()), atMs: z.int() },
  }),
);

export const parseCountNotice = (body: unknown) => parseNotice<CountNotice>(notice, body);
