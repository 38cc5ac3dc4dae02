/**
 * The production values of the merge's windows. The ledger is right with any positive values: a window that is too
 * small costs reads, one that is too large costs time until a doubt ends. `tieMs` and `slackMs` alone must not be
 * smaller than what they stand for (docs/design/replica-merge.md, "Windows").
 */
import type { MergeWindows } from "./state.ts";

export const MERGE_WINDOWS: MergeWindows = {
  /** Shopify's stamps of one level never run backwards in whole seconds, so only equal seconds are unordered. */
  tieMs: 0,
  /** An order is created up to 1.5 s before or after its stock moves; doubled, which also covers the stamp's second. */
  slackMs: 3_000,
  /** The level webhook follows its order within about two seconds; what is still unexplained after this was lost. */
  graceMs: 5_000,
  /** An explained order is probably right: the next level change of that item usually proves it, at no cost, before. */
  verifyMs: 60_000,
  /** One second of resolution and a half, so that the read falls after the second in which the stamps were tied. */
  settleMs: 1_500,
  /** A flash sale doubts all the time; one read of an item in two seconds is what the read budget bears. */
  minReadMs: 2_000,
  /** Duplicates of webhooks come within minutes; later ones are covered by newer evidence, or cost one read. */
  hintTtlMs: 600_000,
  /** An order webhook later than this after its level change is rare, and then costs one read. */
  spareTtlMs: 120_000,
  /** Shopify's own advice for a refused call is to start at a second or two. */
  failBackoffMs: 2_000,
  /** A row that goes on failing is parked by its gate; this only bounds the noise until somebody looks. */
  failBackoffMsMax: 60_000,
  /** The gate gives a read up after 25 s: this is that and the way back. Nothing is pushed meanwhile. */
  readTimeoutMs: 30_000,
  /** A push is answered in a second or two; what takes longer is held by a catch of the gate, or Shopify is away. */
  recallMs: 5_000,
  /** The gate gives back at once what it holds; asking again only serves a catch that closed meanwhile. */
  recallEveryMs: 60_000,
  /** Stock that sells under a percentage or a cap gives units back with every sale: then once in this, all together. */
  releaseEveryMs: 5_000,
};
