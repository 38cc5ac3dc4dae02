/**
 * The Worker as it is deployed, with a driver beside it: what a benchmark asks for over HTTP happens inside the runtime, by the
 * same RPC and the same queues, so that no client is measured in its place.
 */
import worker from "../../src/index.ts";
import { drive } from "./drive.ts";

export { Destination, ReservationCoordinator, ShopGate, SkuCounter, Telemetry, WebhookInbox } from "../../src/index.ts";

const PREFIX = "/_bench/";

export default {
  ...worker,
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith(PREFIX)) return worker.fetch(request, env, ctx);
    return Response.json(await drive(pathname.slice(PREFIX.length), await request.json(), env));
  },
} satisfies ExportedHandler<Env>;
