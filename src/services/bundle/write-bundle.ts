/**
 * Movements of a bundle are movements of its components. A guarded take is theirs all or none, held and sold in one call
 * through a coordinator. What has happened, or brings units, is booked at each component by itself, under a key of its own:
 * a repeat books what is missing, and nothing twice.
 */
import type { FlatBundle } from "../../domain/bundle/bundle.ts";
import type { MovementOutcome } from "../../domain/counter/movement.ts";
import type { Moves } from "../../domain/counter/own-book.ts";
import type { Sku, SkuId } from "../../domain/ids.ts";
import type { LevelsView } from "../../domain/levels-view.ts";
import { type AskedMovement, type Asking, movementEvents } from "../asked-events.ts";
import { atMost } from "../at-most.ts";
import type { Counters } from "../counter-contract.ts";
import {
  type ReserveDeps,
  type ReserveGiven,
  type ReserveOutcome,
  reservationIdOf,
  reserve,
} from "../reservation/reserve.ts";

export interface WriteBundleDeps extends ReserveDeps {
  readonly counters: Counters;
  /** How long the holds of a sale live that was cut off. */
  readonly saleHoldMs: number;
  mirror(views: readonly LevelsView[]): void;
  nowMs(): number;
}

export type ComponentOutcome = {
  readonly sku: Sku;
  readonly quantity: number;
  readonly outcome: MovementOutcome | { readonly kind: "not_connected" };
};

export type WriteBundleOutcome =
  | { readonly kind: "reserved"; readonly reply: ReserveOutcome }
  | { readonly kind: "booked"; readonly bundle: FlatBundle; readonly components: readonly ComponentOutcome[] }
  /** What only makes sense of stock. */
  | { readonly kind: "not_of_a_bundle"; readonly detail: string };

export async function writeBundle(
  bundle: FlatBundle,
  asked: AskedMovement,
  by: Asking,
  dryRun: boolean,
  deps: WriteBundleDeps,
): Promise<WriteBundleOutcome> {
  if (by.expected.version !== undefined || by.expected.lease !== undefined)
    return { kind: "not_of_a_bundle", detail: "A bundle has no counter: versions and leases are its components'." };
  if (asked.kind === "transfer") return { kind: "not_of_a_bundle", detail: "Transfer its components." };
  if (asked.delta < 0 && !asked.allowNegative) {
    return { kind: "reserved", reply: await reserve(saleOf(bundle.sku, asked, by, dryRun, deps), deps) };
  }
  const told = { ...asked, sale: await untoldSale(bundle.sku, asked, deps) };
  const components = await atMost(deps.callsMax, bundle.components, (component) =>
    bookOne(bundle.sku, component, told, by, dryRun, deps),
  );
  return { kind: "booked", bundle, components };
}

/** Sold through the same door before, it needs no assertion: its coordinator has booked it. */
async function untoldSale(sku: Sku, { sale }: AskedMovement, deps: WriteBundleDeps): Promise<AskedMovement["sale"]> {
  if (sale === null) return null;
  const id = await reservationIdOf(named(sku, sale.idempotencyKey));
  const view = await deps.coordinators.of(id).look();
  return view?.status === "committed" ? null : { ...sale, idempotencyKey: componentKey(sku, sale.idempotencyKey) };
}

/** The key counts once per SKU, whoever sends it. Each sale is a client of its own: no buyer counts as another's hoarding. */
const named = (sku: Sku, idempotencyKey: string) => ({
  scope: ["movement", sku],
  client: `sale/${idempotencyKey}`,
  idempotencyKey,
});

/** The caller may use the same key for a movement of the component itself. */
const componentKey = (sku: Sku, idempotencyKey: string): string => `bundle/${sku}/${idempotencyKey}`;

function saleOf(
  sku: Sku,
  asked: AskedMovement,
  { idempotencyKey, actor, correlationId }: Asking,
  dryRun: boolean,
  { saleHoldMs }: WriteBundleDeps,
): ReserveGiven {
  const { delta, locationId, channel, reason, reference, moves } = asked;
  return {
    ...named(sku, idempotencyKey),
    ...{ channel, ttlMs: saleHoldMs, commits: true, dryRun },
    lines: [{ sku, quantity: -delta, locationId }],
    cause: { reason, reference, source: "api", actor, correlationId },
    isFulfilled: (moves.committed ?? 0) === 0,
  };
}

async function bookOne(
  bundleSku: Sku,
  { skuId, sku, quantity }: { readonly skuId: SkuId; readonly sku: Sku; readonly quantity: number },
  asked: AskedMovement,
  by: Asking,
  dryRun: boolean,
  deps: WriteBundleDeps,
): Promise<ComponentOutcome> {
  const sale = asked.sale === null ? null : { ...asked.sale, quantity: asked.sale.quantity * quantity };
  const times = { ...asked, delta: asked.delta * quantity, moves: multiplied(asked.moves, quantity), sale };
  const key = componentKey(bundleSku, by.idempotencyKey);
  const events = await movementEvents(times, { ...by, idempotencyKey: key }, deps.nowMs());
  const reply = await deps.counters.of(skuId).apply(events, { dryRun });
  if (reply.kind === "not_connected") return { sku, quantity, outcome: reply };
  if (!dryRun && reply.hasChanged !== false) deps.mirror([reply.view]);
  return { sku, quantity, outcome: reply.outcomes.at(-1) as MovementOutcome };
}

const multiplied = (moves: Moves, times: number): Moves =>
  Object.fromEntries(Object.entries(moves).map(([state, units]) => [state, units * times])) as Moves;
