/**
 * `npm run bench`: figures of the real Worker in the real runtime, beside what they are compared to, in one run, on loopback.
 * Speed decides nothing; a check of correctness that fails makes the exit code 1.
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { DEV_DIR, ROOT } from "../dev/stack/stack-file.ts";
import { benchContention } from "./sections/contention.ts";
import { benchEndToEnd } from "./sections/end-to-end.ts";
import { benchGrowth } from "./sections/growth.ts";
import { benchHotSku } from "./sections/hot-sku.ts";
import { benchIngress } from "./sections/ingress.ts";
import { benchReads } from "./sections/reads.ts";
import { benchRecovery } from "./sections/recovery.ts";
import { benchSoak } from "./sections/soak.ts";
import { benchSpread } from "./sections/spread.ts";
import { benchTelemetry } from "./sections/telemetry.ts";
import { type Findings, sayFindings } from "./support/figures.ts";
import type { Run } from "./support/run.ts";

type Section = { readonly title: string; run(run: Run): Promise<Findings> };

const SECTIONS: Readonly<Record<string, Section>> = {
  ingress: { title: "Ingress: webhooks taken in", run: benchIngress },
  "hot-sku": { title: "Hot SKU: movements through one counter", run: benchHotSku },
  contention: { title: "Contention: many buyers, few units", run: benchContention },
  growth: { title: "Growth: what history costs", run: benchGrowth },
  spread: { title: "Spread: 10,000 SKUs through the queue", run: benchSpread },
  recovery: { title: "Recovery: 10,000 dead letters after an outage", run: benchRecovery },
  telemetry: { title: "Telemetry: what counting costs the consumer", run: benchTelemetry },
  reads: { title: "Reads over the API", run: benchReads },
  "end-to-end": { title: "End to end", run: benchEndToEnd },
  soak: { title: "Soak: the highest rate that lasts", run: benchSoak },
};

const HELP = `npm run bench -- [sections] [options]

  Sections: ${Object.keys(SECTIONS).join(", ")} (default: all, one after the other)

  --quick     a tenth of everything: shows that it works
  --minutes N how long the soak holds its rate (default 5)
  --out FILE  where the JSON goes (default bench/out/latest.json)
  --help`;

class UsageError extends Error {}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === null) {
    console.log(HELP);
    return 0;
  }
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? "?"}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
  console.log(`${machine}\n`);
  const found: Record<string, Findings & { readonly title: string; readonly seconds: number }> = {};
  let holds = true;
  for (const [name, { title, run }] of options.sections) {
    const startedMs = performance.now();
    const findings = await inOwnDir(name, options, run);
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    found[name] = { title, seconds, ...findings };
    holds &&= findings.checks.every((check) => check.holds);
    console.log(`${sayFindings(`${title} (${seconds} s)`, findings)}\n`);
  }
  await mkdir(dirname(options.out), { recursive: true });
  const at = new Date().toISOString();
  await writeFile(
    options.out,
    `${JSON.stringify({ at, machine, isQuick: options.isQuick, sections: found }, null, 2)}\n`,
  );
  console.log(`All of it as JSON: ${options.out}`);
  if (!holds) console.log("A check of correctness failed.");
  return holds ? 0 : 1;
}

async function inOwnDir(name: string, { isQuick, minutes }: Options, run: Section["run"]): Promise<Findings> {
  const dir = join(DEV_DIR, `bench-${process.pid}-${name}`);
  await mkdir(dir, { recursive: true });
  try {
    return await run({ root: ROOT, dir, isQuick, minutes, say: (text) => process.stderr.write(`  ${text}\n`) });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

type Options = {
  readonly sections: readonly (readonly [string, Section])[];
  readonly isQuick: boolean;
  readonly minutes: number | null;
  readonly out: string;
};

function readOptions(): Options | null {
  const { values, positionals } = parse();
  if (values.help === true) return null;
  const names = positionals.length === 0 ? Object.keys(SECTIONS) : positionals;
  const sections = names.map((name) => {
    const section = SECTIONS[name];
    if (section === undefined) throw new UsageError(`No section is called "${name}".\n\n${HELP}`);
    return [name, section] as const;
  });
  const minutes = values.minutes === undefined ? null : Number(values.minutes);
  if (minutes !== null && !(minutes > 0)) throw new UsageError(`--minutes: "${values.minutes}" is no time.`);
  return { sections, isQuick: values.quick === true, minutes, out: values.out ?? join(ROOT, "bench/out/latest.json") };
}

function parse() {
  try {
    const options = {
      quick: { type: "boolean" },
      minutes: { type: "string" },
      out: { type: "string" },
      help: { type: "boolean", short: "h" },
    } as const;
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
