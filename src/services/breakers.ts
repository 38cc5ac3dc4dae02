/** All circuit breakers as an operator sees them, and the two things he may do to one. */
import type { BreakerStatus } from "../domain/breaker/status.ts";
import { type DestinationName, destinationOfGate, type ShopDomain } from "../domain/ids.ts";
import { reasonOf } from "../observability/log.ts";
import type { DestinationStub } from "./destination-contract.ts";
import type { GateStatus } from "./gate-contract.ts";

type BreakerGate = {
  status(): Promise<GateStatus>;
  isolate(by: string, reason: string): Promise<GateStatus>;
  release(): Promise<GateStatus>;
};

export interface BreakersDeps {
  shops(): Promise<ReadonlySet<ShopDomain>>;
  gate(shop: ShopDomain): BreakerGate;
  /** Of destinations other than shops that have ever been called. */
  names(): Promise<readonly DestinationName[]>;
  destination(name: DestinationName): DestinationStub;
}

export type BreakerAnswer =
  | { readonly destination: DestinationName; readonly breaker: BreakerStatus }
  /** Its object does not answer: an operator must see that, not a breaker that looks closed. */
  | { readonly destination: DestinationName; readonly error: string };

/** Shops first. Rejects only when nobody knows which destinations there are. */
export async function listBreakers(deps: BreakersDeps): Promise<readonly BreakerAnswer[]> {
  const shops = await deps.shops();
  const names = [...Array.from(shops, destinationOfGate), ...(await deps.names())];
  return Promise.all(
    names.map(async (destination): Promise<BreakerAnswer> => {
      try {
        return { destination, breaker: await statusOf(destination, shops, deps) };
      } catch (error) {
        return { destination, error: reasonOf(error) };
      }
    }),
  );
}

/** No calls until `releaseBreaker`. @returns null: there is no such destination, and a name in a URL makes none */
export async function isolateBreaker(
  destination: DestinationName,
  by: string,
  reason: string,
  deps: BreakersDeps,
): Promise<BreakerStatus | null> {
  const shop = shopOf(destination, await deps.shops());
  if (shop !== null) return told(await deps.gate(shop).isolate(by, reason));
  return (await isKnown(destination, deps)) ? deps.destination(destination).isolate(by, reason) : null;
}

/** Calls again, probes first; what is not isolated but open is tried at once. @returns null: there is no such destination */
export async function releaseBreaker(destination: DestinationName, deps: BreakersDeps): Promise<BreakerStatus | null> {
  const shop = shopOf(destination, await deps.shops());
  if (shop !== null) return told(await deps.gate(shop).release());
  return (await isKnown(destination, deps)) ? deps.destination(destination).release() : null;
}

async function statusOf(
  destination: DestinationName,
  shops: ReadonlySet<ShopDomain>,
  deps: BreakersDeps,
): Promise<BreakerStatus> {
  const shop = shopOf(destination, shops);
  return shop === null ? deps.destination(destination).status() : told(await deps.gate(shop).status());
}

const shopOf = (destination: DestinationName, shops: ReadonlySet<ShopDomain>): ShopDomain | null =>
  [...shops].find((shop) => destinationOfGate(shop) === destination) ?? null;

const isKnown = async (destination: DestinationName, deps: BreakersDeps): Promise<boolean> =>
  (await deps.names()).includes(destination);

function told({ breaker }: GateStatus): BreakerStatus {
  if (breaker === undefined) throw new Error("the gate is of an older version: ask again when the deploy is through");
  return breaker;
}
