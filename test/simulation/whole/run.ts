/**
 * Plays seeds of the whole on all cores and tells what it found. Exit code 1 on any violation, and when a kind of fault
 * never happened.
 *
 *   npm run sim -- --seeds 2000 [--from 1] [--minutes 30] [--workers 2] [--stop]   --stop: end at the first violation
 *   npm run sim -- --seed 1234 [--without redis_down,counter_evicted]              one seed, with its whole log
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { handOut } from "../replica/hand-out.ts";
import { FAULT_KINDS } from "./faults.ts";
import { shrink } from "./shrink.ts";
import { addTally, missingFaults, noTally, type Tally } from "./tally.ts";
import { type Outcome, playSeed } from "./world.ts";

/** Seeds handed to a worker at a time: some seconds of work. */
const SHARE = 8;
const PROGRESS_EVERY_MS = 10_000;
/** Of fewer seeds, not every kind of fault can be asked for. */
const SEEDS_FOR_ALL_FAULTS = 50;
const LOG_LINES_MAX = 60;
const DAY_MS = 86_400_000;

/** The whole log, or the end of it, which concerns what failed. */
function printOne({ plan, log, violation, faults, seed, ...figures }: Outcome, linesMax: number): void {
  console.log(JSON.stringify({ ...plan, faults }, null, 2));
  const subject = violation === null ? null : /SKU-\d+/.exec(violation.message)?.[0];
  const lines = subject ? log.filter((line) => line.includes(subject) || line.includes("VIOLATION")) : log;
  for (const line of lines.slice(-linesMax)) console.log(line);
  console.log(JSON.stringify({ ...figures, seed }));
  console.log(violation === null ? `seed ${seed}: no violation` : `seed ${seed}: ${violation.message}`);
  if (violation !== null) process.exitCode = 1;
}

async function printSummary(tally: Tally, minutes: number, seconds: number): Promise<void> {
  const { seeds, events, steps, simulatedMs, convergenceMsMax, calls, changes, faults, violations } = tally;
  const daysPerMinute = simulatedMs / DAY_MS / (seconds / 60);
  console.log(`${seeds} seeds, ${events} business events, ${steps} steps in ${seconds.toFixed(1)} s`);
  console.log(
    `  ${Math.round(steps / seconds)} steps per second, ${daysPerMinute.toFixed(1)} simulated days per minute`,
  );
  console.log(`  worst convergence after the last fault: ${(convergenceMsMax / 1_000).toFixed(1)} s`);
  console.log(`  calls to Shopify per change: ${(calls / Math.max(1, changes)).toFixed(2)}`);
  for (const [kind, count] of Object.entries(faults)) console.log(`  ${kind.padEnd(24)} ${count}`);
  const answers = Object.entries(tally.answers).toSorted(([, a], [, b]) => b - a);
  console.log(`  answers: ${answers.map(([kind, count]) => `${kind} ${count}`).join(", ")}`);
  const missing = seeds >= SEEDS_FOR_ALL_FAULTS ? missingFaults(tally) : [];
  if (missing.length > 0) console.log(`never happened: ${missing.join(", ")}`);
  console.log(`${violations.length} violations`);
  for (const [invariant, found] of Map.groupBy(violations, (violation) => violation.invariant)) {
    const some = found.slice(0, 10).map(({ seed }) => seed);
    console.log(`  ${invariant.padEnd(16)} ${found.length}: seeds ${some.join(", ")}${found.length > 10 ? " …" : ""}`);
  }
  if (violations.length + missing.length > 0) process.exitCode = 1;
  const [first] = violations;
  if (first === undefined) return;
  console.log(`\nseed ${first.seed} failed (${first.message}); a shorter way there:\n`);
  const shrunk = await shrink(first.seed, minutes);
  if (shrunk === null) return;
  const { options, outcome } = shrunk;
  const without = options.without ?? [];
  printOne(outcome, LOG_LINES_MAX);
  console.log(
    `\nnpm run sim -- --seed ${first.seed} --minutes ${options.minutes} --without ${without.join(",") || "-"}`,
  );
}

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "200" },
    from: { type: "string", default: "1" },
    minutes: { type: "string", default: "30" },
    workers: { type: "string", default: String(availableParallelism()) },
    seed: { type: "string" },
    without: { type: "string", default: "" },
    stop: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

const minutes = Number(values.minutes);
if (values.seed !== undefined) {
  const without = FAULT_KINDS.filter((kind) => values.without.split(",").includes(kind));
  printOne(await playSeed(Number(values.seed), { minutes, without, verbose: true }), Number.POSITIVE_INFINITY);
} else {
  const startedMs = performance.now();
  let shownMs = startedMs;
  const tally = await handOut({
    seeds: Number(values.seeds),
    from: Number(values.from),
    workers: Number(values.workers),
    stop: values.stop,
    share: SHARE,
    script: new URL("./worker.ts", import.meta.url),
    // Most of what a step makes is gone after it: room for it to die young.
    options: { resourceLimits: { maxYoungGenerationSizeMb: 64 } },
    orders: { minutes, stop: values.stop },
    tally: noTally(),
    add: addTally,
    progress: ({ seeds, violations }) => {
      if (values.json || performance.now() - shownMs < PROGRESS_EVERY_MS) return;
      shownMs = performance.now();
      console.log(`${seeds} of ${values.seeds}, ${violations.length} violations`);
    },
  });
  if (values.json) console.log(JSON.stringify(tally));
  else await printSummary(tally, minutes, (performance.now() - startedMs) / 1_000);
  if (tally.violations.length > 0) process.exitCode = 1;
}
