/**
 * Shows that the proof can fail: breaks one rule at a time in a copy of the source, and counts the seeds until the
 * simulator notices. What breaks no invariant (it only costs reads, or explains less) must turn a test red instead.
 * Exit code 1 if a mutant survives both.
 *
 *   node test/simulation/replica/mutants.ts [--seeds 8000] [--only "part of a name"]
 */
import { spawn } from "node:child_process";
import { readFile, rm, symlink, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BORDER_MUTANTS, type Mutant, RULE_MUTANTS } from "./mutant-list.ts";
import { plant, ROOT } from "./plant.ts";
import type { Tally } from "./tally.ts";

const COPIED = [
  "src/domain",
  "test/simulation/replica",
  "test/unit/domain/replica",
  "test/unit/domain/policy",
  "test/property/replica",
  "test/property/policy",
];
const TESTS = [
  "test/{unit/domain,property}/{replica,policy}/**/*.test.ts",
  "test/simulation/replica/flash-sale.test.ts",
];
const VITEST_CONFIG = `export default { test: { include: ${JSON.stringify(TESTS)} } };\n`;

/** Who noticed: the simulator at a seed, a test, or nobody (null). */
type Verdict = { readonly at: string; readonly by: string } | null;

/** What is read of vitest's JSON report. */
type TestReport = {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly title: string }[];
  }[];
};

async function capture(directory: string, args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, args, { cwd: directory, stdio: ["ignore", "pipe", "ignore"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  await new Promise((resolve, reject) => child.on("close", resolve).on("error", reject));
  return text;
}

async function simulate(directory: string, seeds: number): Promise<Verdict> {
  const script = "test/simulation/replica/run.ts";
  const text = await capture(directory, [script, "--seeds", String(seeds), "--workers", "1", "--stop", "--json"]);
  const { violations }: Tally = JSON.parse(text);
  const [first] = violations;
  return first === undefined ? null : { at: `seed ${first.seed}`, by: first.invariant };
}

async function test(directory: string): Promise<Verdict> {
  await symlink(join(ROOT, "node_modules"), join(directory, "node_modules"));
  await writeFile(join(directory, "vitest.config.ts"), VITEST_CONFIG);
  await capture(directory, ["node_modules/vitest/vitest.mjs", "run", "--reporter=json", "--outputFile=report.json"]);
  const report: TestReport = JSON.parse(await readFile(join(directory, "report.json"), "utf8"));
  const failed = report.testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === "failed").map(({ title }) => title),
  );
  return failed.length === 0
    ? null
    : { at: `${failed.length} test${failed.length > 1 ? "s" : ""}`, by: failed[0] ?? "" };
}

async function judge(mutant: Mutant, seeds: number): Promise<Verdict> {
  const directory = await plant(mutant, COPIED, "merge-mutant-");
  try {
    return (await simulate(directory, seeds)) ?? (await test(directory));
  } finally {
    await rm(directory, { recursive: true });
  }
}

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "8000" }, only: { type: "string", default: "" } },
});
const queue = [...RULE_MUTANTS, ...BORDER_MUTANTS].filter((mutant) => mutant.name.includes(values.only));
let survivors = 0;
console.log("| broken rule | noticed | by |\n|---|---|---|");
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const verdict = await judge(mutant, Number(values.seeds));
      if (verdict === null) survivors++;
      console.log(`| ${mutant.name} | ${verdict?.at ?? "**by nobody**"} | ${verdict?.by ?? ""} |`);
    }
  }),
);
if (survivors > 0) process.exitCode = 1;
