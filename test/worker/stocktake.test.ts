/** Levels out and counts in as CSV, over HTTP in the real runtime. */
import { env, exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/config.ts";
import { type Answer, adjust, call } from "./support/api.ts";
import { list, stock } from "./support/catalogue.ts";
import { HERE, THERE } from "./support/counters.ts";

const importCsv = (text: string, query: string): Promise<Answer> =>
  call("POST", `/v1/inventory/import?${query}`, text, { "content-type": "text/csv" });
const dryRun = async (text: string) =>
  (await importCsv(text, "dryRun=true")).body as Record<string, unknown> & { planId: string };
const run = (text: string, planId: string, fromLine = 1) =>
  importCsv(text, `dryRun=false&planId=${planId}&fromLine=${fromLine}`);
const availableAt = async (sku: string) => {
  const { body } = await call("GET", `/v1/inventory/${encodeURIComponent(sku)}`);
  return (body["locations"] as { available: number }[]).map(({ available }) => available);
};
const movements = async (sku: string) =>
  (await call("GET", `/v1/inventory/${sku}/movements?kind=count`)).body["movements"] as Record<string, unknown>[];

describe("POST /v1/inventory/import", () => {
  it("says first what each row would change, and changes nothing; then counts, with the file and line as the key", async () => {
    await stock("ST-1", "3301", 10, 4);
    await stock("ST-2", "3302", 7);
    const file = `sku,locationId,counted\r\nST-1,${HERE},8\r\nST-1,${THERE},5\r\nST-2,${HERE},7\r\n`;
    const plan = await dryRun(file);
    expect(plan).toMatchObject({
      ...{ dryRun: true, rows: 3, errors: [] },
      changes: [
        { line: 2, sku: "ST-1", locationId: HERE, counted: 8, outcome: "counted", difference: -2 },
        { line: 3, outcome: "counted", difference: 1 },
        { line: 4, sku: "ST-2", outcome: "counted", difference: 0 },
      ],
    });
    expect(await availableAt("ST-1")).toEqual([10, 4]);
    const done = await run(file, plan.planId);
    expect([done.status, done.body]).toMatchObject([
      200,
      { done: true, nextLine: null, counted: 3, already: 0, failed: [] },
    ]);
    expect([await availableAt("ST-1"), (await availableAt("ST-2"))[0]]).toEqual([[8, 5], 7]);
    const [counted] = await movements("ST-2");
    expect(counted).toMatchObject({ kind: "count", source: "csv", reference: plan.planId, actor: "admin" });
    expect(counted?.["key"]).toMatch(/^csv\/[0-9a-f]{64}\/4$/);
  });

  it("counts nothing twice when a file is given again, from the start or from a line", async () => {
    await stock("ST-3", "3303", 10, 4);
    const file = `sku,locationId,counted\nST-3,${HERE},8\nST-3,${THERE},5\n`;
    const { planId } = await dryRun(file);
    await run(file, planId);
    await adjust("ST-3", { delta: -1, locationId: HERE }); // sold after the count
    expect((await run(file, planId)).body).toMatchObject({ done: true, counted: 0, already: 2 });
    expect((await run(file, planId, 3)).body).toMatchObject({ done: true, counted: 0, already: 1 });
    const again = await dryRun(file);
    expect((again["changes"] as { outcome: string }[]).map(({ outcome }) => outcome)).toEqual(["already", "already"]);
    expect(await availableAt("ST-3")).toEqual([7, 5]);
  });

  it("gives no plan to a file with a fault, and names line and field of each", async () => {
    await stock("ST-4", "3304", 10);
    await list("ST-5", "3305");
    const rows = [`ST-4,${HERE},x`, `ST-NONE,${HERE},1`, "ST-4,99,1", `ST-5,${HERE},1`, `ST-4,${THERE},3`];
    const { planId, errors } = await dryRun(`sku,locationId,counted\n${rows.join("\n")}\n`);
    expect(planId).toBeNull();
    expect(errors).toEqual([
      { line: 2, field: "counted", message: expect.any(String) },
      { line: 3, field: "sku", message: "is not in the catalogue" },
      { line: 4, field: "locationId", message: `it is stocked at: ${HERE}, ${THERE}` },
      { line: 5, field: "sku", message: "its import is under way" },
    ]);
  });

  it("wants a dry run of the very same bytes, within a day", async () => {
    await stock("ST-6", "3306", 10);
    const file = `sku,locationId,counted\nST-6,${HERE},8\n`;
    const { planId } = await dryRun(file);
    expect((await importCsv(file, "dryRun=false")).body).toMatchObject({ status: 400, field: "planId" });
    expect((await run(`${file}ST-6,${THERE},1\n`, planId)).status).toBe(409);
    await env.DB.prepare("UPDATE import_plans SET created_at_ms = ? WHERE id = ?")
      .bind(Date.now() - LIMITS.importPlanMs - 1, planId)
      .run();
    expect((await run(file, planId)).status).toBe(404);
    expect(await availableAt("ST-6")).toEqual([10, 0]);
  });

  it("counts what twenty tills sell meanwhile neither away nor twice", async () => {
    await stock("ST-7", "3307", 1_000);
    const file = `sku,locationId,counted,of\nST-7,${HERE},500,available\n`;
    const { planId } = await dryRun(file);
    const sales = Array.from({ length: 20 }, () => adjust("ST-7", { delta: -1, locationId: HERE }));
    const [counted] = await Promise.all([run(file, planId), ...sales]);
    expect(counted.body).toMatchObject({ counted: 1, failed: [] });
    const [count] = await movements("ST-7");
    const soldAfter = 20 - (1_000 - Number(count?.["before"]));
    expect(await availableAt("ST-7")).toEqual([500 - soldAfter, 0]);
  });

  it("refuses what is no CSV, no UTF-8, or too large", async () => {
    expect((await call("POST", "/v1/inventory/import", "{}")).body).toMatchObject({ field: "Content-Type" });
    const large = "x".repeat(LIMITS.importBytesMax + 1);
    expect((await importCsv(large, "")).body).toMatchObject({ code: "body_too_large" });
    expect(await dryRun("sku;locationId;counted\n")).toMatchObject({
      planId: null,
      errors: [{ line: 1, field: "header" }],
    });
  });
});

describe("GET /v1/inventory/export", () => {
  const exported = async (query = "") => {
    const { TEST_ENV } = await import("./support/test-env.ts");
    const headers = { authorization: `Bearer ${TEST_ENV.ADMIN_TOKEN}` };
    const answer = await exports.default.fetch(`https://onhand.test/v1/inventory/export${query}`, { headers });
    return { answer, lines: (await answer.text()).trimEnd().split("\r\n") };
  };

  it("tells every SKU at every location, guarded and quoted, in order of SKU", async () => {
    await stock("=EX,1", "3311", 3, 2);
    await stock("EX-2", "3312", 1);
    await list("EX-3", "3313");
    const { answer, lines } = await exported("?after=%2BA"); // behind what sorts before
    expect([answer.status, answer.headers.get("content-type"), answer.headers.get("link")]).toEqual([
      200,
      "text/csv; charset=utf-8; header=present",
      null,
    ]);
    expect(lines[0]).toBe(
      "sku,locationId,available,onHand,committed,reserved,damaged,safetyStock,floor,version,asOf,problem",
    );
    expect(lines.filter((line) => line.includes("EX,1"))).toEqual([
      expect.stringMatching(new RegExp(`^"'=EX,1",${HERE},3,3,0,0,0,0,3,1,2\\d{3}-.*Z,$`)),
      expect.stringMatching(new RegExp(`^"'=EX,1",${THERE},2,2,0,0,0,0,2,1,`)),
    ]);
    expect(lines).toContain("EX-3,,,,,,,,,,,importing");
    const skus = lines.slice(1).map((line) => line.replace(/^"?'?/, ""));
    expect(skus.findIndex((sku) => sku.startsWith("=EX"))).toBeLessThan(
      skus.findIndex((sku) => sku.startsWith("EX-2")),
    );
  });

  it("can be counted back in as it is: nothing differs", async () => {
    await stock("RT-1", "3321", 6, 1);
    const { lines } = await exported("?after=RT-0");
    const rows = lines.filter((line) => line.startsWith("RT-1")).map((line) => line.split(",").slice(0, 3).join(","));
    const plan = await dryRun(`sku,locationId,counted\n${rows.join("\n")}\n`);
    expect(plan["changes"]).toMatchObject([{ difference: 0 }, { difference: 0 }]);
  });
});
