/** Counters and gates by name. A stub is made afresh for each call's sake: one that has thrown stays broken. */
import type { PushKey, ShopDomain, SkuId } from "../domain/ids.ts";
import type { PushTrace, PushTraceQuery } from "../domain/journal/push-trace.ts";
import type { PauseCause } from "../domain/shop-gate/hold.ts";
import type { Counter, Counters } from "../services/counter-contract.ts";
import type {
  GateSettings,
  GateStatus,
  GraphqlReply,
  GraphqlRequest,
  HeldPush,
  OperatorReply,
  PushEvidence,
  SubmitReply,
  SubmitRequest,
} from "../services/gate-contract.ts";

/** The types of RPC know nothing of branded ids: what crosses is plain data of the same shape. */
export const durableCounters = (namespace: Env["SKU_COUNTER"]): Counters => ({
  of: (skuId: SkuId) => namespace.get(namespace.idFromName(skuId)) as unknown as Counter,
});

export interface ShopGateStub {
  submit(request: SubmitRequest): Promise<SubmitReply>;
  drain(): Promise<void>;
  graphql(request: GraphqlRequest): Promise<GraphqlReply>;
  configure(settings: Partial<GateSettings>): Promise<GateStatus>;
  resume(): Promise<GateStatus>;
  suspend(cause: PauseCause, by: string): Promise<GateStatus>;
  rejoin(): Promise<GateStatus>;
  forgetQueued(): Promise<number>;
  isolate(by: string, reason: string): Promise<GateStatus>;
  release(): Promise<GateStatus>;
  status(): Promise<GateStatus>;
  held(): Promise<readonly HeldPush[]>;
  approve(pushKey: PushKey): Promise<OperatorReply>;
  cancel(pushKey: PushKey): Promise<OperatorReply>;
  resolve(pushKey: PushKey, applied: boolean): Promise<OperatorReply>;
  evidence(pushKey: PushKey): Promise<PushEvidence | null>;
  pushTraces(query: PushTraceQuery): Promise<readonly PushTrace[]>;
}

export const gateOf = (namespace: Env["SHOP_GATE"], shop: ShopDomain): ShopGateStub =>
  namespace.get(namespace.idFromName(shop)) as unknown as ShopGateStub;
