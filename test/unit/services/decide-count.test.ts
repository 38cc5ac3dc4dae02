/** A person's word on a count whose answer got lost, or that somebody else decided a moment before. */
import { beforeEach, describe, expect, it } from "vitest";
import type { CountOutcome } from "../../../src/domain/counter/count.ts";
import type { Movement } from "../../../src/domain/counter/movement.ts";
import { fromStore } from "../../../src/domain/ids.ts";
import type { CountFinding } from "../../../src/services/count-findings.ts";
import { decideCount } from "../../../src/services/decide-count.ts";
import { d1AuditLog } from "../../../src/store/d1-audit-log.ts";
import { SqliteD1 } from "../../support/d1/sqlite-d1.ts";

const HELD = {
  ...{ id: "cf_1", skuId: "sku_1", sku: "CUP", key: "channel/wms/count/c1/1", kind: "approval", state: "held" },
  ...{ counted: 50, ours: 100 },
} as unknown as CountFinding;

/** What the counter knows of it by its movement, once it has been decided. */
const known = (reason: string): CountOutcome => ({
  kind: "counted_already",
  movement: { delta: -50, cause: { reason } } as unknown as Movement,
});
const booked: CountOutcome = { kind: "counted", movement: { delta: -50 } as unknown as Movement };

const WAITING = { kind: "decided", state: "waiting", delta: null };

let d1: SqliteD1;
let outcomes: CountOutcome[];
let isAuditAway: boolean;
beforeEach(() => {
  [d1, outcomes, isAuditAway] = [new SqliteD1(), [], false];
});

function decide(isApproved: boolean) {
  const audit = d1AuditLog(d1.db);
  const reply = { kind: "applied", outcomes: [outcomes.shift()], hasChanged: false };
  return decideCount(
    { id: "cf_1", isApproved, reason: "recounted", actor: "admin/eve", correlationId: fromStore("c") },
    {
      findings: { get: async () => HELD },
      counters: { of: () => ({ apply: async () => reply }) } as never,
      audit: {
        append: (entry) => (isAuditAway ? Promise.reject(new Error("D1 is away")) : audit.append(entry)),
        list: (filter) => audit.list(filter),
      },
      mirror: () => {},
    },
    1_000,
  );
}

const noted = async (): Promise<readonly string[]> =>
  (await d1AuditLog(d1.db).list({ limit: 10 })).entries.map(({ action }) => action);

describe("a count that was approved", () => {
  it("while the audit log was away is in it once the same is asked again, and once only", async () => {
    outcomes = [booked, known("recount (approved by admin/eve)"), known("recount (approved by admin/eve)")];
    isAuditAway = true;
    await expect(decide(true)).rejects.toThrow("D1 is away");
    isAuditAway = false;
    expect(await decide(true)).toEqual({ kind: "decided", state: "decided", delta: -50 });
    expect(await decide(true)).toMatchObject({ kind: "decided" });
    expect(await noted()).toEqual(["count.approved"]);
  });

  it("and waits for Shopify's committed units cannot be rejected any more, and is in the log once", async () => {
    outcomes = [{ kind: "count_waits" }, { kind: "count_waits" }, { kind: "count_waits" }];
    expect([await decide(true), await decide(true)]).toEqual(Array(2).fill(WAITING));
    expect(await decide(false)).toEqual({ kind: "conflict", state: "booked" });
    expect(await noted()).toEqual(["count.approved"]);
  });

  it("cannot be rejected any more, although its news have not been stored yet", async () => {
    outcomes = [known("recount (approved by admin/adam)")];
    expect(await decide(false)).toEqual({ kind: "conflict", state: "booked" });
    expect(await noted()).toEqual([]);
  });
});

it("does not approve what was rejected, or what a later count has settled", async () => {
  outcomes = [known("recount (rejected: (approved by nobody) who knows)"), known("recount (a later count is booked)")];
  expect(await decide(true)).toEqual({ kind: "conflict", state: "rejected" });
  expect(await decide(true)).toEqual({ kind: "conflict", state: "superseded" });
});
