/** Plays a range of seeds on worker threads, a share at a time, and gathers what they found. */
import { Worker, type WorkerOptions } from "node:worker_threads";

export type Found = { readonly violations: readonly unknown[] };

export type HandOut<Tally extends Found> = {
  readonly seeds: number;
  readonly from: number;
  readonly workers: number;
  /** End at the first violation. */
  readonly stop: boolean;
  /** Seeds handed to a worker at a time. */
  readonly share: number;
  readonly script: URL;
  readonly options?: WorkerOptions;
  /** Goes with every share, beside its range. */
  readonly orders?: object;
  /** Empty; each answer is added to it. */
  readonly tally: Tally;
  readonly add: (sum: Tally, more: Tally) => void;
  readonly progress: (tally: Tally) => void;
};

/** In order, so that `stop` ends near the lowest failing seed. */
export async function handOut<Tally extends Found>(run: HandOut<Tally>): Promise<Tally> {
  const { tally, script, options, orders, share, stop, add, progress } = run;
  let next = run.from;
  const end = run.from + run.seeds;
  const runWorker = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(script, options);
      const hand = (): void => {
        const from = next;
        const count = Math.min(share, end - from);
        if (count <= 0 || (stop && tally.violations.length > 0)) {
          void worker.terminate().then(() => resolve());
          return;
        }
        next += count;
        worker.postMessage({ from, count, ...orders });
      };
      worker.on("error", reject);
      worker.on("message", (more: Tally) => {
        add(tally, more);
        progress(tally);
        hand();
      });
      hand();
    });
  await Promise.all(Array.from({ length: run.workers }, runWorker));
  return tally;
}
