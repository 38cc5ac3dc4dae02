import { availableParallelism } from "node:os";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { QUEUES } from "./src/queues/queue-table.ts";
import { TEST_ENV } from "./test/worker/support/test-env.ts";

/** The Worker's secrets are settings of the test; the tool that reads wrangler.toml looks for them here. */
Object.assign(process.env, TEST_ENV);

/** As in wrangler.toml, but a message dies after two deliveries: a test can wait for that. */
const queueConsumers = Object.fromEntries(
  QUEUES.map(({ queue, batchSizeMax, deadLetterQueue }) => [
    queue,
    {
      maxBatchSize: batchSizeMax,
      maxBatchTimeout: 0,
      maxRetries: 1,
      ...(deadLetterQueue === null ? {} : { deadLetterQueue }),
    },
  ]),
);

/** The other files of the suite make one fault after the other. */
const UNDER_LOAD = ["d1", "day", "messages", "redis", "shopify", "workerd"].map((part) => `test/chaos/${part}.test.ts`);

/** `.ci/run` counts the tests of each suite by this file. */
const report = process.env["ONHAND_TEST_REPORT"];

/** Projects: `node` runs the pure parts and the contracts in Node; `worker` runs in the real workerd. */
export default defineConfig({
  test: {
    // Many tests wait for a clock or a child process: three at a time pay even on two cores (100 s instead of 116).
    maxWorkers: Math.max(3, availableParallelism() - 1),
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
    projects: [
      {
        test: {
          name: "node",
          include: [
            "test/unit/**/*.test.ts",
            "test/property/**/*.test.ts",
            "test/contract/**/*.test.ts",
            "test/simulation/**/*.test.ts",
          ],
          testTimeout: 30_000,
          // A file may leave nothing behind anyway, and a fresh module graph for each of a hundred took a third of the run.
          isolate: false,
        },
      },
      {
        // The whole stack, one at a time: each of these takes most of a small machine.
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          // A verdict may have to wait for a pause, and then for a reconciliation.
          testTimeout: 300_000,
          hookTimeout: 90_000,
          fileParallelism: false,
        },
      },
      {
        // Parts of the stack fail under load, one scenario at a time.
        test: {
          name: "chaos",
          include: UNDER_LOAD,
          testTimeout: 600_000,
          hookTimeout: 90_000,
          fileParallelism: false,
        },
      },
      {
        // One fault at a time, with little trade: these mostly wait. Not beside those above, which take the whole machine.
        test: {
          name: "faults",
          include: ["test/chaos/*.test.ts"],
          exclude: UNDER_LOAD,
          testTimeout: 600_000,
          hookTimeout: 90_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              // Lets a test hand a batch to the queue handler and read delays back.
              compatibilityFlags: ["service_binding_extra_handlers"],
              queueConsumers,
              bindings: { ...TEST_ENV, TEST_MIGRATIONS: await readD1Migrations("migrations") },
            },
          })),
        ],
        test: {
          name: "worker",
          include: ["test/worker/**/*.test.ts"],
          // What an object logs outside a test is sent to Vitest only with the next message of the test itself; after the
          // last one the run waits for it without end (test/worker/end-of-file.test.ts). So logs go straight to the output.
          disableConsoleIntercept: true,
          setupFiles: ["test/worker/support/setup.ts"],
          testTimeout: 30_000,
        },
      },
    ],
  },
});
