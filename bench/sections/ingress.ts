/** How fast webhooks are taken in: the receiver beside the least that a Worker can do with the same bodies. */
import { createHmac, randomUUID } from "node:crypto";
import { startShopifySimulator } from "../../dev/shopify-simulator/simulator.ts";
import { buildWorker } from "../../dev/stack/build-worker.ts";
import { startWorker } from "../../dev/stack/worker.ts";
import { startUpstashGateway } from "../../dev/upstash-gateway/gateway.ts";
import { startBareWorker } from "../support/bare-worker.ts";
import { atLeast, equals, type Figure, type Findings } from "../support/figures.ts";
import { type LoadRequest, type LoadResult, runLoad } from "../support/http-load.ts";
import { median, spreadOf } from "../support/percentiles.ts";
import type { Run } from "../support/run.ts";
import { catchWebhooks } from "../support/webhook-catcher.ts";

const SECRET = "benchmark-client-secret";
const SHOP = "bench.myshopify.com";
const ROUNDS = 5;
const IN_FLIGHT = 32;
/** About what the receiver puts on the queue for an order of two lines. */
const MESSAGE_BYTES = 700;

export async function benchIngress(run: Run): Promise<Findings> {
  const bodies = await orderBodies(200);
  const gateway = await startUpstashGateway({ token: "bench" });
  const bundle = await buildWorker(run.root, `${run.dir}/ingress`);
  const receiver = await startWorker({
    root: run.root,
    bundle,
    port: 0,
    persistDir: `${run.dir}/ingress-state`,
    isDirect: true,
    callerHandlesSignals: false,
    hasConsumers: false,
    onLog: () => {},
    bindings: {
      ENVIRONMENT: "production",
      SHOPIFY_SHOPS: SHOP,
      ADMIN_TOKEN: "benchmark-admin-token",
      SHOPIFY_CLIENT_ID: "bench",
      SHOPIFY_CLIENT_SECRET: SECRET,
      UPSTASH_REDIS_REST_URL: gateway.url,
      UPSTASH_REDIS_REST_TOKEN: gateway.token,
    },
  });
  const [bare, sending] = [await startBareWorker(null), await startBareWorker(MESSAGE_BYTES)];
  try {
    const count = run.isQuick ? 500 : 4_000;
    const subjects = { bare: bare.url, sending: sending.url, receiver: receiver.url };
    for (const url of Object.values(subjects))
      await runLoad({ url, inFlight: IN_FLIGHT, requests: signed(bodies, 500) });
    const rounds: Record<keyof typeof subjects, LoadResult[]> = { bare: [], sending: [], receiver: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const name of ["bare", "sending", "receiver"] as const) {
        rounds[name].push(await runLoad({ url: subjects[name], inFlight: IN_FLIGHT, requests: signed(bodies, count) }));
      }
    }
    const alone = await runLoad({
      url: receiver.url,
      inFlight: 1,
      requests: signed(bodies, run.isQuick ? 200 : 1_000),
    });
    const invalidations = gateway.stats().byCommand["DEL"] ?? gateway.stats().byCommand["UNLINK"] ?? 0;
    return findings(rounds, alone, { count, bodyBytes: Buffer.byteLength(bodies[0] ?? ""), invalidations });
  } finally {
    await Promise.all([bare.stop(), sending.stop(), receiver.stop(), gateway.close()]);
  }
}

type Rounds = Readonly<Record<"bare" | "sending" | "receiver", readonly LoadResult[]>>;

function findings(
  rounds: Rounds,
  alone: LoadResult,
  { count, bodyBytes, invalidations }: { count: number; bodyBytes: number; invalidations: number },
): Findings {
  const rate = (results: readonly LoadResult[]) => median(results.map(({ seconds }) => count / seconds));
  const [bare, sending, receiver] = [rate(rounds.bare), rate(rounds.sending), rate(rounds.receiver)];
  const ms = (results: readonly LoadResult[]) => spreadOf(results.flatMap((result) => result.ms));
  const [bareMs, sendingMs, receiverMs, aloneMs] = [
    ms(rounds.bare),
    ms(rounds.sending),
    ms(rounds.receiver),
    ms([alone]),
  ];
  const each = `median of ${ROUNDS} rounds of ${count}, in turns, ${IN_FLIGHT} in flight, bodies of ${bodyBytes} B`;
  const figures: Figure[] = [
    { name: "bare Worker", value: bare, unit: "requests/s", beside: each },
    { name: "bare Worker that sends", value: sending, unit: "requests/s" },
    {
      name: "receiver",
      value: receiver,
      unit: "webhooks/s",
      beside: "signature, projection, send, invalidation",
    },
    {
      name: "receiver ÷ bare Worker that sends",
      value: receiver / sending,
      unit: "",
      goal: atLeast(receiver / sending, 0.7, "0.7"),
    },
    {
      name: "ack p50, receiver",
      value: receiverMs.p50,
      unit: "ms",
      beside: `bare ${bareMs.p50.toFixed(1)}, sending ${sendingMs.p50.toFixed(1)}`,
    },
    {
      name: "ack p99, receiver",
      value: receiverMs.p99,
      unit: "ms",
      beside: `bare ${bareMs.p99.toFixed(1)}, sending ${sendingMs.p99.toFixed(1)}`,
    },
    { name: "ack p50, one at a time", value: aloneMs.p50, unit: "ms", beside: `p99 ${aloneMs.p99.toFixed(1)}` },
  ];
  const all = [...Object.values(rounds).flat(), alone];
  const refused = all.flatMap(({ statuses }) => statuses).filter((status) => status !== 200).length;
  const checks = [
    equals("answers that were not 200", refused, 0),
    { name: "mirrored levels were forgotten meanwhile", holds: invalidations > 0, found: `${invalidations} times` },
  ];
  return { figures, checks };
}

/** Bodies as the simulator sends them to a subscription with the fields that we ask for. */
async function orderBodies(count: number): Promise<readonly string[]> {
  const simulator = await startShopifySimulator({ seed: 5, shop: SHOP });
  const { variants } = simulator.seedCatalogue({ skus: 100, stock: [500, 500] });
  const caught = await catchWebhooks(simulator, () => {
    for (let i = 0; i < count; i += 1) {
      const lines = [0, 1].map((n) => ({
        variantId: variants[(i * 7 + n * 13) % variants.length]?.id ?? "",
        quantity: 1,
      }));
      simulator.createOrder({ lines });
    }
  });
  await simulator.close();
  return caught.flatMap(({ topic, raw }) => (topic === "orders/create" ? [raw] : []));
}

/** Each with a delivery id of its own, as every delivery has. */
function signed(bodies: readonly string[], count: number): readonly LoadRequest[] {
  const signatures = bodies.map((body) => createHmac("sha256", SECRET).update(body).digest("base64"));
  return Array.from({ length: count }, (_, i) => ({
    method: "POST",
    path: "/webhooks/shopify",
    body: bodies[i % bodies.length] ?? "",
    headers: {
      "content-type": "application/json",
      "x-shopify-topic": "orders/create",
      "x-shopify-shop-domain": SHOP,
      "x-shopify-webhook-id": randomUUID(),
      "x-shopify-hmac-sha256": signatures[i % signatures.length] ?? "",
    },
  }));
}
