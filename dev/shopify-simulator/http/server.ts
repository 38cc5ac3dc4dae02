/** The HTTP face: routes as a table of contents. Binds 127.0.0.1 only. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { BulkOperations } from "../bulk/bulk-operations.ts";
import type { ShopifySimulator } from "../simulator.ts";
import { answerControl } from "./control-routes.ts";
import type { GraphqlRoute } from "./graphql-route.ts";
import { readBody, sendAnswer } from "./http-io.ts";
import { answerTokenRequest, type OauthDeps } from "./oauth-route.ts";
import { isSameSecret } from "./token-desk.ts";

export type ServerDeps = {
  readonly port: number;
  readonly route: GraphqlRoute;
  readonly oauth: OauthDeps;
  readonly bulk: BulkOperations;
  readonly controlToken: string;
  readonly simulator: () => ShopifySimulator;
};

export type RunningServer = { readonly url: string; readonly close: () => Promise<void> };

const GRAPHQL_PATH = /^\/admin\/api\/([^/]+)\/graphql\.json$/;
const BULK_PATH = /^\/bulk-operation-outputs\/(\w+)\//;

export async function startServer(deps: ServerDeps): Promise<RunningServer> {
  const server = createServer((request, response) => {
    handle(deps, request, response).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      sendAnswer(response, { status: 500, body: { errors: `simulator: ${message}` } });
    });
  });
  // Idle connections outlive any pause of a test, so that nobody meets a connection that closes just then.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(deps.port, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handle(deps: ServerDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const method = request.method ?? "GET";
  const token = headerOf(request, "x-shopify-access-token");
  const bulkSecret = BULK_PATH.exec(url.pathname)?.[1];
  if (method === "GET" && bulkSecret !== undefined) {
    sendBulkResult(deps.bulk, bulkSecret, headerOf(request, "range"), response);
    return;
  }
  const body = await readBody(request);
  const version = GRAPHQL_PATH.exec(url.pathname)?.[1];
  if (method === "POST" && version !== undefined) {
    await deps.route.answer(version, token, body, response);
    return;
  }
  if (method === "POST" && url.pathname === "/admin/oauth/access_token") {
    sendAnswer(response, answerTokenRequest(deps.oauth, headerOf(request, "content-type"), body));
    return;
  }
  if (url.pathname.startsWith("/_simulator/")) {
    const isAllowed = isSameSecret(token, deps.controlToken);
    const refusal = { status: 401, body: { error: "X-Shopify-Access-Token must be the simulator's access token" } };
    const wanted = { method, path: url.pathname.slice("/_simulator".length), search: url.searchParams, body };
    sendAnswer(response, isAllowed ? await answerControl(deps.simulator(), wanted) : refusal);
    return;
  }
  sendAnswer(response, { status: 404, body: { errors: "Not Found" } });
}

function headerOf(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === "string" ? value : "";
}

/** The result needs no token: like a signed address, whoever knows it may read it; from a byte on, if that is asked for. */
function sendBulkResult(bulk: BulkOperations, secret: string, range: string, response: ServerResponse): void {
  const chunks = bulk.resultOf(secret);
  if (chunks === null) {
    sendAnswer(response, { status: 404, body: { errors: "Not Found" } });
    return;
  }
  const from = /^bytes=(\d+)-$/.exec(range)?.[1];
  const bytes = Buffer.from(chunks.join(""));
  const start = Number(from ?? 0);
  if (start >= bytes.byteLength && start > 0) {
    response.writeHead(416).end();
    return;
  }
  const rangeHeaders = { "Content-Range": `bytes ${start}-${bytes.byteLength - 1}/${bytes.byteLength}` };
  response.writeHead(from === undefined ? 200 : 206, {
    "Content-Type": "application/jsonl",
    ...(from === undefined ? {} : rangeHeaders),
  });
  response.end(bytes.subarray(start));
}
