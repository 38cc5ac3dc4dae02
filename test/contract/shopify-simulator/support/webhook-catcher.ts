/** A receiver of webhooks: keeps what came, answers what the test wants. */
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";
import type { ShopifySimulator } from "../../../../dev/shopify-simulator/simulator.ts";

export type Caught = {
  readonly topic: string;
  readonly headers: IncomingHttpHeaders;
  readonly raw: string;
  readonly body: Record<string, unknown>;
};

export type Catcher = {
  readonly uri: string;
  readonly caught: Caught[];
  /** Status of the next answers, 200 when the list is empty. */
  readonly answers: number[];
  /** Bodies of one topic, in order of arrival. */
  readonly bodies: (topic: string) => Record<string, unknown>[];
};

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

export async function startCatcher(): Promise<Catcher> {
  const caught: Caught[] = [];
  const answers: number[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const raw = Buffer.concat(chunks).toString("utf8");
      const topic = String(request.headers["x-shopify-topic"]);
      caught.push({ topic, headers: request.headers, raw, body: JSON.parse(raw) as Record<string, unknown> });
      response.statusCode = answers.shift() ?? 200;
      response.end();
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    uri: `http://127.0.0.1:${port}/webhooks`,
    caught,
    answers,
    bodies: (topic) => caught.filter((each) => each.topic === topic).map((each) => each.body),
  };
}

/** Subscribes a catcher to topics (enum spelling). */
export function subscribe(simulator: ShopifySimulator, catcher: Catcher, ...topics: readonly string[]): void {
  for (const topic of topics) {
    const outcome = simulator.registry.create(topic, { uri: catcher.uri });
    if (outcome.kind === "refused") throw new Error(JSON.stringify(outcome.userErrors));
  }
}
