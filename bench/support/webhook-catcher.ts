/** Lets something happen in a simulated shop and keeps the webhooks that Onhand's subscriptions would have brought. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ShopifySimulator } from "../../dev/shopify-simulator/simulator.ts";
import { NEEDED_WEBHOOKS } from "../../src/services/webhook-subscriptions.ts";

export type CaughtWebhook = { readonly topic: string; readonly webhookId: string; readonly raw: string };

/** @returns in the order of arrival, when nothing is under way any more */
export async function catchWebhooks(
  simulator: ShopifySimulator,
  happen: () => void,
): Promise<readonly CaughtWebhook[]> {
  const caught: CaughtWebhook[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { "x-shopify-topic": topic, "x-shopify-webhook-id": webhookId } = request.headers;
      caught.push({ topic: String(topic), webhookId: String(webhookId), raw: Buffer.concat(chunks).toString() });
      response.end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`;
  for (const { topic, includeFields } of NEEDED_WEBHOOKS) {
    const outcome = simulator.registry.create(topic, { uri, includeFields: [...includeFields] });
    if (outcome.kind === "refused") throw new Error(JSON.stringify(outcome.userErrors));
  }
  happen();
  await simulator.idle();
  for (const { id } of simulator.registry.all()) simulator.registry.delete(id);
  server.closeAllConnections();
  server.close();
  return caught;
}
