/** One core's share of a run: plays the seeds it is told, and says what it found. */
import { parentPort } from "node:worker_threads";
import { playSeeds } from "./tally.ts";

/** Lives end by the thousand, and nobody reads where. */
Error.stackTraceLimit = 0;

type Share = { readonly from: number; readonly count: number; readonly minutes: number; readonly stop: boolean };

parentPort?.on("message", ({ from, count, minutes, stop }: Share) => {
  void playSeeds(from, count, { minutes, stop }).then((tally) => parentPort?.postMessage(tally));
});
