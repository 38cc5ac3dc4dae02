/** What `POST /v1/channels/{id}/events` is to a sender: verifies by the reference library, keeps what it took, answers as told. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import type { OutgoingEvent } from "../../../dev/channel-link/wire.ts";

export type Heard = { readonly webhookId: string; readonly events: readonly OutgoingEvent[] };

export type EventEar = {
  readonly url: string;
  /** Requests that were signed well and answered 202. */
  readonly heard: readonly Heard[];
  /** Statuses of the next answers to well-signed requests; then 202. */
  answers: { readonly status: number; readonly retryAfter?: string }[];
  close(): Promise<void>;
};

export async function startEventEar(secret: string): Promise<EventEar> {
  const heard: Heard[] = [];
  const answers: EventEar["answers"] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    try {
      new Webhook(secret).verify(body, request.headers as Record<string, string>);
    } catch {
      response.writeHead(401).end();
      return;
    }
    const told = answers.shift() ?? { status: 202 };
    if (told.status === 202) {
      const parsed = JSON.parse(body) as OutgoingEvent | OutgoingEvent[];
      heard.push({
        webhookId: String(request.headers["webhook-id"]),
        events: Array.isArray(parsed) ? parsed : [parsed],
      });
    }
    const headers = told.retryAfter === undefined ? {} : { "retry-after": told.retryAfter };
    response.writeHead(told.status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify({ accepted: 1, rejected: 0, events: [] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`,
    heard,
    answers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const secretOf = (name: string): string => `whsec_${Buffer.from(name.padEnd(32, "-")).toString("base64")}`;
