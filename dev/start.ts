/**
 * `npm start`: the whole of Onhand on loopback, with demo traffic and a verdict. Keeps running until Ctrl-C;
 * `--once` ends by the verdict (exit 0 or 1).
 */
import { parseArgs } from "node:util";
import { ApiProblem } from "./cli/client.ts";
import { notificationTable } from "./cli/notification-table.ts";
import { table } from "./cli/table.ts";
import { connectDay } from "./demo/day/connect-day.ts";
import { type Day, startDay } from "./demo/day/day.ts";
import { seedDaySkus } from "./demo/day/day-skus.ts";
import { DAY_SIZE, playDay } from "./demo/day/play-day.ts";
import { DEMO_FAULTS, ordinarySkus, seedDemoShop } from "./demo/demo-shop.ts";
import { DEMO_SIZE, planDemo } from "./demo/plan.ts";
import { startProgress } from "./demo/progress.ts";
import { connectSecondShop, playSecondShop, SHARED_SKUS, seedSecondShop } from "./demo/second-shop.ts";
import { Traffic } from "./demo/traffic.ts";
import { judge, sayVerdict } from "./demo/verdict.ts";
import { SeededRandom } from "./shopify-simulator/model/seeded-random.ts";
import type { ShopifySimulator } from "./shopify-simulator/simulator.ts";
import { sayTiming } from "./stack/local-timing.ts";
import { type ForeignShop, registerWebhooks, type Stack, StackEnded, StackProblem, startStack } from "./stack/stack.ts";

const HELP = `npm start -- [options]

  --once         end after the demo's verdict: exit 0 when it is clean, 1 when not
  --no-traffic   start everything, send nothing
  --port N       the Worker's port (default: a free one)
  --seed N       of the demo (default 1)
  --no-channels  the shop alone: without the warehouse, the marketplace, the tills, and the sink that shows the news
  --shops 2      a second shop that sells part of the first one's shelf: it mirrors, and the verdict looks at it, too
  --shopify URL  another Shopify-compatible origin instead of the simulator, with SHOPIFY_SHOP, SHOPIFY_CLIENT_ID and
                 SHOPIFY_CLIENT_SECRET from the environment: its catalogue is imported and webhooks are registered there
  --help`;

const OPTIONS = {
  once: { type: "boolean" },
  "no-traffic": { type: "boolean" },
  port: { type: "string" },
  seed: { type: "string" },
  shops: { type: "string" },
  "no-channels": { type: "boolean" },
  shopify: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

type Options = {
  readonly isOnce: boolean;
  readonly hasTraffic: boolean;
  readonly port: number;
  readonly seed: number;
  readonly shops: number;
  readonly hasChannels: boolean;
  readonly foreign: ForeignShop | null;
};

class UsageError extends Error {}

/** What a shell says of a process that Ctrl-C ended: 128 + SIGINT. */
const INTERRUPTED = 130;

/** Least of a whole demo. */
const LEAST = {
  orders: 2_000,
  skus: 300,
  settledOrders: 100,
  duplicateShare: 0.05,
  reorderShare: 0.1,
  levelLossShare: 0.1,
};

async function main(): Promise<number> {
  const options = readOptions();
  if (options === null) {
    console.log(HELP);
    return 0;
  }
  const ended = endSignal();
  const startedMs = performance.now();
  const day =
    options.foreign === null && options.hasTraffic && options.hasChannels ? await startDay(options.seed) : null;
  const stack = await startStack({
    port: options.port,
    foreign: options.foreign,
    simulator: { seed: options.seed, courier: { retryScale: 0.001 } },
    seed(simulator) {
      seedDemoShop(simulator);
      if (day !== null) seedDaySkus(simulator);
    },
    ...(day === null ? {} : { neighbours: day.neighbours }),
    ...(options.shops > 1 ? { seedSecond: seedSecondShop } : {}),
    ended,
    say: (text) => console.log(text),
  });
  try {
    console.log(welcome(stack, performance.now() - startedMs));
    if (stack.simulator !== null && stack.second !== null) {
      const listed = await connectSecondShop(stack.client, stack.simulator, stack.second);
      await registerWebhooks(stack.client, stack.second.shop, () => {});
      console.log(
        `Second shop ${stack.second.shop} (${stack.second.url}): mirrors; its dry run listed ${listed} first pushes.`,
      );
    }
    const code =
      options.hasTraffic && stack.simulator !== null ? await runDemo(stack, stack.simulator, day, options, ended) : 0;
    if (options.isOnce) return code;
    if (!ended.aborted) console.log("\nRunning. Ctrl-C ends it.");
    await untilAborted(ended);
    return 0;
  } finally {
    await day?.close();
    await stack.stop();
  }
}

const PARENT_LOOK_MS = 1_000;

/**
 * Ctrl-C, a plain kill, and the end of whoever started this (npm passes no signal on): the run ends in order, and what was
 * started is ended with it. A second Ctrl-C does not wait for that.
 */
function endSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(INTERRUPTED);
      controller.abort();
    });
  }
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) controller.abort();
  }, PARENT_LOOK_MS).unref();
  return controller.signal;
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve())));

async function runDemo(
  stack: Stack,
  simulator: ShopifySimulator,
  day: Day | null,
  options: Options,
  ended: AbortSignal,
): Promise<number> {
  const skus = ordinarySkus(simulator).slice(0, SHARED_SKUS);
  if (day !== null) await connectDay(stack, day, simulator, skus);
  if (day !== null)
    console.log(
      `Channels: a warehouse, a marketplace (${day.marketplace.listed.size} items), a till, a till of Square's ` +
        `(${day.square.model.items.size} items). News goes to a webhook and to a chat: ${day.neighbours["notifications"]?.url}`,
    );
  const plan = planDemo(new SeededRandom(options.seed), ordinarySkus(simulator), DEMO_SIZE);
  simulator.faults = DEMO_FAULTS;
  console.log(
    `\nDemo: ${plan.length} actions in ${DEMO_SIZE.durationMs / 1_000} s; ${percent(DEMO_FAULTS.webhooks.duplicateRate)} of webhooks twice, ` +
      `${percent(DEMO_FAULTS.webhooks.reorderRate)} out of order, ${percent(DEMO_FAULTS.webhooks.dropRate["inventory_levels/update"])} of level webhooks lost.`,
  );
  const stopProgress = startProgress({ client: stack.client, shop: simulator.shop, log: stack.log, simulator });
  const traffic = new Traffic(simulator, stack.client);
  try {
    const second = stack.second === null ? null : playSecondShop(stack.second, DEMO_SIZE.durationMs, ended);
    const trade = day === null ? null : playDay(day, simulator, stack.client, skus, DAY_SIZE, options.seed, ended);
    await traffic.play(plan, ended);
    await second;
    const tally = await trade;
    simulator.faults = {};
    if (ended.aborted) return INTERRUPTED;
    console.log(`${process.stdout.isTTY ? "\n" : ""}All sent. Waiting until everything agrees …`);
    const judging = judge({
      stack,
      simulator,
      tally: traffic.tally,
      least: LEAST,
      isMirrorWhole: true,
      ...(day === null || tally === null ? {} : { day: { day, tally } }),
    });
    const verdict = await Promise.race([judging, untilAborted(ended)]);
    if (verdict === undefined) {
      judging.catch(() => {}); // the stack goes away under it
      return INTERRUPTED;
    }
    stopProgress();
    if (day !== null) console.log(`\nThe newest of what was told:\n${newest(day)}`);
    console.log(`\n${sayVerdict(verdict)}`);
    return verdict.isClean ? 0 : 1;
  } finally {
    stopProgress();
  }
}

/** Of the sink's notifications. */
const NEWEST = 10;

const newest = ({ sink }: Day): string =>
  notificationTable(sink.newest(NEWEST).map((told) => ({ ...told, at: new Date(told.atMs).toISOString() })));

const percent = (share: number): string => `${Math.round(100 * share)} %`;

function welcome({ file, imported, gateway }: Stack, startMs: number): string {
  const findings = Map.groupBy(imported.findings, ({ kind }) => kind);
  const reported = Array.from(findings, ([kind, found]) => `${found.length} ${kind}`).join(", ");
  return [
    "",
    `Onhand is up (${(startMs / 1_000).toFixed(1)} s).`,
    table(
      ["", ""],
      [
        ["Worker", file.worker],
        ["Shopify", `${file.shopify.url}  (${file.shopify.shop})`],
        ["Redis", `${file.redis.url}  (${gateway.engine})`],
        [
          "Catalogue",
          `${imported.items} items, ${imported.connected} connected at ${imported.locations} locations${reported === "" ? "" : `; not synced: ${reported}`}`,
        ],
        ["Details", ".dev/stack.json (addresses, tokens), .dev/worker.log"],
      ],
    ).trimStart(),
    sayTiming(),
  ].join("\n");
}

function readOptions(): Options | null {
  let values: ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"];
  try {
    ({ values } = parseArgs({ options: OPTIONS }));
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  }
  if (values.help) return null;
  if (values.once && (values["no-traffic"] || values.shopify !== undefined))
    throw new UsageError("--once ends by the demo's verdict: it needs the demo's traffic, and the simulator.");
  return {
    isOnce: values.once === true,
    hasTraffic: values["no-traffic"] !== true,
    port: wholeNumber("--port", values.port, 0, 65_535),
    seed: wholeNumber("--seed", values.seed, 1, 2 ** 31),
    hasChannels: values["no-channels"] !== true,
    shops: wholeNumber("--shops", values.shops, 1, 2),
    foreign: values.shopify === undefined ? null : foreignShop(values.shopify),
  };
}

function wholeNumber(name: string, given: string | undefined, standard: number, most: number): number {
  if (given === undefined) return standard;
  const number = Number(given);
  if (!Number.isInteger(number) || number < 0 || number > most)
    throw new UsageError(`${name}: "${given}" is no whole number up to ${most}.`);
  return number;
}

function foreignShop(url: string): ForeignShop {
  if (!URL.canParse(url)) throw new UsageError(`--shopify: "${url}" is no URL.`);
  const { SHOPIFY_SHOP: shop, SHOPIFY_CLIENT_ID: clientId, SHOPIFY_CLIENT_SECRET: clientSecret } = process.env;
  if (!shop || !clientId || !clientSecret) {
    throw new UsageError(
      "--shopify needs SHOPIFY_SHOP, SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET in the environment.",
    );
  }
  return { url: new URL(url).origin, shop, clientId, clientSecret };
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof StackEnded) process.exitCode = INTERRUPTED;
  else {
    // What a user can mend reads as one line; anything else is a bug of ours and shows where.
    const isTheirs = error instanceof UsageError || error instanceof ApiProblem || error instanceof StackProblem;
    console.error(isTheirs ? error.message : error);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}
