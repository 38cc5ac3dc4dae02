/** What the commands of reconciliation ask of the API, and how they say its answer. */
import { describe, expect, it } from "vitest";
import { sayCommand } from "../../../support/cli/say-command.ts";

const say = (words: string, flags: Record<string, unknown>, answers: readonly unknown[]) =>
  sayCommand(words.split(" "), flags, (n) => answers[n]);

const finding = {
  ...{ id: "1-2", cause: "missed_webhook", remedy: "read", sku: "CUP", shopLocationId: "2", expected: 5, found: 9 },
  ...{ difference: 4, detail: null, healed: true, overwritten: null },
};
const run = {
  ...{
    id: "rec_1",
    shop: "a.myshopify.com",
    scope: { skus: ["CUP"] },
    dryRun: false,
    trigger: "demand",
    status: "done",
  },
  ...{ phase: null, counts: { levels: 2, mismatches: 1, healed: 1 }, mismatchRate: 0.5, notes: [], createdAt: "now" },
  ...{ findings: [finding], nextFinding: null },
};

describe("onhand reconcile", () => {
  it("asks for what changed, or for the SKUs that are named, waits for the end, and shows every page of findings", async () => {
    const second = { ...run, findings: [{ ...finding, id: "1-3", cause: "unexplained", healed: false }] };
    const answers = [{ runs: [run] }, { ...run, nextFinding: "1-2" }, second];
    const { calls, text, code } = await say("reconcile", { sku: ["CUP"], "dry-run": true }, answers);
    expect(calls).toEqual([
      ["POST", "/v1/reconciliations", { scope: { skus: ["CUP"] }, dryRun: true }],
      ["GET", "/v1/reconciliations/rec_1?limit=200"],
      ["GET", "/v1/reconciliations/rec_1?limit=200&after=1-2"],
    ]);
    expect([text.includes("50.00 %"), text.includes("missed_webhook"), text.includes("to mend: read")]).toEqual([
      ...[true, true, true],
    ]);
    expect(code).toBe(0);
    const changed = await say("reconcile", { shop: "b.myshopify.com" }, [{ runs: [] }]);
    expect(changed.calls[0]?.[2]).toEqual({ scope: { shop: "b.myshopify.com", skus: "changed" }, dryRun: false });
  });

  it("ends with 1 when the run failed", async () => {
    const failed = { ...run, status: "failed", notes: ["levels: ACCESS_DENIED"] };
    const { text, code } = await say("reconcile", { all: true }, [{ runs: [failed] }, failed]);
    expect([code, text.includes("note: levels: ACCESS_DENIED")]).toEqual([1, true]);
  });

  it("does not take --all and --sku at once, nor overwrites without a reason", async () => {
    await expect(say("reconcile", { all: true, sku: ["CUP"] }, [])).rejects.toThrow("say one of them");
    await expect(say("reconcile overwrite rec_1 1-2", {}, [])).rejects.toThrow("--reason");
  });

  it("approves an overwriting with the reason that was given", async () => {
    const { calls } = await say("reconcile overwrite rec_1 1-2", { reason: "typing error" }, [finding]);
    const path = "/v1/reconciliations/rec_1/findings/1-2/overwrite";
    expect(calls).toEqual([["POST", path, { approve: true, reason: "typing error" }]]);
  });
});
