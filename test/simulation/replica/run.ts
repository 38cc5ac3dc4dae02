/**
 * Plays seeds on all cores and tells what it found. Exit code 1 on any violation.
 *
 *   npm run sim:merge -- --seeds 20000 [--from 1] [--workers 2] [--stop]    --stop: end at the first violation
 *   npm run sim:merge -- --seed 1234                                        one seed, with its whole log
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { handOut } from "./hand-out.ts";
import { addTally, noTally, type Tally } from "./tally.ts";
import { playSeed } from "./world.ts";

/** Seeds handed to a worker at a time: about half a second of work. */
const SHARE = 250;
const PROGRESS_EVERY_MS = 2_000;

function playOne(seed: number): void {
  const { plan, log, violation, figures } = playSeed(seed, { verbose: true });
  console.log(JSON.stringify(plan, null, 2));
  for (const line of log) console.log(line);
  console.log(JSON.stringify(figures, null, 2));
  console.log(violation === null ? `seed ${seed}: no violation` : `seed ${seed}: ${violation.message}`);
  if (violation !== null) process.exitCode = 1;
}

function printSummary({ schedules, figures, violations, pushesPerChange }: Tally, seconds: number): void {
  console.log(`${schedules} schedules in ${seconds.toFixed(1)} s, ${Math.round(schedules / seconds)} per second`);
  for (const [name, value] of Object.entries(figures)) console.log(`  ${name.padEnd(18)} ${value}`);
  const steps = Array.from(pushesPerChange, (count, step) => (count ? `≤${step / 2}: ${count}` : "")).filter(Boolean);
  console.log(`  pushes per change and other shop: ${steps.join(", ")}`);
  console.log(`  violations         ${violations.length}`);
  const byInvariant = Map.groupBy(violations, (violation) => violation.invariant);
  for (const [invariant, found] of byInvariant) console.log(`    ${invariant.padEnd(16)} ${found.length}`);
  const [first] = violations;
  if (first === undefined) return;
  console.log(`\nseed ${first.seed} failed (${first.message}); its log:\n`);
  playOne(first.seed);
}

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "2000" },
    from: { type: "string", default: "1" },
    workers: { type: "string", default: String(availableParallelism()) },
    seed: { type: "string" },
    stop: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

if (values.seed !== undefined) {
  playOne(Number(values.seed));
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
    tally: noTally(),
    add: addTally,
    progress: ({ schedules, violations }) => {
      if (values.json || performance.now() - shownMs < PROGRESS_EVERY_MS) return;
      shownMs = performance.now();
      console.log(`${schedules} of ${values.seeds}, ${violations.length} violations`);
    },
  });
  if (values.json) console.log(JSON.stringify(tally));
  else printSummary(tally, (performance.now() - startedMs) / 1_000);
  if (tally.violations.length > 0) process.exitCode = 1;
}
