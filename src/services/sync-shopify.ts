/**
 * Layer 3, sync: what do the counters have for this shop now? What to send is read at the time of sending, so late,
 * repeated and replayed signals are harmless, and a thousand orders on one SKU cost a handful of calls.
 */
import type { PushKey, ShopDomain, SkuId } from "../domain/ids.ts";
import { reasonOf } from "../observability/log.ts";
import type { Counters } from "./counter-contract.ts";
import type { GatePush, GateRead, SubmitReply, SubmitRequest } from "./gate-contract.ts";
import type { RetryCode } from "./take-in-events.ts";

export interface ShopGateForSync {
  submit(request: SubmitRequest): Promise<SubmitReply>;
}

export interface SyncDeps {
  readonly counters: Counters;
  gateOf(shop: ShopDomain): ShopGateForSync;
}

export type SignalVerdict =
  | { readonly kind: "done" }
  | { readonly kind: "retry"; readonly reason: string; readonly code?: RetryCode };

export type Synced = {
  /** One per SKU, same order. Done: what it had is durable in the gate. */
  readonly verdicts: readonly SignalVerdict[];
  readonly pushes: number;
  readonly reads: number;
  /** Of each SKU, same order: how much of it is in the gate now. */
  readonly submitted: readonly { readonly pushes: number; readonly reads: number }[];
};

const NOTHING = { pushes: 0, reads: 0 } as const;

export async function syncShopify(shop: ShopDomain, skuIds: readonly SkuId[], deps: SyncDeps): Promise<Synced> {
  const pushes: GatePush[] = [];
  const reads: GateRead[] = [];
  const recalls: PushKey[] = [];
  const submitted: Synced["submitted"][number][] = skuIds.map(() => NOTHING);
  const verdicts = await Promise.all(
    skuIds.map(async (skuId, i): Promise<SignalVerdict> => {
      try {
        const work = await deps.counters.of(skuId).takeWork(shop);
        pushes.push(...work.pushes);
        reads.push(...work.reads);
        recalls.push(...(work.recalls ?? []));
        submitted[i] = { pushes: work.pushes.length, reads: work.reads.length };
        return { kind: "done" };
      } catch (error) {
        return { kind: "retry", reason: `counter ${skuId}: ${reasonOf(error)}`, code: "counter" };
      }
    }),
  );
  if (pushes.length + reads.length === 0) return { verdicts, ...NOTHING, submitted };
  try {
    await deps.gateOf(shop).submit({ pushes, reads, recalls });
    return { verdicts, pushes: pushes.length, reads: reads.length, submitted };
  } catch (error) {
    const reason = `gate of ${shop}: ${reasonOf(error)}`;
    return {
      verdicts: skuIds.map(() => ({ kind: "retry", reason, code: "gate" })),
      ...NOTHING,
      submitted: skuIds.map(() => NOTHING),
    };
  }
}
