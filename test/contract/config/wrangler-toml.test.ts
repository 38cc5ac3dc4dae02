/** What the code says of its queues, and what `wrangler deploy` would do, are the same. */
import { describe, expect, it } from "vitest";
import { QUEUES } from "../../../src/queues/queue-table.ts";
import { ROOT, readToml } from "./read-toml.ts";

type Wrangler = {
  readonly compatibility_date: string;
  readonly main: string;
  readonly queues: {
    readonly producers: readonly { readonly binding: string; readonly queue: string }[];
    readonly consumers: readonly Readonly<Record<string, unknown>>[];
  };
  readonly migrations: readonly { readonly new_sqlite_classes: readonly string[] }[];
  readonly durable_objects: { readonly bindings: readonly { readonly name: string; readonly class_name: string }[] };
  readonly analytics_engine_datasets: readonly { readonly binding: string; readonly dataset: string }[];
  readonly d1_databases: readonly Readonly<Record<string, unknown>>[];
  readonly secrets: { readonly required: readonly string[] };
  readonly observability: { readonly enabled: boolean; readonly redact_query_string: boolean };
  readonly triggers: { readonly crons: readonly string[] };
};

const toml = readToml<Wrangler>(`${ROOT}/wrangler.toml`);

describe("wrangler.toml", () => {
  it("consumes exactly the queues of the table, with the table's numbers", () => {
    const consumers = QUEUES.map((spec) => ({
      queue: spec.queue,
      max_batch_size: spec.batchSizeMax,
      max_batch_timeout: spec.batchWaitSeconds,
      max_retries: spec.triesMax,
      retry_delay: spec.delaySeconds,
      ...(spec.concurrencyMax === null ? {} : { max_concurrency: spec.concurrencyMax }),
      ...(spec.deadLetterQueue === null ? {} : { dead_letter_queue: spec.deadLetterQueue }),
    }));
    expect(toml.queues.consumers).toEqual(consumers);
  });

  it("binds a producer to every queue and every dead-letter queue: only so one deploy makes them all", () => {
    const byName = (a: { queue: string }, b: { queue: string }) => a.queue.localeCompare(b.queue);
    const needed = QUEUES.map(({ binding, queue }) => ({ binding, queue }));
    expect(toml.queues.producers.toSorted(byName)).toEqual(needed.toSorted(byName));
  });

  it("gives every queue that is no dead-letter queue one of its own, which is consumed too", () => {
    const names = QUEUES.map(({ queue }) => queue);
    for (const { role, deadLetterQueue } of QUEUES) {
      if (role === "dead-letters") expect(deadLetterQueue).toBeNull();
      else expect(names).toContain(deadLetterQueue);
    }
  });

  it("keeps every object in SQLite, and binds each class", () => {
    const classes = ["SkuCounter", "ShopGate", "ReservationCoordinator", "Telemetry", "Destination", "WebhookInbox"];
    expect(toml.migrations.flatMap((step) => step.new_sqlite_classes)).toEqual(classes);
    expect(toml.durable_objects.bindings.map(({ class_name }) => class_name)).toEqual(classes);
  });

  it("has what production needs: database, schedule, required secrets, logs without query strings", () => {
    expect(toml.d1_databases).toEqual([{ binding: "DB", database_name: "onhand", migrations_dir: "migrations" }]);
    expect(toml.analytics_engine_datasets).toEqual([{ binding: "METRICS", dataset: "onhand_metrics" }]);
    expect(toml.triggers.crons).toEqual(["* * * * *"]);
    expect(toml.secrets.required).toEqual(["ADMIN_TOKEN", "SHOPIFY_CLIENT_ID", "SHOPIFY_CLIENT_SECRET"]);
    expect(toml.observability).toMatchObject({ enabled: true, redact_query_string: true });
    expect(toml.compatibility_date <= "2026-10-30").toBe(true);
  });
});
