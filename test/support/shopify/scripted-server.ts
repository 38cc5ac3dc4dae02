/** A server on loopback that answers as it is told, and remembers what it was asked. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
};

export type Answer = (response: ServerResponse, asked: Asked) => void;

export type ScriptedServer = {
  readonly origin: string;
  readonly asked: Asked[];
  /** How the next requests are answered; the last one stays. */
  answers: Answer[];
  close(): Promise<void>;
};

export const json =
  (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) => {
    response.writeHead(status, { "Content-Type": "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };

export async function startScriptedServer(): Promise<ScriptedServer> {
  const asked: Asked[] = [];
  const script: { answers: Answer[] } = { answers: [json({ data: {} })] };
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { method = "", url: path = "", headers } = request;
      const one = { method, path, headers, body };
      asked.push(one);
      const answer = script.answers.length > 1 ? script.answers.shift() : script.answers[0];
      answer?.(response, one);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    asked,
    get answers() {
      return script.answers;
    },
    set answers(answers) {
      script.answers = answers;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
