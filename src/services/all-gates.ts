/** One decision for the gates of all shops: what one of them answers, or that it does not, keeps none of the others. */
import type { ShopDomain } from "../domain/ids.ts";
import { reasonOf } from "../observability/log.ts";
import type { GateStatus } from "./gate-contract.ts";

export type GateAnswer =
  | { readonly shop: ShopDomain; readonly status: GateStatus }
  | { readonly shop: ShopDomain; readonly error: string };

/** In the order of the shops given. Never rejects. */
export function askAllGates(
  shops: Iterable<ShopDomain>,
  ask: (shop: ShopDomain) => Promise<GateStatus>,
): Promise<readonly GateAnswer[]> {
  return Promise.all(
    Array.from(shops, async (shop): Promise<GateAnswer> => {
      try {
        return { shop, status: await ask(shop) };
      } catch (error) {
        return { shop, error: reasonOf(error) };
      }
    }),
  );
}
