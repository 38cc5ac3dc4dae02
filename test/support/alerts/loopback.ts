/** A real HTTP server on this machine that keeps what it gets. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Received = {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** What it was answered. */
  readonly status: number;
};

export type Loopback = {
  readonly url: string;
  readonly received: Received[];
  /** Answers from now on; 0: none at all. */
  status: number;
  /** Body of its answers from now on: "trickle" is a little at a time without end, "flood" much of it. */
  answer: "trickle" | "flood" | string;
  close(): Promise<void>;
};

export async function startLoopback(): Promise<Loopback> {
  const received: Received[] = [];
  const loopback = { url: "", received, status: 200, answer: "{}", close: async () => {} };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts).toString("utf8");
      received.push({ path: request.url ?? "", headers: request.headers, body, status: loopback.status });
      if (loopback.status !== 0)
        say(response.writeHead(loopback.status, { "content-type": "application/json" }), loopback.answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  loopback.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  loopback.close = () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return loopback;
}

function say(response: ServerResponse, answer: string): void {
  if (answer !== "trickle" && answer !== "flood") return void response.end(answer);
  const piece = answer === "trickle" ? "." : "!".repeat(100_000);
  response.write(piece);
  const timer = setInterval(() => response.write(piece), 10);
  response.on("close", () => clearInterval(timer));
}
