/** Movements and levels of bundles, as the API answers them. */
import type { Context } from "hono";
import type { FlatBundle } from "../domain/bundle/bundle.ts";
import type { Sku } from "../domain/ids.ts";
import type { BundleRead } from "../services/bundle/read-with-bundles.ts";
import type { ComponentOutcome, WriteBundleOutcome } from "../services/bundle/write-bundle.ts";
import type { AppEnv } from "./app-env.ts";
import { takesToWire } from "./bundle-routes.ts";
import { KEY_REUSED, unknownLocation } from "./movement-reply.ts";
import { movementToWire } from "./movement-to-wire.ts";
import { type Problem, problem } from "./problem.ts";
import { reserveProblem } from "./reservation-problem.ts";
import { reservationToWire } from "./reservation-to-wire.ts";
import { importing } from "./sku-problems.ts";

/** `bundle: true` tells it from levels of stock: it has none of its own, so neither onHand nor committed. */
export function bundleToWire({ view, source }: BundleRead) {
  const { asOf, ...levels } = view;
  return { ...levels, bundle: true, source, asOf };
}

export const bundleEtag = ({ view }: BundleRead): string => `W/"${view.version}"`;

type Asked = { readonly bundle: FlatBundle; readonly quantity: number; readonly dryRun: boolean };

export function writeBundleReply(c: Context<AppEnv>, outcome: WriteBundleOutcome, asked: Asked): Response {
  switch (outcome.kind) {
    case "not_of_a_bundle":
      return problem(c, { code: "bad_request", detail: `"${asked.bundle.sku}" is a bundle. ${outcome.detail}` });
    case "booked":
      return bookedReply(c, outcome.components, asked);
    case "reserved":
      return soldReply(c, outcome, asked);
  }
}

const headOf = ({ bundle, quantity, dryRun }: Asked) => ({
  ...(dryRun ? { dryRun } : {}),
  bundle: { sku: bundle.sku, quantity, takes: takesToWire(bundle) },
});

function soldReply(
  c: Context<AppEnv>,
  { reply }: WriteBundleOutcome & { readonly kind: "reserved" },
  asked: Asked,
): Response {
  switch (reply.kind) {
    case "granted":
    case "replayed": {
      const body = { ...headOf(asked), reservation: reservationToWire(reply) };
      if (asked.dryRun) return c.json(body, 200);
      return reply.kind === "granted" ? c.json(body, 201) : c.json(body, 200, { "idempotent-replayed": "true" });
    }
    default: {
      const line = { sku: asked.bundle.sku, quantity: asked.quantity, locationId: null };
      return problem(c, reserveProblem(reply, [line], Date.now()));
    }
  }
}

/** Each component is booked by itself: where one refused, the others are, and a repeat books what is missing. */
function bookedReply(c: Context<AppEnv>, components: readonly ComponentOutcome[], asked: Asked): Response {
  const refused = components.map(componentProblem).find((given) => given !== null);
  if (refused !== undefined) return problem(c, refused);
  const movements = components.flatMap(({ sku, outcome }) =>
    outcome.kind === "applied" || outcome.kind === "duplicate"
      ? (outcome.parts ?? [outcome.movement]).map((movement) => ({ sku, ...movementToWire(movement) }))
      : [],
  );
  const body = { ...headOf(asked), movements };
  const isNew = components.some(({ outcome }) => outcome.kind === "applied");
  if (asked.dryRun) return c.json(body, 200);
  return isNew ? c.json(body, 201) : c.json(body, 200, { "idempotent-replayed": "true" });
}

function componentProblem({ sku, outcome }: ComponentOutcome): Problem | null {
  switch (outcome.kind) {
    case "applied":
    case "duplicate":
      return null;
    case "not_connected":
      return importing(sku);
    case "key_reused":
      return KEY_REUSED;
    case "unknown_location":
      return of(sku, unknownLocation(outcome.known));
    case "out_of_range":
      return of(sku, { code: "out_of_range", detail: `The level would be ${outcome.level}.`, field: "quantity" });
    case "too_old":
      return { code: "bad_request", detail: "It happened too long ago to tell whether it was counted." };
    default:
      return of(sku, { code: "conflict", detail: `It is refused: ${outcome.kind}.` });
  }
}

const of = (sku: Sku, given: Problem): Problem => ({ ...given, detail: `Component ${sku}: ${given.detail}` });
