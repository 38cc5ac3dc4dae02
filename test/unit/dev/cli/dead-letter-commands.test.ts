import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sayCommand } from "../../../support/cli/say-command.ts";

const LETTER = {
  ...{ id: "dl_01", status: "waiting", version: 3, origin: "queue/onhand-events", topic: "orders/create" },
  ...{ shop: "a.myshopify.com", correlationId: "cause", subject: "variant 9", deaths: 2, replays: 1, truncated: false },
  ...{ code: "unknown_variant", error: "not in the catalogue", createdAt: "c", diedAt: "d", replayDueAt: null },
  ...{ outlinedAt: null, payload: { v: 1, name: "mended" }, original: { v: 1, name: "died" } },
  errors: [{ code: "unknown_variant", message: "not in the catalogue", attempt: 1, at: "e" }],
  trail: [
    { what: "edited", at: "t2", actor: "admin/anna", detail: "1 field" },
    { what: "died", at: "t1", actor: null, detail: "unknown_variant", times: 2 },
  ],
};
const job = (given: object = {}) => ({
  ...{ id: "dlj_01", name: "mended", action: "replay", status: "done", actor: "admin", createdAt: "now", total: 3 },
  ...{ waiting: 0, sent: 0, replayed: 3, diedAgain: 0, failed: 0, skipped: 0, discarded: 0, cancelled: 0 },
  ...given,
});
const say = (words: string, flags: Record<string, unknown>, ...answers: unknown[]) =>
  sayCommand(words.split(" "), flags, (n) => answers[n] ?? answers.at(-1));

describe("onhand dead-letters", () => {
  it("lists by every filter, and says what each letter waits for", async () => {
    const flags = {
      ...{ queue: "onhand-events", topic: "orders/create", code: "a,b", channel: "a.myshopify.com", sku: ["CUP"] },
      ...{ correlation: "cause", from: "2026-11-27T00:00:00Z", text: "wool", status: "discarded" },
    };
    const due = { ...LETTER, id: "dl_02", replayDueAt: "soon" };
    const { calls, text } = await say("dead-letters list", flags, {
      deadLetters: [LETTER, due],
      next: "x",
      waiting: 7,
    });
    expect(calls[0]?.[1]).toBe(
      "/v1/dead-letters?limit=100&status=discarded&queue=onhand-events&topic=orders%2Fcreate&code=a%2Cb" +
        "&channel=a.myshopify.com&sku=CUP&correlationId=cause&from=2026-11-27T00%3A00%3A00Z&text=wool",
    );
    expect(text).toContain("7 waiting in all.");
    expect(text).toMatch(/dl_01 .* you\n/);
    expect(text).toContain("replay at soon");
    expect(text).toContain("and more");
  });

  it("shows one so that a person can read it: errors, trail, payload, original", async () => {
    const { text } = await say("dead-letters show dl_01", {}, LETTER);
    for (const part of [
      "About: variant 9",
      "died 2 times",
      "admin/anna",
      "not in the catalogue",
      '"mended"',
      "As it died:",
    ])
      expect(text).toContain(part);
  });

  it("replays and discards by id", async () => {
    const replayed = await say(
      "dead-letters replay dl_01 dl_02",
      {},
      { id: "dl_01", status: "replayed" },
      { id: "dl_02", status: "waiting" },
    );
    expect(replayed.text).toBe("dl_01 replayed\ndl_02 died again");
    const { calls } = await say("dead-letters discard dl_01", { reason: "a test" }, { id: "dl_01" });
    expect(calls).toEqual([["POST", "/v1/dead-letters/dl_01/discard", { reason: "a test" }]]);
    await expect(say("dead-letters discard dl_01", {}, {})).rejects.toThrow("--reason");
  });

  it("writes a letter to a file and takes the edited file, by the version that it was read in", async () => {
    const dir = mkdtempSync(join(tmpdir(), "onhand-edit-"));
    const file = join(dir, "letter.json");
    try {
      await say("dead-letters edit dl_01", { out: file }, LETTER);
      expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ version: 3, payload: LETTER.payload });
      writeFileSync(file, JSON.stringify({ version: 3, payload: { v: 2 } }));
      const { calls, text } = await say(`dead-letters edit dl_01 ${file}`, {}, { status: "replayed" });
      expect(calls).toEqual([["POST", "/v1/dead-letters/dl_01/edit", { version: 3, payload: { v: 2 } }]]);
      expect(text).toBe("dl_01 edited and replayed");
      writeFileSync(file, "{}");
      await expect(say(`dead-letters edit dl_01 ${file}`, {}, {})).rejects.toThrow('"version"');
      await expect(say("dead-letters edit dl_01", {}, {})).rejects.toThrow("--out FILE");
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it("foresees a job, runs it to its end, and fails when letters did", async () => {
    const groups = [{ origin: "queue/onhand-events", code: "counter_away", letters: 3 }];
    const dry = await say(
      "dead-letters replay-all",
      { "dry-run": true, sku: ["CUP"] },
      { total: 3, notReplayable: 1, groups },
    );
    expect(dry.calls).toEqual([
      ["POST", "/v1/dead-letters/jobs", { action: "replay", filter: { sku: "CUP" }, dryRun: true }],
    ]);
    expect(dry.text).toContain("3 dead letters match. 1 of them must be edited first.");
    const run = await say(
      "dead-letters replay-all",
      { name: "mended" },
      job({ status: "running", replayed: 0, sent: 3 }),
      job(),
    );
    expect([run.text, run.code]).toEqual(["mended: done, 3 letters: 3 replayed", 0]);
    const failed = await say("dead-letters replay-all", { name: "mended" }, job({ replayed: 2, failed: 1 }));
    expect(failed.code).toBe(1);
    await expect(say("dead-letters replay-all", {}, {})).rejects.toThrow("--name");
    await expect(say("dead-letters discard-all", { name: "x" }, {})).rejects.toThrow("--reason");
  });

  it("shows jobs, and of one the letters that failed; and cancels it", async () => {
    expect((await say("dead-letters jobs", {}, { jobs: [job()] })).text).toContain("mended: done");
    const item = { deadLetter: "dl_09", state: "failed", detail: "its payload was cut" };
    const one = await say(
      "dead-letters jobs mended",
      {},
      job(),
      { items: [item], next: null },
      { items: [], next: null },
    );
    expect(one.text).toContain("its payload was cut");
    const { calls, text } = await say(
      "dead-letters cancel mended",
      {},
      job({ status: "cancelled", cancelled: 2, replayed: 1 }),
    );
    expect(calls).toEqual([["POST", "/v1/dead-letters/jobs/mended/cancel"]]);
    expect(text).toBe("mended: cancelled, 3 letters: 1 replayed, 2 cancelled");
  });

  it("shows who did what", async () => {
    const entry = {
      at: "t",
      actor: "admin/anna",
      action: "dead_letter.edited",
      subject: "dl_01",
      detail: { fields: ["id"] },
    };
    const { calls, text } = await say("audit dl_01", { actor: "admin/anna" }, { entries: [entry] });
    expect(calls[0]?.[1]).toBe("/v1/audit?limit=100&actor=admin%2Fanna&subject=dl_01");
    expect(text).toContain('{"fields":["id"]}');
  });
});
