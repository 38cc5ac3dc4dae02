/** The local stack with production's timing and a driver inside the Worker. */
import { existsSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { BucketPlan } from "../../dev/shopify-simulator/graphql/cost-bucket.ts";
import type { ShopifySimulator } from "../../dev/shopify-simulator/simulator.ts";
import type { Delivery } from "../../dev/shopify-simulator/webhooks/courier.ts";
import { type Stack, startStack } from "../../dev/stack/stack.ts";
import type {
  ApplyAnswer,
  ApplyOrder,
  ConnectOrder,
  ConsumeAnswer,
  ConsumeOrder,
  LevelsOrder,
  QueueOrder,
  SendOrder,
  Sums,
  TellOrder,
} from "../worker/driver.ts";

export type BenchStackOptions = {
  readonly seed: (simulator: ShopifySimulator) => void;
  readonly hasWebhooks: boolean;
  /** Told of each webhook that Onhand took. */
  readonly onAccepted?: (delivery: Delivery) => void;
  /** Shopify's points; its smallest plan without it. */
  readonly plan?: BucketPlan;
  /** "ram": counters' files on a RAM disk, where there is one. The local runtime waits for the disk in the thread that all share. */
  readonly storage: "disk" | "ram";
  /** Where the runtime's inspector listens; nowhere without it. */
  readonly inspectorPort?: number;
};

/** Of Shopify Plus: a large catalogue is imported within a minute. */
export const PLUS_PLAN: BucketPlan = { maximumPoints: 20_000, restorePerSecond: 1_000 };

export type Driver = {
  connect(order: ConnectOrder): Promise<null>;
  apply(order: ApplyOrder): Promise<ApplyAnswer>;
  queue(order: QueueOrder): Promise<null>;
  send(order: SendOrder): Promise<null>;
  consume(order: ConsumeOrder): Promise<ConsumeAnswer>;
  tell(order: TellOrder): Promise<null>;
  levels(order: LevelsOrder): Promise<readonly Sums[]>;
};

export type BenchStack = { readonly stack: Stack; readonly simulator: ShopifySimulator; readonly driver: Driver };

export async function startBenchStack({
  seed,
  hasWebhooks,
  onAccepted,
  plan,
  storage,
  inspectorPort,
}: BenchStackOptions): Promise<BenchStack> {
  const stateDir = storage === "ram" ? ramDisk() : null;
  const stack = await startStack({
    port: 0,
    foreign: null,
    simulator: {
      seed: 3,
      courier: {
        retryScale: 0.001,
        concurrency: DELIVERIES_AT_ONCE,
        ...(onAccepted === undefined ? {} : { onAccepted }),
      },
      ...(plan === undefined ? {} : { plan }),
    },
    seed,
    special: {
      entry: "bench/worker/index.ts",
      timing: {},
      hasWebhooks,
      stateDir,
      ...(inspectorPort === undefined ? {} : { inspectorPort }),
    },
    say: () => {},
  });
  const stop = async (): Promise<void> => {
    await stack.stop();
    if (stateDir !== null) await rm(stateDir, { recursive: true, force: true });
  };
  const { simulator } = stack;
  if (simulator === null) throw new Error("no simulator");
  const order = async (what: string, given: unknown): Promise<never> => {
    const response = await fetch(`${stack.worker.url}/_bench/${what}`, { method: "POST", body: JSON.stringify(given) });
    if (!response.ok) throw new Error(`driver: ${what} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as never;
  };
  const driver: Driver = {
    connect: (given) => order("connect", given),
    apply: (given) => order("apply", given),
    queue: (given) => order("queue", given),
    send: (given) => order("send", given),
    consume: (given) => order("consume", given),
    tell: (given) => order("tell", given),
    levels: (given) => order("levels", given),
  };
  return { stack: { ...stack, stop }, simulator, driver };
}

/** More than the receiver is ever given at once elsewhere: what waits shall wait in Onhand's queue, where it is measured. */
const DELIVERIES_AT_ONCE = 64;

const RAM_DISK = "/dev/shm";

function ramDisk(): string | null {
  return existsSync(RAM_DISK) ? mkdtempSync(join(RAM_DISK, "onhand-bench-")) : null;
}

/** For whoever reads a figure. */
export const storageNote = (): string =>
  existsSync(RAM_DISK) ? "counters' files on a RAM disk" : "counters' files on the disk";

export async function timed<Value>(work: () => Promise<Value>): Promise<{ value: Value; seconds: number }> {
  const startedMs = performance.now();
  const value = await work();
  return { value, seconds: (performance.now() - startedMs) / 1_000 };
}
