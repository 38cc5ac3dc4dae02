/**
 * /_simulator/…: plays the merchant and the buyers from outside, looks into the shop, sets faults. JSON in, JSON out;
 * ids are strings of digits. Guarded by the access token, on loopback only.
 */
import * as z from "zod";
import { faultsSchema } from "../faults/faults.ts";
import type { CreateOrderOutcome } from "../model/create-order.ts";
import type { SettleOutcome } from "../model/settle-order.ts";
import type { Order, Refund } from "../model/shop-model.ts";
import { shopStamp } from "../model/stamps.ts";
import type { ItemRef } from "../shop-operations.ts";
import type { ShopifySimulator } from "../simulator.ts";
import type { HttpAnswer } from "./http-io.ts";

export type ControlRequest = {
  readonly method: string;
  /** Without the prefix: `/orders`. */
  readonly path: string;
  readonly search: URLSearchParams;
  readonly body: string;
};

const digits = z.string().regex(/^\d+$/);
const quantity = z.number().int().min(1);

const orderLine = z.strictObject({
  quantity,
  variantId: digits.optional(),
  sku: z.string().optional(),
  title: z.string().optional(),
  priceCents: z.number().int().min(0).optional(),
  reservesOnFulfillment: z.boolean().optional(),
});
const orderBody = z.strictObject({
  lines: z.array(orderLine),
  source: z.enum(["web", "pos"]).optional(),
  locationId: digits.optional(),
  test: z.boolean().optional(),
  paid: z.boolean().optional(),
});
const cancelBody = z.strictObject({
  restock: z.boolean(),
  reason: z.enum(["customer", "declined", "fraud", "inventory", "other", "staff"]).optional(),
});
const refundLine = z.strictObject({
  lineId: digits,
  quantity,
  restockType: z.enum(["no_restock", "cancel", "return"]),
  locationId: digits.optional(),
});
const refundBody = z.strictObject({
  lines: z.array(refundLine),
  note: z.string().optional(),
  amountCents: z.number().int().min(0).optional(),
});
const fulfilBody = z.strictObject({ lines: z.array(z.strictObject({ lineId: digits, quantity })).optional() });
const placeBody = { itemId: digits.optional(), sku: z.string().optional(), locationId: digits };
const levelBody = z.strictObject({
  ...placeBody,
  available: z.number().int().optional(),
  delta: z.number().int().optional(),
});
const connectBody = z.strictObject(placeBody);
const seedBody = z.strictObject({
  skus: z.number().int().min(0),
  locations: z.number().int().min(1).optional(),
  stock: z.tuple([z.number().int(), z.number().int()]).optional(),
  continueRate: z.number().min(0).max(1).optional(),
  specials: z
    .strictObject({
      giftCard: z.boolean(),
      untracked: z.boolean(),
      blankSku: z.boolean(),
      duplicateSku: z.boolean(),
      bundle: z.boolean(),
    })
    .partial()
    .optional(),
});
const outageBody = z.strictObject({ forMs: z.number().min(0), status: z.number().int().optional() });
const activeBody = z.strictObject({ isActive: z.boolean() });

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
  ["GET", /^\/variants$/, (simulator) => ({ variants: variantsWire(simulator) })],
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

type Defined<T> = T extends object ? { [Key in keyof T]: Defined<Exclude<T[Key], undefined>> } : T;

/** zod writes optional fields as `| undefined`; the operations take them as absent. JSON has no undefined to begin with. */
function withoutUndefined<T>(parsed: T): Defined<T> {
  return parsed as Defined<T>;
}

function locationWire(location: ShopifySimulator["store"]["locations"][number]): unknown {
  return { id: location.id, name: location.name, isActive: location.isActive, priority: location.priority };
}

function variantsWire(simulator: ShopifySimulator): unknown[] {
  return simulator.store.variants.map((variant) => ({
    id: variant.id,
    sku: variant.item.sku,
    itemId: variant.item.id,
    title: `${variant.product.title} - ${variant.title}`,
    tracked: variant.item.tracked,
    policy: variant.policy,
    isBundle: variant.components.length > 0,
  }));
}

function createWire(outcome: CreateOrderOutcome): unknown {
  return outcome.kind === "created" ? { kind: "created", order: orderWire(outcome.order) } : outcome;
}

function settleWire(outcome: SettleOutcome): unknown {
  if (outcome.kind === "refused") return outcome;
  return {
    kind: "done",
    order: orderWire(outcome.order),
    refund: outcome.refund === null ? null : refundWire(outcome.refund),
  };
}

function orderWire(order: Order | undefined): unknown {
  if (order === undefined) throw new RangeError("no such order");
  return {
    id: order.id,
    name: `#${order.number}`,
    createdAt: shopStamp(order.createdAtMs),
    cancelledAt: order.cancelledAtMs === null ? null : shopStamp(order.cancelledAtMs),
    lines: order.lines.map((line) => ({
      id: line.id,
      sku: line.sku,
      variantId: line.variant?.id ?? null,
      quantity: line.quantity,
      currentQuantity: line.currentQuantity,
      fulfillableQuantity: line.fulfillableQuantity,
      allocations: line.allocations.map(({ level, quantity: units }) => ({
        locationId: level.location.id,
        quantity: units,
      })),
    })),
    refunds: order.refunds.map(refundWire),
  };
}

function refundWire(refund: Refund): unknown {
  return {
    id: refund.id,
    lines: refund.lines.map((line) => ({
      id: line.id,
      lineId: line.line.id,
      quantity: line.quantity,
      restockType: line.restockType,
      locationId: line.location?.id ?? null,
    })),
  };
}
