/**
 * /_simulator/…: plays the merchant and the buyers from outside, looks into the shop, sets faults. JSON in, JSON out;
 * ids are strings of digits. Guarded by the access token, on loopback only.
 */
import * as z from "zod";
import { faultsSchema } from "../faults/faults.ts";
import type { ItemRef } from "../shop-operations.ts";
import type { ShopifySimulator } from "../simulator.ts";
import {
  activeBody,
  cancelBody,
  connectBody,
  editBody,
  fulfilBody,
  levelBody,
  nameBody,
  orderBody,
  outageBody,
  planBody,
  refundBody,
  renameBody,
  returnBody,
  seedBody,
  trackedBody,
  withoutUndefined,
} from "./control-bodies.ts";
import { createWire, locationWire, orderWire, settleWire, variantsWire } from "./control-wire.ts";
import type { HttpAnswer } from "./http-io.ts";

export type ControlRequest = {
  readonly method: string;
  /** Without the prefix: `/orders`. */
  readonly path: string;
  readonly search: URLSearchParams;
  readonly body: string;
};

type Handler = (simulator: ShopifySimulator, call: { readonly id: string } & ControlRequest) => unknown;

const ROUTES: readonly (readonly [string, RegExp, Handler])[] = [
  [
    "GET",
    /^\/levels$/,
    (simulator, { search }) => {
      const sku = search.get("sku");
      return { levels: sku === null ? simulator.levels() : simulator.levelsBySku(sku) };
    },
  ],
  ["GET", /^\/locations$/, (simulator) => ({ locations: simulator.store.locations.map(locationWire) })],
  ["GET", /^\/variants$/, (simulator) => ({ variants: variantsWire(simulator.store) })],
  ["GET", /^\/stats$/, (simulator) => simulator.stats()],
  [
    "GET",
    /^\/changes$/,
    (simulator, { search }) => ({
      changes: simulator.changes(Number(search.get("after") ?? 0), Number(search.get("limit") ?? 1_000)),
    }),
  ],
  ["GET", /^\/faults$/, (simulator) => simulator.faults],
  [
    "PUT",
    /^\/faults$/,
    (simulator, { body }) => {
      simulator.faults = faultsSchema.parse(json(body));
      return simulator.faults;
    },
  ],
  [
    "PATCH",
    /^\/faults$/,
    (simulator, { body }) => {
      simulator.patchFaults(json(body) as Parameters<ShopifySimulator["patchFaults"]>[0]);
      return simulator.faults;
    },
  ],
  [
    "POST",
    /^\/outage$/,
    (simulator, { body }) => {
      const { forMs, status } = outageBody.parse(json(body));
      simulator.startOutage(forMs, status);
      return simulator.faults;
    },
  ],
  [
    "POST",
    /^\/plan$/,
    (simulator, { body }) => {
      const { mutations, queries } = planBody.parse(json(body));
      simulator.planNextMutations(...mutations);
      simulator.planNextQueries(...queries);
      return { planned: mutations.length + queries.length };
    },
  ],
  [
    "POST",
    /^\/tokens\/revoke$/,
    (simulator) => {
      simulator.revokeTokens();
      return { revoked: true };
    },
  ],
  [
    "POST",
    /^\/tokens\/expire$/,
    (simulator) => {
      simulator.expireTokens();
      return { expired: true };
    },
  ],
  [
    "POST",
    /^\/seed$/,
    (simulator, { body }) => {
      const seeded = simulator.seedCatalogue(withoutUndefined(seedBody.parse(json(body))));
      return { skus: seeded.variants.map((variant) => variant.item.sku) };
    },
  ],
  ["POST", /^\/idle$/, (simulator) => simulator.idle().then(() => simulator.stats())],
  ["GET", /^\/orders\/(?<id>\d+)$/, (simulator, { id }) => orderWire(simulator.store.orderById(id))],
  [
    "POST",
    /^\/orders$/,
    (simulator, { body }) => createWire(simulator.createOrder(withoutUndefined(orderBody.parse(json(body))))),
  ],
  [
    "POST",
    /^\/orders\/(?<id>\d+)\/cancel$/,
    (simulator, { id, body }) => settleWire(simulator.cancelOrder(id, withoutUndefined(cancelBody.parse(json(body))))),
  ],
  [
    "POST",
    /^\/orders\/(?<id>\d+)\/refunds$/,
    (simulator, { id, body }) => settleWire(simulator.refundOrder(id, withoutUndefined(refundBody.parse(json(body))))),
  ],
  [
    "POST",
    /^\/orders\/(?<id>\d+)\/fulfil$/,
    (simulator, { id, body }) => settleWire(simulator.fulfilOrder(id, withoutUndefined(fulfilBody.parse(json(body))))),
  ],
  [
    "POST",
    /^\/orders\/(?<id>\d+)\/edit$/,
    (simulator, { id, body }) => settleWire(simulator.editOrder(id, withoutUndefined(editBody.parse(json(body))))),
  ],
  [
    "POST",
    /^\/orders\/(?<id>\d+)\/return$/,
    (simulator, { id, body }) => settleWire(simulator.returnUnits(id, withoutUndefined(returnBody.parse(json(body))))),
  ],
  [
    "POST",
    /^\/items\/(?<id>\d+)\/(?<what>rename|tracked|delete)$/,
    (simulator, { id, path, body }) => {
      if (path.endsWith("/delete")) simulator.deleteProduct({ itemId: id });
      else if (path.endsWith("/rename")) simulator.renameSku({ itemId: id }, renameBody.parse(json(body)).sku);
      else simulator.setTracked({ itemId: id }, trackedBody.parse(json(body)).tracked);
      return { done: true };
    },
  ],
  [
    "POST",
    /^\/app\/(?<what>uninstall|install)$/,
    (simulator, { path }) => {
      if (path.endsWith("/uninstall")) simulator.uninstallApp();
      else simulator.installApp();
      return { done: true };
    },
  ],
  [
    "POST",
    /^\/levels$/,
    (simulator, { body }) => {
      const { available, delta, ...place } = levelBody.parse(json(body));
      const edit = available === undefined ? { delta: delta ?? 0 } : { available };
      return simulator.editLevel(itemRef(place), place.locationId, edit);
    },
  ],
  [
    "POST",
    /^\/levels\/connect$/,
    (simulator, { body }) => {
      const place = connectBody.parse(json(body));
      return simulator.connectLevel(itemRef(place), place.locationId);
    },
  ],
  [
    "POST",
    /^\/levels\/disconnect$/,
    (simulator, { body }) => {
      const place = connectBody.parse(json(body));
      simulator.disconnectLevel(itemRef(place), place.locationId);
      return { disconnected: true };
    },
  ],
  [
    "POST",
    /^\/locations\/(?<id>\d+)\/(?<what>rename|delete)$/,
    (simulator, { id, path, body }) => {
      if (path.endsWith("/delete")) simulator.deleteLocation(id);
      else simulator.renameLocation(id, nameBody.parse(json(body)).name);
      return { locations: simulator.store.locations.map(locationWire) };
    },
  ],
  [
    "POST",
    /^\/locations\/(?<id>\d+)\/active$/,
    (simulator, { id, body }) => {
      simulator.setLocationActive(id, activeBody.parse(json(body)).isActive);
      return { locations: simulator.store.locations.map(locationWire) };
    },
  ],
];

/** Finds the route and answers it. A wrong body is 422 with its problems, a wrong id 404. */
export async function answerControl(simulator: ShopifySimulator, request: ControlRequest): Promise<HttpAnswer> {
  for (const [method, pattern, handler] of ROUTES) {
    const match = method === request.method ? pattern.exec(request.path) : null;
    if (match === null) continue;
    try {
      const result = await handler(simulator, { ...request, id: match.groups?.["id"] ?? "" });
      return isRefusal(result) ? { status: 409, body: result } : { status: 200, body: result };
    } catch (error) {
      if (error instanceof z.ZodError) return { status: 422, body: { error: z.prettifyError(error) } };
      if (error instanceof SyntaxError) return { status: 400, body: { error: error.message } };
      if (error instanceof RangeError) return { status: 404, body: { error: error.message } };
      throw error;
    }
  }
  return { status: 404, body: { error: `no ${request.method} ${request.path}` } };
}

function isRefusal(result: unknown): boolean {
  return (
    typeof result === "object" &&
    result !== null &&
    "kind" in result &&
    result.kind !== "created" &&
    result.kind !== "done"
  );
}

function json(text: string): unknown {
  return text.trim() === "" ? {} : JSON.parse(text);
}

function itemRef(place: { readonly itemId?: string | undefined; readonly sku?: string | undefined }): ItemRef {
  if (place.itemId !== undefined) return { itemId: place.itemId };
  if (place.sku !== undefined) return { sku: place.sku };
  throw new RangeError("name an itemId or a sku");
}
