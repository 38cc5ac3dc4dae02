/** One core's share of a run: plays the seeds it is told, and says what it found. */
import { parentPort } from "node:worker_threads";
import { playSeeds } from "./tally.ts";

parentPort?.on("message", ({ from, count }: { readonly from: number; readonly count: number }) => {
  parentPort?.postMessage(playSeeds(from, count));
});
