/** A door in front of Redis that can be shut: requests then come in, and are not answered while their sender waits. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export class SlowRedis {
  isShut = false;
  /** When each request came in. */
  readonly cameAtMs: number[] = [];
  readonly #behind: string;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  constructor(behind: string) {
    this.#behind = behind;
  }

  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.cameAtMs.push(performance.now());
    if (this.isShut) return;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { authorization = "", "content-type": type = "application/json" } = request.headers;
    const headers = { authorization, "content-type": type };
    const body = Buffer.concat(chunks);
    const reply = await fetch(`${this.#behind}${request.url}`, { method: "POST", headers, body });
    response.writeHead(reply.status, { "content-type": "application/json" }).end(await reply.text());
  }
}
