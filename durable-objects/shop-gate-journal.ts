/**
 * The call journal in the object's own SQLite. Every method is one synchronous transaction; the runtime lets no request
 * leave the object before it is durable. Decides nothing: what it is told was decided in domain/shop-gate/.
 */
import {
  type CallKey,
  type CorrelationId,
  fromStore,
  type InventoryItemId,
  type ListingId,
  type PushKey,
  type ReadKey,
  type ShopLocationId,
  type SkuId,
} from "../src/domain/ids.ts";
import type { CallStep } from "../src/domain/shop-gate/after-attempt.ts";
import type { GateMemory } from "../src/domain/shop-gate/gate-memory.ts";
import type { Lane, LanesDue } from "../src/domain/shop-gate/lane.ts";
import { HOT_MS, PRUNE_ROWS_MAX, TOMBSTONE_MS } from "../src/domain/shop-gate/limits.ts";
import type { WaitingPush } from "../src/domain/shop-gate/pack.ts";
import {
  type CallPush,
  isUrgent,
  largestDelta,
  type PushKind,
  type PushOutcome,
  type Row,
  sameRows,
} from "../src/domain/shop-gate/push.ts";
import type { Token } from "../src/domain/shop-gate/token.ts";
import type { GateRead, GateSettings, PushResult, PushState, SubmitReply } from "../src/services/gate-contract.ts";
import type {
  FrozenCall,
  Journal,
  JournalCounts,
  QueueFilter,
  StoredCall,
  StoredPush,
  StoredRead,
  SubmittedPush,
} from "../src/services/shop-gate/gate-deps.ts";
import type { Sql, TableStorage } from "./object-storage.ts";

type PushRow = {
  push_key: string;
  sku_id: string;
  listing_id: string;
  correlation_id: string;
  kind: PushKind;
  rows: string;
  state: PushState;
  call_key: string | null;
  tries: number;
  is_alone: number;
  is_approved: number;
  submitted_ms: number;
  received_ms: number | null;
};

/** As in the column `is_urgent`, which began as yes or no. */
const LANE_NUMBERS: Readonly<Record<Lane, number>> = { urgent: 1, hot: 2, rest: 0 };
type CallRow = {
  call_key: string;
  push_keys: string;
  kind: PushKind;
  variables: string;
  state: "sending" | "frozen" | "stuck" | "expired";
  first_at_ms: number;
  attempts: number;
  is_tainted: number;
  next_try_ms: number;
  code: string | null;
  message: string | null;
};
type ReadRow = {
  read_key: string;
  sku_id: string;
  listing_id: string;
  item: string;
  locations: string;
  submitted_ms: number;
};

/** Tombstones are removed at most this often, unless there are more of them than one turn takes. */
const PRUNE_EVERY_MS = 3_600_000;

export class ShopGateJournal implements Journal {
  readonly #storage: TableStorage;
  readonly #sql: Sql;

  constructor(storage: TableStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
  }

  submit(pushes: readonly SubmittedPush[], reads: readonly GateRead[], nowMs: number): SubmitReply["pushes"] {
    return this.#storage.transactionSync(() => {
      for (const read of reads) this.#insertRead(read, nowMs);
      return pushes.map((each) => ({ pushKey: each.push.pushKey, state: this.#submitOne(each, nowMs) }));
    });
  }

  #submitOne({ push, refusal }: SubmittedPush, nowMs: number): PushState | "conflict" {
    const { pushKey, skuId, listingId, kind = "adjust", rows, correlationId, urgent = false } = push;
    const known = this.push(pushKey);
    if (known !== null) {
      const isSame =
        known.skuId === skuId && known.listingId === listingId && known.kind === kind && sameRows(known.rows, rows);
      if (!isSame) return "conflict";
      // Whoever submits a settled push has not heard of it, whatever was acknowledged: tell again.
      this.#sql.exec("UPDATE push SET reported = 0 WHERE push_key = ? AND reported = 1", pushKey);
      // Its SKU may be oversold only since.
      if (isUrgent({ kind, rows, urgent }))
        this.#sql.exec("UPDATE push SET is_urgent = 1 WHERE push_key = ? AND is_urgent <> 1", pushKey);
      return known.state;
    }
    this.#sql.exec(
      `INSERT INTO push (push_key, sku_id, listing_id, correlation_id, kind, is_urgent, received_ms, rows, largest_delta, state,
         submitted_ms, due_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?)`,
      pushKey,
      skuId,
      listingId,
      correlationId,
      kind,
      LANE_NUMBERS[isUrgent({ kind, rows, urgent }) ? "urgent" : this.#isHot(skuId, listingId, nowMs) ? "hot" : "rest"],
      push.receivedAtMs ?? null,
      JSON.stringify(rows.map(({ item, location, delta }) => [item, location, delta])),
      // What the operator's largest delta is compared with; moves are not (hold.ts). A faulty delta may be no whole number.
      refusal === null && kind === "adjust" ? largestDelta(rows) : 0,
      nowMs,
      nowMs,
    );
    if (refusal === null) return "queued";
    this.#settle(refusal, nowMs);
    return "failed";
  }

  /** Pushed a moment ago: it sells now. */
  #isHot(skuId: SkuId, listingId: ListingId, nowMs: number): boolean {
    const since = this.#sql.exec(
      "SELECT 1 AS found FROM push WHERE sku_id = ? AND submitted_ms > ? AND listing_id = ? LIMIT 1",
      ...[skuId, nowMs - HOT_MS, listingId],
    );
    return since.toArray().length > 0;
  }

  #insertRead({ readKey, skuId, listingId, item, locations }: GateRead, nowMs: number): void {
    this.#sql.exec(
      `INSERT INTO read (read_key, sku_id, listing_id, item, locations, submitted_ms) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
      readKey,
      skuId,
      listingId,
      item,
      JSON.stringify(locations),
      nowMs,
    );
  }

  lanesDue(filter: Omit<QueueFilter, "limit">): LanesDue {
    const has = (lane: Lane): boolean => this.#queued(lane, { ...filter, limit: 1 }).length > 0;
    return { urgent: has("urgent"), hot: has("hot"), rest: has("rest") };
  }

  waiting({ limit, ...filter }: QueueFilter, order: readonly Lane[]): readonly WaitingPush[] {
    const rows: PushRow[] = [];
    for (const lane of order)
      if (rows.length < limit) rows.push(...this.#queued(lane, { ...filter, limit: limit - rows.length }));
    return rows.map((row) => ({ ...callPushOf(row), tries: row.tries + 1, isAlone: row.is_alone === 1 }));
  }

  #queued(lane: Lane, { deltaMax, nowMs, limit }: QueueFilter): readonly PushRow[] {
    return this.#sql
      .exec<PushRow>(
        `SELECT * FROM push WHERE state = 'queued' AND is_urgent = ${LANE_NUMBERS[lane]} AND due_ms <= ?
         AND (is_approved = 1 OR largest_delta <= ?) ORDER BY due_ms LIMIT ?`,
        nowMs,
        deltaMax,
        limit,
      )
      .toArray();
  }

  nextDueMs(deltaMax: number): number | null {
    const first = this.#sql.exec<{ due_ms: number }>(
      `SELECT due_ms FROM push WHERE state = 'queued' AND (is_approved = 1 OR largest_delta <= ?)
       ORDER BY due_ms LIMIT 1`,
      deltaMax,
    );
    return first.toArray()[0]?.due_ms ?? null;
  }

  startCall(
    call: {
      readonly callKey: CallKey;
      readonly kind: PushKind;
      readonly variables: string;
      readonly pushKeys: readonly PushKey[];
    },
    nowMs: number,
  ): void {
    const pushKeys = JSON.stringify(call.pushKeys);
    this.#storage.transactionSync(() => {
      this.#sql.exec(
        `INSERT INTO call (call_key, push_keys, kind, variables, state, first_at_ms, attempts, next_try_ms)
         VALUES (?, ?, ?, ?, 'sending', ?, 1, ?)`,
        call.callKey,
        pushKeys,
        call.kind,
        call.variables,
        nowMs,
        nowMs,
      );
      this.#sql.exec(
        `UPDATE push SET state = 'sending', call_key = ?1, last_call_key = ?1, tries = tries + 1,
           first_sent_ms = COALESCE(first_sent_ms, ?2) WHERE push_key IN (SELECT value FROM json_each(?3))`,
        call.callKey,
        nowMs,
        pushKeys,
      );
    });
  }

  startAttempt(callKey: CallKey): void {
    this.#sql.exec("UPDATE call SET state = 'sending', attempts = attempts + 1 WHERE call_key = ?", callKey);
  }

  call(callKey: CallKey): StoredCall | null {
    const row = this.#sql.exec<CallRow>("SELECT * FROM call WHERE call_key = ?", callKey).toArray()[0];
    if (row === undefined) return null;
    return {
      ...frozenCallOf(row),
      attempts: row.attempts,
      kind: row.kind,
      variables: row.variables,
      code: row.code,
      message: row.message,
      pushes: this.#pushesOf(row.push_keys).map(callPushOf),
    };
  }

  frozenCalls(): readonly FrozenCall[] {
    return this.#sql
      .exec<CallRow>("SELECT * FROM call WHERE is_tainted = 1 AND state <> 'expired' ORDER BY first_at_ms, call_key")
      .toArray()
      .map(frozenCallOf);
  }

  settleCall(callKey: CallKey, step: CallStep, memory: GateMemory, nowMs: number): void {
    this.#storage.transactionSync(() => {
      this.saveMemory(memory);
      switch (step.kind) {
        case "done":
          for (const outcome of step.outcomes) this.#settle(outcome, nowMs);
          this.#deleteCall(callKey);
          break;
        case "released":
          for (const outcome of step.failed) this.#settle(outcome, nowMs);
          for (const { push, isAlone, notBeforeMs } of step.queued) {
            this.#sql.exec(
              `UPDATE push SET state = 'queued', call_key = NULL, is_alone = ?, due_ms = max(submitted_ms, ?), last_code = ?
               WHERE push_key = ?`,
              isAlone ? 1 : 0,
              // What may go at once keeps its place in the queue.
              notBeforeMs > nowMs ? notBeforeMs : 0,
              step.code,
              push.pushKey,
            );
          }
          this.#deleteCall(callKey);
          break;
        case "frozen":
        case "stuck":
          this.#sql.exec(
            "UPDATE call SET state = ?, is_tainted = 1, next_try_ms = ?, code = ?, message = ? WHERE call_key = ?",
            step.kind,
            step.kind === "frozen" ? step.nextTryMs : nowMs,
            step.code,
            step.message,
            callKey,
          );
          break;
      }
    });
  }

  taintOpenAttempts(nowMs: number, callKey: CallKey | null): number {
    return this.#sql
      .exec<{ call_key: string }>(
        `UPDATE call SET state = 'frozen', is_tainted = 1, next_try_ms = ?1, code = 'CUT_OFF'
         WHERE state = 'sending' AND (?2 IS NULL OR call_key = ?2) RETURNING call_key`,
        nowMs,
        callKey,
      )
      .toArray().length;
  }

  hastenFrozen(nowMs: number): void {
    this.#sql.exec("UPDATE call SET next_try_ms = ? WHERE state = 'frozen' AND next_try_ms > ?", nowMs, nowMs);
  }

  expireCall(callKey: CallKey, memory: GateMemory): void {
    this.#storage.transactionSync(() => {
      this.saveMemory(memory);
      this.#sql.exec("UPDATE call SET state = 'expired' WHERE call_key = ?", callKey);
      this.#sql.exec(
        `UPDATE push SET state = 'expired' WHERE state = 'sending' AND push_key IN (
           SELECT value FROM json_each((SELECT push_keys FROM call WHERE call_key = ?)))`,
        callKey,
      );
    });
  }

  push(pushKey: PushKey): StoredPush | null {
    const row = this.#sql.exec<PushRow>("SELECT * FROM push WHERE push_key = ?", pushKey).toArray()[0];
    return row === undefined ? null : storedPushOf(row);
  }

  openPushes(limit: number): readonly StoredPush[] {
    const carried = this.#sql.exec<PushRow>(
      `SELECT push.* FROM call, json_each(call.push_keys) AS k JOIN push ON push.push_key = k.value
       WHERE push.state IN ('sending', 'expired') ORDER BY push.submitted_ms LIMIT ?`,
      limit,
    );
    const queued = this.#sql.exec<PushRow>("SELECT * FROM push WHERE state = 'queued' ORDER BY due_ms LIMIT ?", limit);
    return [...carried.toArray(), ...queued.toArray()].slice(0, limit).map(storedPushOf);
  }

  approve(pushKey: PushKey): void {
    this.#sql.exec("UPDATE push SET is_approved = 1 WHERE push_key = ?", pushKey);
  }

  settlePush(result: PushResult, nowMs: number): void {
    this.#storage.transactionSync(() => {
      const callKey = this.push(result.pushKey)?.callKey ?? null;
      this.#settle(result, nowMs);
      if (callKey === null) return;
      const call = this.#sql.exec<CallRow>("SELECT * FROM call WHERE call_key = ?", callKey).toArray()[0];
      const open = this.#pushesOf(call?.push_keys ?? "[]").filter(
        ({ state }) => state !== "done" && state !== "failed",
      );
      if (open.length === 0) this.#deleteCall(callKey);
    });
  }

  unreported(limit: number): readonly { readonly skuId: SkuId; readonly result: PushResult }[] {
    return this.#sql
      .exec<{ sku_id: string; correlation_id: string; result: string }>(
        "SELECT sku_id, correlation_id, result FROM push WHERE reported = 0 ORDER BY settled_ms LIMIT ?",
        limit,
      )
      .toArray()
      .map(({ sku_id, correlation_id, result }) => {
        const cause = { correlationId: fromStore<CorrelationId>(correlation_id) };
        return { skuId: fromStore<SkuId>(sku_id), result: { ...(JSON.parse(result) as PushResult), ...cause } };
      });
  }

  acknowledge(pushKeys: readonly PushKey[]): void {
    this.#sql.exec(
      "UPDATE push SET reported = 1 WHERE reported = 0 AND push_key IN (SELECT value FROM json_each(?))",
      JSON.stringify(pushKeys),
    );
  }

  reads(): readonly StoredRead[] {
    return this.#sql.exec<ReadRow>("SELECT * FROM read ORDER BY submitted_ms").toArray().map(storedReadOf);
  }

  forgetReads(readKeys: readonly ReadKey[]): void {
    const keys = JSON.stringify(readKeys);
    this.#sql.exec("DELETE FROM read WHERE read_key IN (SELECT value FROM json_each(?))", keys);
  }

  counts(): JournalCounts {
    const count = (query: string): number => this.#sql.exec<{ n: number }>(query).toArray()[0]?.n ?? 0;
    const carried = (state: PushState): number =>
      count(
        `SELECT COUNT(*) AS n FROM call, json_each(call.push_keys) AS k JOIN push ON push.push_key = k.value
         WHERE push.state = '${state}'`,
      );
    return {
      queued: count("SELECT COUNT(*) AS n FROM push WHERE state = 'queued'"),
      sending: carried("sending"),
      frozen: count("SELECT COUNT(*) AS n FROM call WHERE is_tainted = 1 AND state <> 'expired'"),
      expired: carried("expired"),
      unreported: count("SELECT COUNT(*) AS n FROM push WHERE reported = 0"),
    };
  }

  prune(nowMs: number): number | null {
    const removed = this.#sql
      .exec(
        `DELETE FROM push WHERE push_key IN (
           SELECT push_key FROM push WHERE reported = 1 AND settled_ms <= ? ORDER BY settled_ms LIMIT ?)
         RETURNING push_key`,
        nowMs - TOMBSTONE_MS,
        PRUNE_ROWS_MAX,
      )
      .toArray().length;
    if (removed === PRUNE_ROWS_MAX) return nowMs;
    const oldest = this.#sql
      .exec<{ ms: number | null }>("SELECT MIN(settled_ms) AS ms FROM push WHERE reported = 1")
      .toArray()[0]?.ms;
    return oldest == null ? null : Math.max(oldest + TOMBSTONE_MS, nowMs + PRUNE_EVERY_MS);
  }

  memory(): Partial<GateMemory> | null {
    return this.#note<GateMemory>("memory");
  }

  saveMemory(memory: GateMemory): void {
    this.#saveNote("memory", memory);
  }

  settings(): Partial<GateSettings> | null {
    return this.#note<GateSettings>("settings");
  }

  saveSettings(settings: GateSettings): void {
    this.#saveNote("settings", settings);
  }

  token(): Token | null {
    return this.#note<Token>("token");
  }

  saveToken(token: Token | null): void {
    this.#saveNote("token", token);
  }

  #settle(outcome: PushOutcome, nowMs: number): void {
    this.#sql.exec(
      "UPDATE push SET state = ?, call_key = NULL, result = ?, settled_ms = ?, reported = 0 WHERE push_key = ?",
      outcome.kind === "applied" ? "done" : "failed",
      JSON.stringify(outcome),
      nowMs,
      outcome.pushKey,
    );
  }

  #deleteCall(callKey: string): void {
    this.#sql.exec("DELETE FROM call WHERE call_key = ?", callKey);
  }

  /** In the order in which the call carries them: a userError names a row by its number in it. */
  #pushesOf(pushKeys: string): readonly PushRow[] {
    return this.#sql
      .exec<PushRow>(
        "SELECT push.* FROM json_each(?) AS k JOIN push ON push.push_key = k.value ORDER BY k.key",
        pushKeys,
      )
      .toArray();
  }

  #note<Value>(name: string): Value | null {
    const row = this.#sql.exec<{ value: string }>("SELECT value FROM note WHERE name = ?", name).toArray()[0];
    return row === undefined ? null : (JSON.parse(row.value) as Value);
  }

  #saveNote(name: string, value: unknown): void {
    this.#sql.exec(
      "INSERT INTO note (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      name,
      JSON.stringify(value),
    );
  }
}

function rowsOfText(text: string): readonly Row[] {
  const rows = JSON.parse(text) as readonly (readonly [string, string, number])[];
  return rows.map(([item, location, delta]) => ({
    item: fromStore<InventoryItemId>(item),
    location: fromStore<ShopLocationId>(location),
    delta,
  }));
}

const callPushOf = (row: PushRow): CallPush => ({
  pushKey: fromStore<PushKey>(row.push_key),
  listingId: fromStore<ListingId>(row.listing_id),
  kind: row.kind,
  rows: rowsOfText(row.rows),
  receivedAtMs: row.received_ms,
  tries: row.tries,
});

const storedPushOf = (row: PushRow): StoredPush => ({
  pushKey: fromStore<PushKey>(row.push_key),
  skuId: fromStore<SkuId>(row.sku_id),
  listingId: fromStore<ListingId>(row.listing_id),
  correlationId: fromStore<CorrelationId>(row.correlation_id),
  kind: row.kind,
  rows: rowsOfText(row.rows),
  receivedAtMs: row.received_ms,
  state: row.state,
  callKey: row.call_key === null ? null : fromStore<CallKey>(row.call_key),
  isApproved: row.is_approved === 1,
  submittedAtMs: row.submitted_ms,
});

const frozenCallOf = (row: CallRow): FrozenCall => ({
  callKey: fromStore<CallKey>(row.call_key),
  firstAtMs: row.first_at_ms,
  isTainted: row.is_tainted === 1,
  nextTryMs: row.next_try_ms,
  isStuck: row.state === "stuck",
});

const storedReadOf = (row: ReadRow): StoredRead => ({
  readKey: fromStore<ReadKey>(row.read_key),
  skuId: fromStore<SkuId>(row.sku_id),
  listingId: fromStore<ListingId>(row.listing_id),
  item: fromStore<InventoryItemId>(row.item),
  locations: JSON.parse(row.locations) as ShopLocationId[],
  submittedAtMs: row.submitted_ms,
});
