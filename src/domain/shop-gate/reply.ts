/**
 * One attempt's reply as plain data. The channel makes it from bytes and never judges; the judges of this folder decide
 * what it means and never see a byte. `Data` is what the document asked for, null where the answer lacks it.
 */

/** `extensions.cost`: points. `actual` is null where the query did not run. */
export type QueryCost = {
  readonly requested: number;
  readonly actual: number | null;
  readonly maximum: number;
  readonly available: number;
  readonly restorePerSecond: number;
};

/** A top-level error. `code` is `extensions.code`. */
export type GraphqlError = { readonly code: string | null; readonly message: string };

export type ShopifyReply<Data> =
  /** Nothing came back in time, or the connection broke: the call may have been applied. */
  | { readonly kind: "no_reply"; readonly fault: "network" | "timeout"; readonly message: string }
  /** A 2xx whose body is no JSON object, or too large, or was cut off. */
  | { readonly kind: "unreadable"; readonly status: number; readonly message: string }
  /** Anything but a 2xx. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly retryAfterSeconds: number | null;
      readonly message: string;
    }
  | {
      readonly kind: "graphql";
      readonly data: Data | null;
      readonly errors: readonly GraphqlError[];
      readonly cost: QueryCost | null;
    };

export type AdjustUserError = {
  readonly code: string | null;
  readonly message: string;
  /** First number in the error's `field`: the row it speaks of; null where it names none. */
  readonly row: number | null;
};

export type AdjustChange = {
  readonly name: string;
  readonly item: string | null;
  readonly location: string | null;
  readonly delta: number;
  readonly quantityAfter: number | null;
};

/** `inventoryAdjustQuantities`, or `inventoryMoveQuantities`: the same shape. Ids as digits. */
export type AdjustPayload = {
  readonly group: { readonly createdAtMs: number | null; readonly changes: readonly AdjustChange[] } | null;
  readonly userErrors: readonly AdjustUserError[];
};

/** One level as Shopify told it. `atMs` is the stamp of `available` (B6). */
export type LevelAnswer = {
  readonly location: string;
  readonly available: number;
  readonly committed: number | null;
  readonly atMs: number;
};

/** Per item that was asked for: its levels, or null where it could not be read. A level not stocked is left out. */
export type LevelsPayload = ReadonlyMap<string, readonly LevelAnswer[] | null>;

export const costOf = (reply: ShopifyReply<unknown>): QueryCost | null =>
  reply.kind === "graphql" ? reply.cost : null;
