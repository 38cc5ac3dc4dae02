/**
 * What passes between the counters, the sync consumer and a shop's gate (RPC between objects: plain data only).
 * The gate speaks Shopify's ids; a counter translates from and to its own locations.
 * Worker and objects of two versions mix for minutes during a deploy: fields are only ever added, and optional.
 */

import type { BreakerStatus } from "../domain/breaker/status.ts";
import type {
  CallKey,
  CorrelationId,
  InventoryItemId,
  ListingId,
  PushKey,
  ReadKey,
  ShopLocationId,
  SkuId,
} from "../domain/ids.ts";
import type { HoldReason, PauseCause } from "../domain/shop-gate/hold.ts";
import type { PushKind } from "../domain/shop-gate/push.ts";

/** One row of a push: a signed number of units of available at one existing inventory level. */
export type GateRow = {
  readonly item: InventoryItemId;
  readonly location: ShopLocationId;
  readonly delta: number;
};

/** A push as the counter's merge minted it. The same key always carries the same rows. */
export type GatePush = {
  readonly pushKey: PushKey;
  readonly skuId: SkuId;
  readonly listingId: ListingId;
  /** Left out by counters of before buffers: an adjust. */
  readonly kind?: PushKind;
  readonly rows: readonly GateRow[];
  readonly correlationId: CorrelationId;
  /** Its SKU is oversold, and this takes units off sale. Left out by counters of before circuit breakers: it is not. */
  readonly urgent?: boolean;
  /** Receipt of the oldest event that it carries (epoch ms); left out or null: unknown. */
  readonly receivedAtMs?: number | null;
};

/** All levels of one listing, to be read in one query. */
export type GateRead = {
  readonly readKey: ReadKey;
  readonly skuId: SkuId;
  readonly listingId: ListingId;
  readonly item: InventoryItemId;
  readonly locations: readonly ShopLocationId[];
};

export type PushState = "queued" | "sending" | "done" | "failed" | "expired";

export type SubmitRequest = {
  readonly pushes: readonly GatePush[];
  readonly reads: readonly GateRead[];
  /** Pushes that their counters want back in order to read: those that a catch holds are given back (journal rule 15). */
  readonly recalls?: readonly PushKey[];
};

export type SubmitReply = {
  /** One per push, same order. `conflict`: the key is known with other rows (a bug: nothing was stored, an alert is raised). */
  readonly pushes: readonly { readonly pushKey: PushKey; readonly state: PushState | "conflict" }[];
};

/** What became of a push. The gate repeats it until the counter has acknowledged. */
export type PushResult = {
  readonly pushKey: PushKey;
  readonly listingId: ListingId;
  /** As it was submitted; left out by gates of before traces. */
  readonly correlationId?: CorrelationId;
} & (
  | {
      readonly kind: "applied";
      /** Shopify's stamp (epoch ms) of the adjustment group; null where Shopify told none. */
      readonly atMs: number | null;
      /** Level after exactly this push; only from a first attempt, and only where Shopify told it (B2, B4). */
      readonly after: readonly { readonly location: ShopLocationId; readonly quantity: number }[];
    }
  | {
      /** Certainly not applied, and the rows named here would fail again. */
      readonly kind: "failed";
      readonly code: string;
      readonly message: string;
      readonly park: readonly ShopLocationId[];
      /** Read the levels again before anything else: an operator settled this, not Shopify (journal rule 14). */
      readonly readBack?: boolean;
      /** The catch that held it: it was certainly not sent, and its counter wanted it back. Nothing failed. */
      readonly returned?: HoldReason;
    }
);

export type ReadResult = { readonly readKey: ReadKey; readonly listingId: ListingId } & (
  | {
      readonly kind: "answered";
      readonly levels: readonly {
        readonly location: ShopLocationId;
        readonly available: number;
        /** Shopify's own committed; null where the answer lacks it. */
        readonly committed: number | null;
        /** `quantities(names: ["available"]).updatedAt` of this level (B6), epoch ms. */
        readonly atMs: number;
      }[];
    }
  | { readonly kind: "failed"; readonly reason: string }
);

/** What the gate needs of a counter (RPC of the SkuCounter, addressed by its SKU id). */
export interface CounterForGate {
  /** Idempotent: unknown keys and repeats are ignored. */
  gateResults(results: {
    readonly pushes: readonly PushResult[];
    readonly reads: readonly ReadResult[];
  }): Promise<void>;
}

/** A call that is not a push: import, subscriptions, checks. */
export type GraphqlRequest = {
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Points that the caller expects it to ask for. Too low a guess is corrected by the reply. */
  readonly cost: number;
  /** Under this name the gate remembers what Shopify said that it asks for, and believes that instead from then on. */
  readonly costName?: string;
  /** `read` may use nearly the whole bucket when no push waits; `other` always leaves half of it. */
  readonly kind: "read" | "other";
};

/** Shopify's answer to it. */
export type GraphqlReply =
  /** `cost`: points charged; null where Shopify told none. */
  | { readonly kind: "ok"; readonly data: unknown; readonly cost: number | null }
  /** Nothing was sent or nothing was answered; try after `afterMs`. */
  | { readonly kind: "later"; readonly afterMs: number; readonly reason: string }
  /** Refused for good: bad document, missing scope, bad token. */
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

/** An operator's catches, per shop. */
export type GateSettings = {
  /** Everything runs, nothing is sent; the preview shows what would be. Reads and imports go on. */
  readonly readOnly: boolean;
  /** Global stop of this shop: no call at all. */
  readonly stopped: boolean;
  /** Largest |delta| of one row that goes out without approval, in units. */
  readonly deltaMax: number;
  /** Why the shop takes part no more; nobody sets it by hand. */
  readonly paused?: PauseCause | null;
  /** Id of the news that paused it last. */
  readonly pausedBy?: string;
};

export type HeldPush = GatePush & {
  readonly state: PushState;
  readonly reason: HoldReason | "paused" | "pacing" | "frozen" | "expired";
  readonly submittedAtMs: number;
};

/** What an operator's action came to. */
export type OperatorReply =
  | { readonly kind: "done" }
  | { readonly kind: "unknown_push" }
  /** The push is in a state in which this is not allowed. */
  | { readonly kind: "not_allowed"; readonly state: PushState; readonly why: string };

/** What is known of a push whose outcome Shopify never told: for a person to decide on (journal rule 14). */
export type PushEvidence = {
  readonly push: GatePush;
  readonly state: PushState;
  readonly call: {
    readonly callKey: CallKey;
    /** As the merchant's inventory history in Shopify shows it, if the call was applied. */
    readonly referenceDocumentUri: string;
    readonly firstAtMs: number;
    readonly attempts: number;
    readonly code: string | null;
    readonly message: string | null;
  };
  /** Levels as Shopify tells them now; a text says why they could not be read. Evidence alone: never fed to a counter. */
  readonly levels:
    | readonly {
        readonly location: ShopLocationId;
        readonly available: number;
        readonly committed: number | null;
        readonly atMs: number;
      }[]
    | string;
};

export type GateStatus = {
  readonly settings: GateSettings;
  readonly bucket: { readonly available: number; readonly maximum: number; readonly restorePerSecond: number };
  /** Calls (tries) since the gate was made, by outcome; `rateLimited` counts THROTTLED and 429. */
  readonly calls: {
    readonly mutations: number;
    readonly reads: number;
    readonly other: number;
    readonly rateLimited: number;
  };
  readonly rowsSent: number;
  readonly levelsRead: number;
  readonly queued: number;
  readonly sending: number;
  readonly frozen: number;
  readonly expired: number;
  readonly unreported: number;
  readonly readsWaiting: number;
  /** Bugs, and what needs a person: each of them is an alert. */
  readonly alerts: {
    /** Submitted again with other rows. */
    readonly conflicts: number;
    /** Calls that Shopify knows with other variables. */
    readonly mismatches: number;
    /** Calls that ran into rule 14. */
    readonly expiredCalls: number;
  };
  /** Why nothing is sent just now; null when it is. */
  readonly pausedReason: string | null;
  readonly pausedUntilMs: number | null;
  /** Left out by gates of before circuit breakers were told of. */
  readonly breaker?: BreakerStatus;
  /** When Shopify answered again after it had not for a while. */
  readonly outageEndedMs?: number | null;
};
