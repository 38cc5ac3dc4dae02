/** Promises of the shipped code, each broken on purpose. Every one of them must be noticed. */
import type { Mutant } from "../replica/mutant-list.ts";

const COUNTER = "src/domain/counter";
const GATE = "src/domain/shop-gate";
const OBJECT = "durable-objects";

/** Each key counts once; what is written is written whole. */
const ONCE: readonly Mutant[] = [
  {
    name: "a movement's key is not looked up",
    file: `${COUNTER}/decide-movement.ts`,
    find: "if (known !== null) {",
    put: "if (known !== null && known.movement.seq < 0) {",
  },
  {
    name: "movements are booked under keys of their own",
    file: `${OBJECT}/sku-counter-movements.ts`,
    find: "...[seq, key, kind,",
    put: "...[seq, key + seq, kind,",
  },
  {
    name: "a shipment that comes twice counts twice",
    file: `${COUNTER}/decide-shipped.ts`,
    find: 'else if (seen.has(key) || find(key) !== null) outcomes.set(i, { kind: "known" });',
    put: "",
  },
  {
    name: "what belongs together is not one transaction",
    file: `${OBJECT}/counter-memory.ts`,
    find: `const timers = storage.transactionSync(() => {
      writeCounterState`,
    put: `const timers = (<T,>(closure: () => T): T => closure())(() => {
      writeCounterState`,
  },
  {
    name: "orders are booked, and their level is, too",
    file: "src/domain/replica/take-hint.ts",
    find: "left: unexplained(draft, event),",
    put: "left: event.quantity,",
  },
  {
    name: "an order line's hint moves the ledger",
    file: `${COUNTER}/facts.ts`,
    find: "draft.hints.add(event.id);",
    put: 'draft.hints.add(event.id);\n  if (event.locationId !== null) draft.events.push({ kind: "own", locationId: event.locationId, delta: event.quantity });',
  },
  {
    name: "hints are not stored",
    file: `${OBJECT}/sku-counter-rows.ts`,
    find: "if (before?.get(id) === hint) continue;\n    const row",
    put: "if (before?.get(id) !== null) continue;\n    const row",
  },
];

/** Takes, holds, leases, versions, counts. */
const PROMISES: readonly Mutant[] = [
  {
    name: "a guarded take is not guarded",
    file: `${COUNTER}/decide-movement.ts`,
    find: "(request.allowNegative ? anyway(take, standings) : null)",
    put: "anyway(take, standings)",
  },
  {
    name: "one location may make up what another is short of",
    file: `${COUNTER}/allocate.ts`,
    find: "const floor = standings.reduce((sum, standing) => sum + standing.floor, 0);",
    put: "const floor = standings.reduce((sum, standing) => sum + Math.max(0, standing.floor), 0);",
  },
  {
    name: "an old fencing token is good enough",
    file: `${COUNTER}/guard.ts`,
    find: "if (expected.lease !== undefined && heldBy(leases, expected.lease, nowMs) === null) {",
    put: "if (expected.lease !== undefined && expected.lease.token > leases.fence) {",
  },
  {
    name: "somebody else's lease keeps nobody out",
    file: `${COUNTER}/guard.ts`,
    find: 'if (held !== null) return { kind: "locked", untilMs: held.expiresAtMs };',
    put: "",
  },
  {
    name: "a lease is given while another is held",
    file: `${COUNTER}/lease.ts`,
    find: 'if (held !== null) return { state, outcome: { kind: "locked", untilMs: held.expiresAtMs } };',
    put: "",
  },
  {
    name: "fencing tokens do not rise",
    file: `${COUNTER}/lease.ts`,
    find: "token: state.fence + 1,",
    put: "token: Math.max(1, state.fence),",
  },
  {
    name: "a write on an old version goes through",
    file: `${COUNTER}/guard.ts`,
    find: "if (expected.version !== undefined && expected.version !== version)",
    put: "if (expected.version !== undefined && version !== null && expected.version > version)",
  },
  {
    name: "expired holds go on being held",
    file: `${COUNTER}/end-hold.ts`,
    find: "if (hold.expiresAtMs <= draft.nowMs) expire(draft, hold);",
    put: "if (hold.expiresAtMs <= draft.nowMs - 120_000) expire(draft, hold);",
  },
  {
    name: "an expired hold gives nothing back",
    file: `${COUNTER}/end-hold.ts`,
    find: 'kind: "expiry", locationId, delta: quantity, channel }',
    put: 'kind: "expiry", locationId, delta: 0, channel }',
  },
  {
    name: "a commit that is told late is dropped",
    file: `${COUNTER}/end-hold.ts`,
    find: 'if (ended === "expired" && end.how === "commit") return commitLate(draft, end, find);',
    put: "",
  },
  {
    name: "what a commit leaves is not released",
    file: `${COUNTER}/end-hold.ts`,
    find: "if (rest > 0) movements.push(",
    put: "if (rest > 1e9) movements.push(",
  },
  {
    name: "a hold takes nothing from what can be sold",
    file: `${COUNTER}/decide-hold.ts`,
    find: 'kind: "hold", locationId: part.locationId, delta: -part.quantity }',
    put: 'kind: "hold", locationId: part.locationId, delta: 0 }',
  },
  {
    name: "holds are not stored",
    file: `${OBJECT}/sku-counter-own-rows.ts`,
    find: 'writeEntries(sql, "holds", "hold_id", before?.holds, after.holds);',
    put: "",
  },
  {
    name: "the alarm is not set for holds",
    file: `${OBJECT}/counter-memory.ts`,
    find: 'timers = setTimer(sql, timers, "holds", nextExpiryMs(counter.holds), nowMs);',
    put: "",
  },
  {
    name: "the version does not rise",
    file: `${COUNTER}/apply-batch.ts`,
    find: "isSaid || differ(before.shown, shown) ? before.version + 1 : before.version",
    put: "isSaid ? before.version + 1 : before.version",
  },
];

/** Between queue, counter, gate and Shopify. */
const DELIVERY: readonly Mutant[] = [
  {
    name: "a message is acknowledged before it is applied",
    file: "src/queues/consume-events.ts",
    find: "if (parsed.ok) readable.push({ message, envelope: parsed.value });",
    put: "if (parsed.ok) {\n      message.ack();\n      readable.push({ message, envelope: parsed.value });\n    }",
  },
  {
    name: "what should be tried again is acknowledged",
    file: "src/queues/settle.ts",
    find: "message.retry({ delaySeconds });",
    put: "message.ack();",
  },
  {
    name: "a line without an answer counts as done",
    file: "src/services/take-in-events.ts",
    find: 'return { kind: "retry", reason: answer.reason, code: answer.code };',
    put: "continue;",
  },
  {
    name: "a dead letter is acknowledged and not kept",
    file: "src/queues/settle.ts",
    find: "if (await deps.deadLetter(words)) {",
    put: "if (words !== null) {",
  },
  {
    name: "the outbox forgets what was not heard of",
    file: `${COUNTER}/outbox.ts`,
    find: "const isLate = entry !== undefined && entry.againMs <= nowMs;",
    put: "const isLate = entry === null;",
  },
  {
    name: "a push that is asked for again goes out under a key of its own",
    file: `${OBJECT}/sku-counter-work.ts`,
    find: "        pushKey,\n        skuId",
    put: "        pushKey: (pushKey + nowMs) as typeof pushKey,\n        skuId",
  },
  {
    name: "a timeout is taken for a refusal: the push goes again under a new key",
    file: `${GATE}/after-attempt.ts`,
    find: 'return frozen(call, verdict, nowMs, random, verdict.retryAfterSeconds);\n    case "rate_limited":',
    put: 'return released(call, nowMs, random, { pauses: false, code: verdict.code });\n    case "rate_limited":',
  },
  {
    name: "a tainted call that is refused goes again under a new key",
    file: `${GATE}/after-attempt.ts`,
    find: "if (call.isTainted) return frozen(call, verdict, nowMs, random, verdict.retryAfterSeconds);",
    put: "",
  },
  {
    name: "a new life of the gate forgets what was under way",
    file: `${OBJECT}/shop-gate-journal.ts`,
    find: "UPDATE call SET state = 'frozen', is_tainted = 1, next_try_ms = ?1, code = 'CUT_OFF'",
    put: "UPDATE call SET state = 'frozen', is_tainted = 0, next_try_ms = ?1, code = 'CUT_OFF'",
  },
  {
    name: "an attempt that was cut off is never tried again",
    file: `${OBJECT}/shop-gate-journal.ts`,
    find: "is_tainted = 1, next_try_ms = ?1, code = 'CUT_OFF'\n         WHERE state = 'sending' AND",
    put: "is_tainted = 1, next_try_ms = ?1, code = 'CUT_OFF'\n         WHERE state = 'never' AND",
  },
  {
    name: "a gate wakes for a late read whose answer is on its way",
    file: "src/services/shop-gate/read-desk.ts",
    find: "if (this.#inFlight.has(readKey)) continue; // its reply is seconds away, and wakes us",
    put: "nextMs = dueMs;\n      if (this.#inFlight.has(readKey)) continue;",
  },
  {
    name: "a read is stamped by the time of its answer",
    file: "src/domain/replica/read-end.ts",
    find: "const { atMs } = told;",
    put: "const atMs = nowMs;",
  },
  {
    name: "a shop is owed its own sales, too",
    file: "src/domain/replica/truth.ts",
    find: "targets.set(locationId, available - level.effective + (anticipated.get(locationId) ?? 0));",
    put: "targets.set(locationId, available);",
  },
  {
    name: "an old snapshot is as good as a new one",
    file: "src/domain/replica/evaluate-level.ts",
    find: ".filter((snapshot) => snapshot.atMs >= level.atMs - tieMs)",
    put: "",
  },
  {
    name: "the mirror is written without a look at the version",
    file: "src/store/redis-scripts.ts",
    find: "if version < stored then return {0, stored} end",
    put: "if version < -1 then return {0, stored} end",
  },
  {
    name: "the mirror is told before the counter has answered for good",
    file: `${OBJECT}/counter-desk.ts`,
    find: "const view = viewOf(result.state, nowMs);\n    if (mirrors",
    put: "const view = { ...viewOf(result.state, nowMs), version: result.state.version + 1 };\n    if (mirrors",
  },
];

export const WHOLE_MUTANTS: readonly Mutant[] = [...ONCE, ...PROMISES, ...DELIVERY];
