/** Everything that a shop's gate may touch: its journal, Shopify, the counters, the clock. A test implements it. */

import type { BreakerChange } from "../../domain/breaker/news.ts";
import type {
  CallKey,
  InventoryItemId,
  PushKey,
  ReadKey,
  ShopDomain,
  ShopLocationId,
  SkuId,
} from "../../domain/ids.ts";
import type { CallStep, OpenCall } from "../../domain/shop-gate/after-attempt.ts";
import type { GateMemory } from "../../domain/shop-gate/gate-memory.ts";
import type { Lane, LanesDue } from "../../domain/shop-gate/lane.ts";
import type { WaitingPush } from "../../domain/shop-gate/pack.ts";
import type { PushKind, Row } from "../../domain/shop-gate/push.ts";
import type { AdjustPayload, LevelsPayload, ShopifyReply } from "../../domain/shop-gate/reply.ts";
import type { Token, TokenReply } from "../../domain/shop-gate/token.ts";
import type { Meter } from "../../domain/telemetry/meter.ts";
import type { Log } from "../../observability/log.ts";
import type {
  GatePush,
  GateRead,
  GateSettings,
  PushResult,
  PushState,
  ReadResult,
  SubmitReply,
} from "../gate-contract.ts";

export type StoredPush = GatePush & {
  readonly kind: PushKind;
  readonly state: PushState;
  readonly submittedAtMs: number;
  readonly callKey: CallKey | null;
  readonly isApproved: boolean;
};

export type StoredCall = OpenCall & {
  readonly kind: PushKind;
  /** Exactly what is sent, attempt after attempt: JSON. */
  readonly variables: string;
  readonly nextTryMs: number;
  /** Nothing more may be sent under its key. */
  readonly isStuck: boolean;
  /** Of the last attempt that brought no result. */
  readonly code: string | null;
  readonly message: string | null;
};

/** A frozen call, without its pushes. */
export type FrozenCall = Pick<StoredCall, "callKey" | "firstAtMs" | "isTainted" | "nextTryMs" | "isStuck">;

export type StoredRead = GateRead & { readonly submittedAtMs: number };

/** A push on its way in. `refusal`: its rows can never be sent, and it fails where it stands. */
export type SubmittedPush = { readonly push: GatePush; readonly refusal: PushResult | null };

/** What may leave the queue now. */
export type QueueFilter = { readonly deltaMax: number; readonly nowMs: number; readonly limit: number };

export type JournalCounts = {
  readonly queued: number;
  readonly sending: number;
  readonly frozen: number;
  readonly expired: number;
  readonly unreported: number;
};

/** The call journal. Synchronous; every method is one transaction, durable before anything leaves the object. */
export interface Journal {
  /** Insert what is new; a known push is left as it is, and reported once more if it is settled. */
  submit(pushes: readonly SubmittedPush[], reads: readonly GateRead[], nowMs: number): SubmitReply["pushes"];
  /** In which lanes pushes may go now. */
  lanesDue(filter: Omit<QueueFilter, "limit">): LanesDue;
  /** Pushes that may go now, lane by lane in the order given, in each the longest waiting first. */
  waiting(filter: QueueFilter, order: readonly Lane[]): readonly WaitingPush[];
  /** When the first queued push within the operator's limit is due; null if there is none. */
  nextDueMs(deltaMax: number): number | null;
  /** Rule 4: the call with its variables, its first attempt, and its pushes `sending`. */
  startCall(
    call: {
      readonly callKey: CallKey;
      readonly kind: PushKind;
      readonly variables: string;
      readonly pushKeys: readonly PushKey[];
    },
    nowMs: number,
  ): void;
  /** Rule 4: one more attempt of a frozen call. */
  startAttempt(callKey: CallKey): void;
  call(callKey: CallKey): StoredCall | null;
  /** Tainted calls, in flight or not, the oldest first. */
  frozenCalls(): readonly FrozenCall[];
  settleCall(callKey: CallKey, step: CallStep, memory: GateMemory, nowMs: number): void;
  /** An attempt whose reply nobody is waiting for any more taints its call: all of them in a new life, or just one. */
  taintOpenAttempts(nowMs: number, callKey: CallKey | null): number;
  /** Shopify answers again: frozen calls need not sit out their pauses. */
  hastenFrozen(nowMs: number): void;
  expireCall(callKey: CallKey, memory: GateMemory): void;

  push(pushKey: PushKey): StoredPush | null;
  /** What is queued, sending or expired, the oldest first. */
  openPushes(limit: number): readonly StoredPush[];
  approve(pushKey: PushKey): void;
  /** Settle a push outside a call's own outcome: an operator's decision. */
  settlePush(result: PushResult, nowMs: number): void;

  unreported(limit: number): readonly { readonly skuId: SkuId; readonly result: PushResult }[];
  acknowledge(pushKeys: readonly PushKey[]): void;

  reads(): readonly StoredRead[];
  forgetReads(readKeys: readonly ReadKey[]): void;

  counts(): JournalCounts;
  /** @returns when the next tombstone is due, null if there is none */
  prune(nowMs: number): number | null;

  memory(): Partial<GateMemory> | null;
  saveMemory(memory: GateMemory): void;
  settings(): Partial<GateSettings> | null;
  saveSettings(settings: GateSettings): void;
  token(): Token | null;
  saveToken(token: Token | null): void;
}

/**
 * Shopify, for one shop; or whoever else keeps its stock as a replica (a till), answering in the same words. Never throws for
 * an answer, nor for the lack of one.
 */
export interface ShopifyPort {
  /** Rows that one call takes; left out: as many as Shopify's. */
  readonly rowsMax?: number;
  /** What an id of an item or a place looks like; left out: digits, as Shopify's. */
  isId?(text: string): boolean;
  /** Of an app made before 2026: never renewed. Null: tokens come from `grantToken`. */
  readonly fixedToken: string | null;
  grantToken(): Promise<TokenReply>;
  /** Look the credentials up again, where they can change; what is known stays if nobody can say. Never rejects. */
  lookAgain?(): Promise<void>;
  /** The exact variables of one call: JSON. */
  adjustVariables(callKey: CallKey, rows: readonly Row[]): string;
  adjust(accessToken: string, variables: string): Promise<ShopifyReply<AdjustPayload>>;
  moveVariables(callKey: CallKey, rows: readonly Row[]): string;
  move(accessToken: string, variables: string): Promise<ShopifyReply<AdjustPayload>>;
  levels(
    accessToken: string,
    items: readonly InventoryItemId[],
    locations: readonly ShopLocationId[],
  ): Promise<ShopifyReply<LevelsPayload>>;
  graphql(
    accessToken: string,
    document: string,
    variables: Readonly<Record<string, unknown>>,
  ): Promise<ShopifyReply<unknown>>;
  /** The least query there is: answered, Shopify is back. */
  probe(accessToken: string): Promise<ShopifyReply<unknown>>;
  /** How the merchant's inventory history names the call. */
  referenceDocumentUri(callKey: CallKey): string;
}

export interface ResultsPort {
  /** Rejects, in bounded time, unless the counter has acknowledged. */
  report(skuId: SkuId, pushes: readonly PushResult[], reads: readonly ReadResult[]): Promise<void>;
}

/** Who hears of the breaker. */
export interface BreakerPort {
  /** Once per change, in the life that made it: for log and numbers. */
  changed(change: BreakerChange): void;
  /** To the queue, in order. Rejects unless it has them. */
  announce(changes: readonly BreakerChange[]): Promise<void>;
}

export interface GateDeps {
  readonly shop: ShopDomain;
  readonly breaker: BreakerPort;
  readonly journal: Journal;
  readonly shopify: ShopifyPort;
  readonly results: ResultsPort;
  readonly log: Log;
  readonly meter: Meter;
  now(): number;
  random(): number;
  mintCallKey(): CallKey;
  /**
   * Wake the gate (`kick`) at `wakeAtMs`, if it is not null, even if this life of the object ends before; and if `isBusy`,
   * soon after such an end, because something is under way that its end would cut off.
   */
  schedule(wakeAtMs: number | null, isBusy: boolean): void;
}
