/**
 * ShopGate: one object per shop, named by its domain (of a till that keeps its own stock: by its channel), through which every call to it goes. A thin shell: it owns
 * the tables and the clock, and answers RPC; what is sent when is the gate's (src/services/shop-gate/), what a reply means
 * the domain's. Nothing here blocks: a request under way lets other events in, and state is read again after it.
 */
import { DurableObject } from "cloudflare:workers";
import {
  type CallKey,
  channelOfShop,
  destinationOfGate,
  fromStore,
  type PushKey,
  parseGateName,
  type ShopDomain,
} from "../src/domain/ids.ts";
import type { PushTrace, PushTraceQuery } from "../src/domain/journal/push-trace.ts";
import type { PauseCause } from "../src/domain/shop-gate/hold.ts";
import { consoleLog as log, reasonOf } from "../src/observability/log.ts";
import type {
  CounterForGate,
  GateSettings,
  GateStatus,
  GraphqlReply,
  GraphqlRequest,
  HeldPush,
  OperatorReply,
  PushEvidence,
  SubmitReply,
  SubmitRequest,
} from "../src/services/gate-contract.ts";
import type { GateDeps, ShopifyPort } from "../src/services/shop-gate/gate-deps.ts";
import { GateMind } from "../src/services/shop-gate/gate-mind.ts";
import { GateOperator } from "../src/services/shop-gate/gate-operator.ts";
import { Gate } from "../src/services/shop-gate/shop-gate.ts";
import { breakerChanged, sendBreakerNotices } from "../src/wiring/breakers.ts";
import { forgetChannel } from "../src/wiring/channels.ts";
import { gatePortOf } from "../src/wiring/gate-port.ts";
import { flushSoon, meterOf } from "../src/wiring/telemetry.ts";
import { migrate } from "./schema.ts";
import { ShopGateClock } from "./shop-gate-clock.ts";
import { ShopGateJournal } from "./shop-gate-journal.ts";
import { SHOP_GATE_SCHEMA } from "./shop-gate-schema.ts";
import { pushTraces } from "./shop-gate-trace.ts";

/** A counter that has not answered by then is asked again later. */
const REPORT_TIMEOUT_MS = 10_000;
/** `drain` answers after this at the latest, whatever is still under way. */
const DRAIN_MS_MAX = 20_000;
/** An alarm that failed rings again. */
const ALARM_RETRY_MS = 30_000;
const HELD_MAX = 500;

export class ShopGate extends DurableObject<Env> {
  readonly #shop: ShopDomain;
  readonly #shopify: ShopifyPort;
  readonly #clock: ShopGateClock;
  readonly #mind: GateMind;
  readonly #gate: Gate;
  readonly #operator: GateOperator;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    // A shop's domain becomes the host that is sent our credentials; any other name is looked up among the channels.
    const name = parseGateName(ctx.id.name);
    if (!name.ok) throw new Error(`ShopGate: an object is named by its shop or channel, not "${ctx.id.name}"`);
    this.#shop = name.value;
    this.#shopify = gatePortOf(env, this.#shop);
    migrate(ctx.storage, SHOP_GATE_SCHEMA, Date.now());
    this.#clock = new ShopGateClock(ctx.storage, () => this.#gate.look());
    const deps = this.#deps();
    this.#mind = new GateMind(deps);
    this.#gate = new Gate(deps, this.#mind);
    this.#operator = new GateOperator(this.#gate, this.#mind, deps);
  }

  /** Durable when it answers. Sending starts by itself. */
  async submit(request: SubmitRequest): Promise<SubmitReply> {
    return this.#gate.submit(request);
  }

  /** Answers when nothing can be sent right now, or after 20 s. */
  async drain(): Promise<void> {
    await within(this.#gate.drain(), DRAIN_MS_MAX);
  }

  /** A call that is no push: import, subscriptions, checks. It does not wait for its turn. */
  async graphql(request: GraphqlRequest): Promise<GraphqlReply> {
    return this.#gate.others.graphql(request);
  }

  /** Set an operator's catches; what is left out stays. Throws for a `deltaMax` that is no whole number of units. */
  async configure(settings: Partial<GateSettings>): Promise<GateStatus> {
    const { deltaMax } = settings;
    if (deltaMax !== undefined && !(Number.isSafeInteger(deltaMax) && deltaMax >= 0)) {
      throw new TypeError("ShopGate.configure: deltaMax must be a whole number of units, 0 or more");
    }
    this.#gate.configure(settings);
    return this.#operator.status();
  }

  /** The cause of a pause is gone: try at once. */
  async resume(): Promise<GateStatus> {
    // Its credentials may be what was mended.
    forgetChannel(this.env, channelOfShop(this.#shop));
    await this.#shopify.lookAgain?.();
    this.#gate.resume();
    return this.#operator.status();
  }

  /** The shop takes part no more: its app was removed, or an operator disconnects it. */
  async suspend(cause: PauseCause, by: string): Promise<GateStatus> {
    this.#gate.suspend(cause, by);
    return this.#operator.status();
  }

  /** The shop is connected again. */
  async rejoin(): Promise<GateStatus> {
    this.#gate.configure({ paused: null });
    this.#gate.resume();
    return this.#operator.status();
  }

  /** What waits to be sent is forgotten. @returns how many; 0: nothing is left */
  async forgetQueued(): Promise<number> {
    return this.#gate.forgetQueued();
  }

  /** No call at all until `release`, whatever happens, through every restart. */
  async isolate(by: string, reason: string): Promise<GateStatus> {
    this.#gate.isolate(by, reason);
    return this.#operator.status();
  }

  /** Calls again, probes first; of what is not isolated, a pause ends now. */
  async release(): Promise<GateStatus> {
    this.#gate.release();
    return this.#operator.status();
  }

  async status(): Promise<GateStatus> {
    return this.#operator.status();
  }

  /** What waits and why, the oldest first, at most 500: the preview of the read-only mode. */
  async held(): Promise<readonly HeldPush[]> {
    return this.#operator.held(HELD_MAX);
  }

  async approve(pushKey: PushKey): Promise<OperatorReply> {
    return this.#operator.approve(pushKey);
  }

  async cancel(pushKey: PushKey): Promise<OperatorReply> {
    return this.#operator.cancel(pushKey);
  }

  async resolve(pushKey: PushKey, applied: boolean): Promise<OperatorReply> {
    return this.#operator.resolve(pushKey, applied);
  }

  async evidence(pushKey: PushKey): Promise<PushEvidence | null> {
    return this.#operator.evidence(pushKey);
  }

  /** What became of pushes, for a trace. (`trace` is a name of the platform's.) */
  async pushTraces(query: PushTraceQuery): Promise<readonly PushTrace[]> {
    return pushTraces(this.ctx.storage.sql, query);
  }

  override async alarm(): Promise<void> {
    try {
      this.#clock.rang();
      await this.drain();
    } catch (error) {
      // The runtime gives up after six retries; a gate must not.
      log("error", "gate.alarm_failed", { shop: this.#shop, reason: reasonOf(error) });
      await this.ctx.storage.setAlarm(Date.now() + ALARM_RETRY_MS);
    }
  }

  #deps(): GateDeps {
    const destination = destinationOfGate(this.#shop);
    return {
      shop: this.#shop,
      breaker: {
        changed: (change) => breakerChanged(this.env, destination, change),
        announce: (changes) => sendBreakerNotices(this.env, destination, changes),
      },
      journal: new ShopGateJournal(this.ctx.storage),
      shopify: this.#shopify,
      results: { report: (skuId, pushes, reads) => this.#report(skuId, { pushes, reads }) },
      log,
      meter: meterOf(this.env),
      now: () => Date.now(),
      random: () => Math.random(),
      mintCallKey: () => fromStore<CallKey>(crypto.randomUUID()),
      schedule: (wakeAtMs, isBusy) => {
        this.#clock.schedule(wakeAtMs, isBusy, Date.now());
        // Beside each turn; it tells at most once a second, and does nothing where there is nothing to tell.
        this.ctx.waitUntil(flushSoon(this.env));
      },
    };
  }

  /** A fresh stub each time: one that has failed stays broken. */
  async #report(skuId: string, results: Parameters<CounterForGate["gateResults"]>[0]): Promise<void> {
    const namespace = this.env.SKU_COUNTER;
    const counter = namespace.get(namespace.idFromName(skuId)) as unknown as CounterForGate;
    const isDone = await within(counter.gateResults(results), REPORT_TIMEOUT_MS);
    if (!isDone) throw new Error(`the counter did not answer within ${REPORT_TIMEOUT_MS} ms`);
  }
}

/** @returns whether it came in time; rejects as it rejects */
async function within(work: Promise<unknown>, waitMs: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), waitMs);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    if (timer !== null) clearTimeout(timer);
  }
}
