/** What a shop's gate tells a trace about a push: when it came, was sent and was answered. */
import type { CallKey, CorrelationId, ListingId, PushKey, ShopLocationId, SkuId } from "../ids.ts";
import type { PushKind } from "../shop-gate/push.ts";

export type PushTraceQuery = {
  readonly correlationId: CorrelationId;
  /** A push carries all that its SKU owes at the time, whatever the cause: the first one after a change has that, too. */
  readonly skuIds: readonly SkuId[];
  /** Of those pushes: submitted at or after, and before (epoch ms). */
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
};

export type PushTrace = {
  readonly pushKey: PushKey;
  readonly skuId: SkuId;
  readonly listingId: ListingId;
  /** Of whatever made its SKU dirty first. */
  readonly correlationId: CorrelationId;
  readonly kind: PushKind;
  readonly rows: readonly { readonly location: ShopLocationId; readonly delta: number }[];
  readonly state: "queued" | "sending" | "done" | "failed" | "expired";
  /** Calls that it has been in. */
  readonly tries: number;
  readonly submittedAtMs: number;
  readonly firstSentAtMs: number | null;
  /** Of the last call that carried it: what Shopify's inventory history shows. */
  readonly callKey: CallKey | null;
  /** Attempts of the call that carries it now; null where none does. */
  readonly attempts: number | null;
  /** Why the last call that carried it brought no result: THROTTLED, a timeout … */
  readonly lastCode: string | null;
  readonly settledAtMs: number | null;
  readonly answer: /** `shopifyAtMs`: Shopify's own stamp (epoch ms); null where it told none. */
    | { readonly kind: "applied"; readonly shopifyAtMs: number | null }
    | { readonly kind: "failed"; readonly code: string }
    | null;
};
