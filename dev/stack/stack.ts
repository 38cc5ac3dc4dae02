/**
 * The whole of Onhand on loopback: Shopify simulator (or another origin), Upstash gateway, Worker with its database, crons
 * on a clock of our own; catalogue imported, webhooks registered. Everything it starts, it ends.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type OnhandClient, onhandClient } from "../cli/client.ts";
import { type ImportTotals, importShop } from "../cli/import-shop.ts";
import { type ShopifySimulator, startShopifySimulator } from "../shopify-simulator/simulator.ts";
import type { SimulatorOptions } from "../shopify-simulator/simulator-options.ts";
import { startUpstashGateway, type UpstashGateway } from "../upstash-gateway/gateway.ts";
import { applyMigrations } from "./apply-migrations.ts";
import { buildWorker } from "./build-worker.ts";
import { LOCAL_CRON_EVERY_MS, LOCAL_TIMING } from "./local-timing.ts";
import { openRunDir, sweepLeftovers } from "./run-dir.ts";
import {
  DEV_DIR,
  type Neighbours,
  otherStack,
  ROOT,
  removeStackFile,
  type StackFile,
  writeStackFile,
} from "./stack-file.ts";
import { type LocalWorker, startWorker, type WorkerOptions } from "./worker.ts";
import { WorkerLog } from "./worker-log.ts";

/** Another Shopify-compatible origin, with the credentials of an app there. */
export type ForeignShop = {
  readonly url: string;
  readonly shop: string;
  readonly clientId: string;
  readonly clientSecret: string;
};

export type StackOptions = {
  readonly port: number;
  readonly foreign: ForeignShop | null;
  readonly simulator?: SimulatorOptions;
  /** Fills the simulator before the import. */
  seed?(simulator: ShopifySimulator): void;
  /** A second simulated shop of the same app, filled before the Worker starts. Its caller connects it. */
  seedSecond?(first: ShopifySimulator, second: ShopifySimulator): void;
  /** Windows and periods that are to differ from the demo's. */
  readonly timing?: Readonly<Record<string, number>>;
  /** Settings of the Worker besides those that the stack gives it. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Who runs beside it, for its file. */
  readonly neighbours?: Neighbours;
  /** Another main file than wrangler.toml's, from the root: around the same Worker. */
  readonly entry?: string;
  /** What the demo has otherwise: benchmarks run the Worker with a driver around it, unscaled, and beside a running stack. */
  readonly special?: SpecialRun;
  /** By it the caller says that it handles signals. Aborted: the start is given up, and what it had started is ended. */
  readonly ended?: AbortSignal;
  say(text: string): void;
};

/** The start was given up because somebody asked for it. */
export class StackEnded extends Error {}

/** Something that whoever started the stack can mend. */
export class StackProblem extends Error {}

export type SpecialRun = {
  /** Main file of the Worker, from the root. */
  readonly entry: string;
  /** Windows and periods; what is not named is as in production. */
  readonly timing: Readonly<Record<string, number>>;
  /** Webhooks are registered at the simulator, and come to the Worker. */
  readonly hasWebhooks: boolean;
  /** Where databases and objects are kept; null: in the run's own folder. Its caller clears it away. */
  readonly stateDir: string | null;
  readonly inspectorPort?: number;
};

export type Stack = {
  readonly file: StackFile;
  readonly client: OnhandClient;
  readonly worker: LocalWorker;
  readonly gateway: UpstashGateway;
  /** Null when the shop is somebody else's. */
  readonly simulator: ShopifySimulator | null;
  /** Null unless one was asked for. */
  readonly second: ShopifySimulator | null;
  readonly log: WorkerLog;
  readonly imported: ImportTotals;
  /** Where databases and objects are kept. */
  readonly stateDir: string;
  /** The Worker's runtime dies and comes back (`LocalWorker.crash`). */
  crashWorker(): Promise<void>;
  stop(): Promise<void>;
};

/** What is running so far, newest last: ended in reverse, also when the start fails half-way. */
type Running = (() => unknown)[];

export async function startStack(options: StackOptions): Promise<Stack> {
  const running: Running = [];
  const stop = async (): Promise<void> => {
    for (const end of running.splice(0).reverse()) await end();
  };
  try {
    return { ...(await start(options, running)), stop };
  } catch (error) {
    await stop();
    // Whatever broke then, broke because its ground went away.
    throw options.ended?.aborted === true ? new StackEnded("ended while starting") : error;
  }
}

async function start(options: StackOptions, running: Running): Promise<Omit<Stack, "stop">> {
  const { say, foreign, special } = options;
  const swept = sweepLeftovers(DEV_DIR);
  if (swept > 0) say(`ended ${swept} processes that a killed run had left`);
  const other = special === undefined ? await otherStack() : null;
  if (other !== null) say(`another stack runs at ${other.worker}: .dev/stack.json will name this one from now on`);
  const run = openRunDir(DEV_DIR);
  running.push(() => run.remove());

  const building = buildWorker(ROOT, join(run.path, "bundle"), special?.entry ?? options.entry);
  building.catch(() => {}); // told where it is awaited, unless something else fails before
  const simulator = foreign === null ? await startSimulator(options, running) : null;
  const second = simulator === null ? null : await startSecond(options, simulator, running);
  const gateway = await startUpstashGateway({ token: randomBytes(16).toString("hex") });
  running.push(() => gateway.close());
  say(
    gateway.engine === "redis-server"
      ? `redis-server ${gateway.redisVersion} behind the gateway`
      : "no redis-server here: the embedded engine runs the same Lua",
  );
  const bundle = await building;
  options.ended?.throwIfAborted();

  const log = new WorkerLog(join(special === undefined && other === null ? DEV_DIR : run.path, "worker.log"));
  running.push(() => log.close());
  const adminToken = randomBytes(24).toString("hex");
  const access = accessOf(foreign, simulator);
  const stateDir = special?.stateDir ?? join(run.path, "state");
  const worker = await startOurWorker({
    root: ROOT,
    bundle,
    port: options.port,
    persistDir: stateDir,
    isDirect: special !== undefined,
    ...(special?.inspectorPort === undefined ? {} : { inspectorPort: special.inspectorPort }),
    callerHandlesSignals: options.ended !== undefined,
    onLog: (line) => log.take(line),
    bindings: {
      ENVIRONMENT: "development",
      SHOPIFY_SHOPS: second === null ? access.shop : `${access.shop},${second.shop}`,
      ADMIN_TOKEN: adminToken,
      SHOPIFY_CLIENT_ID: access.clientId,
      SHOPIFY_CLIENT_SECRET: access.clientSecret,
      SHOPIFY_ORIGIN: access.url,
      ...(second === null ? {} : { SHOPIFY_ORIGINS: `${second.shop}=${second.url}` }),
      // Mail goes nowhere: the runtime writes it to files, and worker.log says which.
      NOTIFICATIONS_FROM: "onhand@example.com",
      ...storageSettings(gateway),
      ...options.settings,
      TIMING: JSON.stringify(special?.timing ?? { ...LOCAL_TIMING, ...options.timing }),
    },
  });
  running.push(() => worker.stop());
  run.noteChildren();
  await applyMigrations((await worker.bindings()).DB, join(ROOT, "migrations"));

  const client = onhandClient(worker.url, adminToken);
  options.ended?.throwIfAborted();
  const imported = await importCatalogue(client, access, options);
  if (special?.hasWebhooks !== false) await registerWebhooks(client, access.shop, say);
  running.push(startCrons(worker, special === undefined ? LOCAL_CRON_EVERY_MS : 60_000));

  const file: StackFile = {
    worker: worker.url,
    shopify: {
      url: access.url,
      shop: access.shop,
      accessToken: simulator?.accessToken ?? null,
      webhookSecret: access.clientSecret,
    },
    redis: { url: gateway.url, token: gateway.token, engine: gateway.engine },
    adminToken,
    ...(options.neighbours === undefined ? {} : { neighbours: options.neighbours }),
  };
  if (special === undefined) {
    writeStackFile(file);
    running.push(() => removeStackFile(file));
  }
  const crashWorker = (): Promise<void> => worker.crash().then(run.noteChildren);
  return { file, client, worker, gateway, simulator, second, log, imported, stateDir, crashWorker };
}

const storageSettings = (gateway: UpstashGateway) => ({
  CHANNEL_KEY: randomBytes(32).toString("base64"),
  UPSTASH_REDIS_REST_URL: gateway.url,
  UPSTASH_REDIS_REST_TOKEN: gateway.token,
});

async function startOurWorker(options: WorkerOptions): Promise<LocalWorker> {
  try {
    return await startWorker(options);
  } catch (error) {
    if (!String(error).includes("ADDRESS_IN_USE") && !String(error).includes("Address already in use")) throw error;
    throw new StackProblem(`Port ${options.port} is taken: choose another with --port, or none for a free one.`);
  }
}

async function startSimulator(options: StackOptions, running: Running): Promise<ShopifySimulator> {
  const simulator = await startShopifySimulator(options.simulator ?? {});
  running.push(() => simulator.close());
  options.seed?.(simulator);
  return simulator;
}

/** Installed by the same app: one client id, one secret. */
async function startSecond(
  { simulator: given, seedSecond }: StackOptions,
  first: ShopifySimulator,
  running: Running,
): Promise<ShopifySimulator | null> {
  if (seedSecond === undefined) return null;
  const { clientId, clientSecret } = first;
  const seed = (given?.seed ?? 1) + 1;
  const second = await startShopifySimulator({
    ...given,
    seed,
    shop: "onhand-outlet.myshopify.com",
    clientId,
    clientSecret,
  });
  running.push(() => second.close());
  seedSecond(first, second);
  return second;
}

function accessOf(foreign: ForeignShop | null, simulator: ShopifySimulator | null): ForeignShop {
  if (foreign !== null) return foreign;
  if (simulator === null) throw new Error("neither a simulator nor another origin");
  const { url, shop, clientId, clientSecret } = simulator;
  return { url, shop, clientId, clientSecret };
}

/** Shopify may take a while to answer: whoever waits is told for what. */
async function importCatalogue(
  client: OnhandClient,
  { shop, url }: ForeignShop,
  { say, ended }: StackOptions,
): Promise<ImportTotals> {
  let isTold = false;
  return importShop(client, shop, {
    onWait: (reason) => {
      ended?.throwIfAborted();
      if (!isTold) say(`waiting for Shopify at ${url}: ${reason} …`);
      isTold = true;
    },
  });
}

/** A shop that refuses loopback addresses (the real one does) is imported all the same; its news then has no way in. */
export async function registerWebhooks(client: OnhandClient, shop: string, say: (text: string) => void): Promise<void> {
  const uri = `${client.url}/webhooks/shopify`;
  try {
    const { changes } = await client.call<{ changes: { topic: string; change: string }[] }>(
      "POST",
      `/v1/shops/${shop}/webhooks/sync`,
      { uri },
    );
    say(`webhooks: ${changes.map(({ topic, change }) => `${topic} ${change}`).join(", ")}`);
  } catch (error) {
    say(`webhooks could not be registered: ${error instanceof Error ? error.message : error}`);
  }
}

/** Crons do not fire by themselves locally. */
function startCrons(worker: LocalWorker, everyMs: number): () => void {
  const timer = setInterval(() => {
    worker.scheduled("* * * * *").catch(() => {}); // it logs its own failures, and the next one comes soon
  }, everyMs);
  return () => clearInterval(timer);
}
