/** What the shapes of many answers are made of. Answers are strict: a field that is not named here is not sent. */
import * as z from "zod/mini";

/** ISO 8601, UTC, milliseconds. */
export const timeReply = z.iso.datetime();
export const timeOrNull = z.nullable(timeReply);
export const units = z.int();
export const textOrNull = z.nullable(z.string());
/** Of a list: what the next page is asked with; null: this was the last page. */
export const nextPage = textOrNull;
/** Of a call of ours: null: no answer was heard; of e-mail there is no status. */
export const heardReply = {
  status: z.nullable(z.int()),
  reply: textOrNull.check(z.describe("The beginning of what the receiver said; secrets are masked.")),
  ms: z.int().check(z.describe("How long the call took; 0: nobody was called.")),
};
export const dryRunMark = { dryRun: z.optional(z.literal(true)) };
