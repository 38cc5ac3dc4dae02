/** What the CSV commands send, and what they make of the answers. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProblem, type OnhandClient } from "../../../../dev/cli/client.ts";
import { findCommand } from "../../../../dev/cli/commands.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "onhand-csv-"));
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

type Sent = { readonly path: string; readonly rows: number };

/** @param answers  one per request; the last one again and again */
async function say(words: string, answers: readonly unknown[], flags: object = {}) {
  const sent: Sent[] = [];
  const next = () => {
    const answer = answers[Math.min(sent.length, answers.length) - 1];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const client: OnhandClient = {
    url: "https://onhand.test",
    call: () => Promise.reject(new Error("asks nothing else")),
    async send<Answer>(path: string, text: string) {
      sent.push({ path: path.replace("/v1/inventory/import", ""), rows: text.trimEnd().split("\n").length - 1 });
      return next() as Answer;
    },
    async stream(path) {
      sent.push({ path, rows: 0 });
      return next() as Response;
    },
  };
  const { command, args } = findCommand(words.split(" "));
  const { text, code = 0 } = await command({ client, shop: () => "", flags, args });
  return { text, code, sent };
}
function fileOf(rows: number): string {
  const path = join(folder, "counts.csv");
  const lines = Array.from({ length: rows }, (_, i) => `SKU-${i + 1},11,${i}`);
  writeFileSync(path, `sku,locationId,counted\n${lines.join("\n")}\n`);
  return path;
}
const plan = (given: object = {}) => ({
  ...{ planId: "plan_1", rows: 1, errors: [], changes: [{ sku: "A", outcome: "counted", difference: -2 }] },
  ...given,
});
const run = (given: object = {}) => ({
  ...{ nextLine: null, counted: 1, already: 0, waiting: 0, failed: [] },
  ...given,
});

describe("import-counts", () => {
  it("cuts a long file in parts, and counts none of them before the dry run of all is without fault", async () => {
    const { sent, text, code } = await say(`import-counts ${fileOf(1_200)}`, [plan(), plan(), plan(), run()]);
    expect(sent).toEqual([
      ...[500, 500, 200].map((rows) => ({ path: "?dryRun=true", rows })),
      ...[500, 500, 200].map((rows) => ({ path: "?dryRun=false&planId=plan_1&fromLine=1", rows })),
    ]);
    expect([text, code]).toEqual(["3 counted, 0 counted already, 0 wait for Shopify, 0 failed.", 0]);
  });

  it("goes on where a part stopped, until it is done", async () => {
    const { sent } = await say(`import-counts ${fileOf(2)}`, [plan(), run({ nextLine: 3 }), run()]);
    expect(sent.map(({ path }) => path)).toEqual([
      "?dryRun=true",
      "?dryRun=false&planId=plan_1&fromLine=1",
      "?dryRun=false&planId=plan_1&fromLine=3",
    ]);
  });

  it("counts nothing when a part has a fault, and names its line in the whole file", async () => {
    const bad = plan({ planId: null, errors: [{ line: 4, field: "sku", message: "is not in the catalogue" }] });
    const { sent, text, code } = await say(`import-counts ${fileOf(600)}`, [plan(), bad]);
    expect([sent.length, code]).toEqual([2, 1]);
    expect(text).toMatch(/Nothing was counted: 1 faults.*\n.*\n\s*504\s+sku\s+is not in the catalogue/);
  });

  it("sees a place that is counted in two parts", async () => {
    const path = fileOf(600);
    writeFileSync(path, `${readFileSync(path, "utf8")}SKU-1,11,7\n`);
    const { text } = await say(`import-counts ${path}`, [plan()]);
    expect(text).toMatch(/602\s+sku\s+is counted at this location in line 2 already/);
  });

  it("with --dry-run says what would change, and stops there", async () => {
    const { sent, text } = await say(`import-counts ${fileOf(1)}`, [plan()], { "dry-run": true });
    expect([sent.length, text]).toEqual([1, "1 rows: 1 differ (0 units more, 2 fewer)."]);
  });

  it("tells rows that an earlier run counted from those that it would count", async () => {
    const already = { sku: "B", outcome: "already", difference: 7 };
    const changes = [...plan().changes, already, { sku: "C", outcome: "waiting", difference: null }];
    const { text } = await say(`import-counts ${fileOf(3)}`, [plan({ changes })], { "dry-run": true });
    expect(text).toBe(
      "3 rows: 1 differ (0 units more, 2 fewer), 1 counted already, 1 known only when Shopify was read.",
    );
  });

  it("asks again while a part of Onhand is away, and gives up on any other problem", async () => {
    const away = new ApiProblem(503, "unavailable", "away", 0);
    expect((await say(`import-counts ${fileOf(1)}`, [away, plan(), away, run()])).sent).toHaveLength(4);
    const gone = new ApiProblem(404, "not_found", "no plan", null);
    await expect(say(`import-counts ${fileOf(1)}`, [plan(), gone])).rejects.toThrow("no plan");
  });
});

describe("export", () => {
  it("follows the links, and writes one header", async () => {
    const page = (text: string, link?: string) =>
      new Response(text, link === undefined ? {} : { headers: { link: `<${link}>; rel="next"` } });
    const out = join(folder, "levels.csv");
    const answers = [page("sku,n\r\nA,1\r\n", "/v1/inventory/export?after=A"), page("sku,n\r\nB,2\r\n")];
    const { sent, text } = await say("export", answers, { out });
    expect(sent.map(({ path }) => path)).toEqual(["/v1/inventory/export", "/v1/inventory/export?after=A"]);
    expect(readFileSync(out, "utf8")).toBe("sku,n\r\nA,1\r\nB,2\r\n");
    expect(text).toBe(`2 rows in ${out}.`);
  });
});
