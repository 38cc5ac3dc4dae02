import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { TEST_ENV } from "./test/worker/support/test-env.ts";

/** Projects: `node` runs the pure parts and the contracts in Node; `worker` runs in the real workerd. */
export default defineConfig({
  test: {
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
        },
      },
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              // Lets a test hand a batch to the queue handler and read delays back.
              compatibilityFlags: ["service_binding_extra_handlers"],
              // Nothing leaves the machine: a test that wants an answer from Shopify scripts `fetch`.
              outboundService: () => new Response("no network in tests", { status: 503 }),
              bindings: { ...TEST_ENV, TEST_MIGRATIONS: await readD1Migrations("migrations") },
            },
          })),
        ],
        test: {
          name: "worker",
          include: ["test/worker/**/*.test.ts"],
          setupFiles: ["test/worker/support/apply-migrations.ts"],
          testTimeout: 30_000,
        },
      },
    ],
  },
});
