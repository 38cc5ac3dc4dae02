/**
 * Shows that the simulation can fail: breaks one promise at a time in a copy of the shipped code, and counts the seeds
 * until an invariant is violated. The unbroken code plays the same seeds as a control. Exit code 1 if a mutant survives, or
 * the control fails.
 *
 *   npm run sim:mutants [-- --seeds 200] [--only "part of a name"]
 */
import { spawn } from "node:child_process";
import { rm, symlink } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Mutant } from "../replica/mutant-list.ts";
import { plant, ROOT } from "../replica/plant.ts";
import { WHOLE_MUTANTS } from "./mutant-list.ts";
import type { Tally } from "./tally.ts";

const COPIED = ["src", "durable-objects", "dev/upstash-gateway", "test/simulation", "test/support"];
const SCRIPT = "test/simulation/whole/run.ts";
/** What takes longer than this has come to no verdict. */
const PATIENCE_MS = 600_000;

/** Who noticed, and at which seed; null: nobody. */
type Verdict = { readonly seed: number; readonly invariant: string; readonly message: string } | null;

/** @returns what it printed; null: it did not end */
async function capture(directory: string, args: readonly string[]): Promise<string | null> {
  const child = spawn(process.execPath, args, { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
  let [text, errors] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    errors += part;
  });
  const patience = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  await new Promise((resolve, reject) => child.on("close", resolve).on("error", reject));
  clearTimeout(patience);
  if (child.signalCode !== null) return null;
  if (text === "") throw new Error(errors);
  return text;
}

async function simulate(mutant: Mutant | null, seeds: number): Promise<Verdict> {
  const directory = await plant(mutant, COPIED, "whole-mutant-");
  await symlink(join(ROOT, "node_modules"), join(directory, "node_modules"));
  try {
    const args = [SCRIPT, "--seeds", String(seeds), "--workers", "1", "--stop", "--json"];
    const text = await capture(directory, args);
    if (text === null) return null;
    const [first] = (JSON.parse(text) as Tally).violations;
    return first ?? null;
  } finally {
    await rm(directory, { recursive: true });
  }
}

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "200" }, only: { type: "string", default: "" } },
});
const queue = WHOLE_MUTANTS.filter((mutant) => mutant.name.includes(values.only));
let survivors = 0;
let latest = 1;
console.log("| broken promise | seed | invariant | |\n|---|---|---|---|");
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const verdict = await simulate(mutant, Number(values.seeds));
      if (verdict === null) survivors++;
      else latest = Math.max(latest, verdict.seed);
      const { seed, invariant, message } = verdict ?? { seed: "**none**", invariant: "", message: "" };
      console.log(`| ${mutant.name} | ${seed} | ${invariant} | ${message.slice(0, 100).replaceAll("|", "¦")} |`);
    }
  }),
);
const control = await simulate(null, latest);
console.log(`control: ${latest} seeds of the unbroken code, ${control === null ? "no violation" : control.message}`);
if (survivors > 0 || control !== null) process.exitCode = 1;
