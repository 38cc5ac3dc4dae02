/**
 * Shows that the simulator can fail: breaks one rule at a time in a copy of the source, and counts the seeds until
 * somebody notices. Exit code 1 if a mutant survives.
 *
 *   node test/simulation/replica/mutants.ts [--seeds 6000] [--only "part of a name"]
 */
import { spawn } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BORDER_MUTANTS, type Mutant, RULE_MUTANTS } from "./mutant-list.ts";
import type { Tally } from "./tally.ts";

const ROOT = join(import.meta.dirname, "../../..");
const COPIED = ["src/domain", "test/simulation/replica"];

type Verdict = { readonly mutant: Mutant; readonly seed: number | null; readonly invariant: string };

/** The mutated project in a directory of its own; throws when the mutant no longer fits the source. */
async function plant(mutant: Mutant): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "merge-mutant-"));
  for (const path of COPIED) await cp(join(ROOT, path), join(directory, path), { recursive: true });
  await writeFile(join(directory, "package.json"), '{ "type": "module" }\n');
  const path = join(directory, mutant.file);
  const parts = (await readFile(path, "utf8")).split(mutant.find);
  if (parts.length !== 2)
    throw new Error(`"${mutant.name}": its text stands ${parts.length - 1} times in ${mutant.file}`);
  await writeFile(path, parts.join(mutant.put));
  return directory;
}

function run(directory: string, seeds: number): Promise<Tally> {
  return new Promise((resolve, reject) => {
    const script = join(directory, "test/simulation/replica/run.ts");
    const child = spawn(process.execPath, [script, "--seeds", String(seeds), "--workers", "1", "--stop", "--json"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    child.on("error", reject);
    child.on("close", () => {
      try {
        resolve(JSON.parse(text));
      } catch {
        reject(new Error(`the run in ${directory} said: ${text.slice(0, 500)}`));
      }
    });
  });
}

async function judge(mutant: Mutant, seeds: number): Promise<Verdict> {
  const directory = await plant(mutant);
  try {
    const [first] = (await run(directory, seeds)).violations;
    return { mutant, seed: first?.seed ?? null, invariant: first?.invariant ?? "" };
  } finally {
    await rm(directory, { recursive: true });
  }
}

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "6000" }, only: { type: "string", default: "" } },
});
const queue = [...RULE_MUTANTS, ...BORDER_MUTANTS].filter((mutant) => mutant.name.includes(values.only));
let survivors = 0;
console.log("| broken rule | noticed at seed | by |\n|---|---|---|");
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const { seed, invariant } = await judge(mutant, Number(values.seeds));
      if (seed === null) survivors++;
      console.log(`| ${mutant.name} | ${seed ?? `**not in ${values.seeds}**`} | ${invariant} |`);
    }
  }),
);
if (survivors > 0) process.exitCode = 1;
