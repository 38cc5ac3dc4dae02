/** The live line: rewritten in place on a terminal, a line every two seconds elsewhere. */
import type { OnhandClient } from "../cli/client.ts";
import type { ShopifySimulator } from "../shopify-simulator/simulator.ts";
import type { LogTally, WorkerLog } from "../stack/worker-log.ts";

const EVERY_MS = 1_000;
const PLAIN_EVERY = 2; // of those, without a terminal

export type ProgressSource = {
  readonly client: OnhandClient;
  readonly shop: string;
  readonly log: WorkerLog;
  readonly simulator: ShopifySimulator;
};

type Gate = { readonly rowsSent: number; readonly queued: number };

/** @returns stops it, and leaves the last line standing */
export function startProgress(source: ProgressSource): () => void {
  const isTerminal = process.stdout.isTTY === true;
  let turns = 0;
  const timer = setInterval(async () => {
    turns += 1;
    if (!isTerminal && turns % PLAIN_EVERY !== 0) return;
    const line = await readProgress(source).catch(() => null);
    if (line === null) return;
    // A line that wraps could not be rewritten in place.
    if (isTerminal) process.stdout.write(`\r\x1b[K${line.slice(0, Math.max(20, process.stdout.columns - 1))}`);
    else console.log(line);
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    if (isTerminal) process.stdout.write("\n");
  };
}

async function readProgress({ client, shop, log, simulator }: ProgressSource): Promise<string> {
  const [gate, letters] = await Promise.all([
    client.call<Gate>("GET", `/v1/shops/${shop}/gate`),
    client.call<{ waiting: number }>("GET", "/v1/dead-letters?limit=1"),
  ]);
  const tally = log.tally();
  const oversold = oversoldUnits(simulator);
  return [
    `orders ${simulator.stats().orders}`,
    `applied ${appliedOf(tally)}`,
    `duplicates ${duplicatesOf(tally)}`,
    `synced ${gate.rowsSent}${gate.queued > 0 ? ` (+${gate.queued} waiting)` : ""}`,
    `lag ${tally.lagMs} ms`,
    `dead letters ${letters.waiting}`,
    `oversold ${oversold}`,
  ].join(" · ");
}

/** Events that a counter took into account. */
export const appliedOf = ({ outcomes }: LogTally): number =>
  (outcomes.get("noted") ?? 0) + (outcomes.get("applied") ?? 0);

/** Events that a counter knew already. */
export const duplicatesOf = ({ outcomes }: LogTally): number =>
  (outcomes.get("known") ?? 0) + (outcomes.get("duplicate") ?? 0);

/** Units below zero, over all levels of the shop. */
export const oversoldUnits = (simulator: ShopifySimulator): number =>
  simulator.levels().reduce((sum, { available }) => sum + Math.max(0, -available), 0);
