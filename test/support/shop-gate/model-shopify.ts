/**
 * Shopify's side of the call journal, as its documents and recordings describe it: levels, idempotency keys kept for a
 * day, all rows or none. A fault is scripted per request, so that a test says exactly what the network did.
 */
import type { CallKey, InventoryItemId, ShopLocationId } from "../../../src/domain/ids.ts";
import type { Row } from "../../../src/domain/shop-gate/push.ts";
import type {
  AdjustPayload,
  GraphqlError,
  LevelsPayload,
  QueryCost,
  ShopifyReply,
} from "../../../src/domain/shop-gate/reply.ts";
import type { TokenReply } from "../../../src/domain/shop-gate/token.ts";

/** What becomes of one adjustment. `applied` and so on say what Shopify did before the reply got lost. */
export type Fault =
  | "ok"
  | "request_lost"
  | "request_late"
  | "reply_lost"
  | "reply_timeout"
  | "http_500_unapplied"
  | "http_503_applied"
  | "internal_error_applied"
  | "service_unavailable"
  | "concurrent"
  | "throttled"
  | "http_429"
  | "http_401"
  | "http_402"
  | "http_403"
  | "http_423"
  | "failed_whole"
  | "mismatch"
  | "denied"
  | "refused"
  | "too_large"
  | "no_created_at"
  | "unknown_user_error";

export type Request = {
  readonly key: string;
  readonly variables: string;
  readonly token: string;
  readonly atMs: number;
};

type AdjustChange = { inventoryItemId: string; locationId: string; delta: number };
type Terminal = { name: string; locationId: string };
type MoveChange = { inventoryItemId: string; quantity: number; from: Terminal; to: Terminal };
type Variables = {
  readonly key: string;
  readonly input: { readonly changes: readonly (AdjustChange | MoveChange)[] };
};
type Kept = { readonly variables: string; readonly payload: AdjustPayload; readonly atMs: number };

const KEY_KEPT_MS = 24 * 3_600_000;

export class ModelShopify {
  /** Scripted, first to last; afterwards all goes well. */
  faults: Fault[] = [];
  readFaults: ("ok" | "lost" | "refused" | "denied" | "throttled" | "too_large")[] = [];
  plainFaults: ("ok" | "refused" | "throttled" | "http_402" | "lost")[] = [];
  tokenFaults: ("ok" | "refused" | "lost")[] = [];
  probeFaults: ("ok" | "lost")[] = [];
  probes = 0;
  readonly requests: Request[] = [];
  /** Points of a query of levels: by default as if each item counted. */
  readCost = (items: number, locations: number): number => items * (1 + 2 * locations);

  readonly reads: {
    readonly items: readonly string[];
    readonly locations: readonly string[];
    readonly atMs: number;
  }[] = [];
  tokensGranted = 0;
  validToken: string | null = null;
  /** Rows that Shopify refuses: `item@location` → code. */
  readonly badRows = new Map<string, string>();
  /** A bad row that the error does not name. */
  namesRows = true;
  readonly levels = new Map<string, number>();
  /** Units that moves have put aside. */
  readonly safetyStock = new Map<string, number>();
  /** How often each (key, row) took effect: more than once is stock invented. */
  readonly applications: { readonly key: string; readonly level: string; readonly delta: number }[] = [];
  quantityAfter = false;
  cost: { requested: number; actual: number } = { requested: 13, actual: 13 };
  available = 2_000;
  /** Points are charged and restored as a Standard shop's are, and what there are too few for is THROTTLED. */
  meter = false;
  #meteredMs: number | null = null;
  readonly #kept = new Map<string, Kept>();
  readonly #late: (() => void)[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  get keysKept(): number {
    return this.#kept.size;
  }

  level(item: string, location: string): number {
    return this.levels.get(`${item}@${location}`) ?? 0;
  }

  /** Requests that were under way in the network arrive now. */
  arriveLate(): void {
    for (const arrive of this.#late.splice(0)) arrive();
  }

  grant(): TokenReply {
    const fault = this.tokenFaults.shift() ?? "ok";
    const refusal = { kind: "not_granted", message: "", retryAfterSeconds: null } as const;
    if (fault === "refused") return { ...refusal, isFinal: true, code: "HTTP_400" };
    if (fault === "lost") return { ...refusal, isFinal: false, code: "NETWORK" };
    this.tokensGranted += 1;
    this.validToken = `token-${this.tokensGranted}`;
    return { kind: "granted", accessToken: this.validToken, expiresInSeconds: 86_399 };
  }

  adjustVariables(callKey: CallKey, rows: readonly Row[]): string {
    const changes = rows.map(({ item, location, delta }) => ({ inventoryItemId: item, locationId: location, delta }));
    return JSON.stringify({ key: callKey, input: { changes } });
  }

  moveVariables(callKey: CallKey, rows: readonly Row[]): string {
    const changes = rows.map(({ item, location, delta }): MoveChange => {
      const [shown, aside] = ["available", "safety_stock"].map((name) => ({ name, locationId: location as string }));
      if (shown === undefined || aside === undefined) throw new Error("two terminals");
      const [from, to] = delta < 0 ? [shown, aside] : [aside, shown];
      return { inventoryItemId: item, quantity: Math.abs(delta), from, to };
    });
    return JSON.stringify({ key: callKey, input: { changes } });
  }

  /** As an adjustment, but what available loses is put aside. */
  move(token: string, variables: string): ShopifyReply<AdjustPayload> {
    return this.adjust(token, variables);
  }

  adjust(token: string, variables: string): ShopifyReply<AdjustPayload> {
    const { key } = JSON.parse(variables) as Variables;
    this.requests.push({ key, variables, token, atMs: this.#now() });
    if (token !== this.validToken) return refusal(401);
    const fault = this.#isShort(this.cost.requested) ? "throttled" : (this.faults.shift() ?? "ok");
    switch (fault) {
      case "ok":
        return this.#answer(this.#run(key, variables));
      case "request_lost":
        return { kind: "no_reply", fault: "network", message: "connection reset" };
      case "request_late":
        this.#late.push(() => this.#run(key, variables));
        return { kind: "no_reply", fault: "timeout", message: "no reply" };
      case "reply_lost":
      case "reply_timeout":
        this.#run(key, variables);
        return { kind: "no_reply", fault: fault === "reply_lost" ? "network" : "timeout", message: "no reply" };
      case "http_500_unapplied":
        return refusal(500);
      case "http_503_applied":
        this.#run(key, variables);
        return refusal(503);
      case "internal_error_applied":
        this.#run(key, variables);
        return this.#errors([{ code: "INTERNAL_SERVER_ERROR", message: "" }]);
      case "service_unavailable":
        return this.#userError("SERVICE_UNAVAILABLE");
      case "concurrent":
        return this.#userError("IDEMPOTENCY_CONCURRENT_REQUEST");
      case "throttled":
        return { ...this.#errors([{ code: "THROTTLED", message: "Throttled" }]), cost: this.#cost(null) };
      case "http_429":
        return { ...refusal(429), retryAfterSeconds: 2 };
      case "http_401":
        this.validToken = null;
        return refusal(401);
      case "http_402":
        return refusal(402);
      case "http_403":
        return refusal(403);
      case "http_423":
        return refusal(423);
      case "failed_whole":
        // Of a key that Shopify has seen it tells the outcome, and fails nothing anew.
        if (this.#kept.has(key)) return this.#answer(this.#run(key, variables));
        return this.#answer(this.#keep(key, variables, failed("ADJUST_QUANTITIES_FAILED", null)));
      case "mismatch":
        return this.#userError("IDEMPOTENCY_KEY_PARAMETER_MISMATCH");
      case "denied":
        return this.#errors([{ code: "ACCESS_DENIED", message: "" }]);
      case "refused":
        return this.#errors([{ code: "INVALID_FIELD_ARGUMENTS", message: "" }]);
      case "too_large":
        return this.#errors([{ code: "MAX_INPUT_SIZE_EXCEEDED", message: "" }]);
      case "no_created_at": {
        const payload = this.#run(key, variables);
        return this.#answer({ ...payload, group: payload.group && { ...payload.group, createdAtMs: null } });
      }
      case "unknown_user_error":
        return this.#userError("SOMETHING_NEW");
    }
  }

  readLevels(
    token: string,
    items: readonly InventoryItemId[],
    locations: readonly ShopLocationId[],
  ): ShopifyReply<LevelsPayload> {
    this.reads.push({ items, locations, atMs: this.#now() });
    if (token !== this.validToken) return refusal(401);
    const isShort = this.#isShort(this.readCost(items.length, locations.length));
    switch (isShort ? "throttled" : (this.readFaults.shift() ?? "ok")) {
      case "lost":
        return { kind: "no_reply", fault: "network", message: "" };
      case "refused":
        return this.#errors([{ code: "undefinedField", message: "" }]);
      case "denied":
        return this.#errors([{ code: "ACCESS_DENIED", message: "" }]);
      case "throttled":
        return { ...this.#errors([{ code: "THROTTLED", message: "" }]), cost: this.#cost(null) };
      case "too_large":
        return this.#errors([{ code: "MAX_COST_EXCEEDED", message: "" }]);
      case "ok": {
        const data = new Map(items.map((item) => [item as string, this.#levelsOf(item, locations)]));
        const points = this.readCost(items.length, locations.length);
        return { kind: "graphql", data, errors: [], cost: { ...this.#cost(points), requested: points } };
      }
    }
  }

  /** The gate's own least query. */
  probe(token: string): ShopifyReply<unknown> {
    if (token !== this.validToken) return refusal(401);
    this.probes += 1;
    if (this.probeFaults.shift() === "lost") return { kind: "no_reply", fault: "network", message: "" };
    return { kind: "graphql", data: { shop: { id: "gid://shopify/Shop/1" } }, errors: [], cost: this.#cost(1) };
  }

  /** A caller's own query. */
  plain(token: string): ShopifyReply<unknown> {
    if (token !== this.validToken) return refusal(401);
    const fault = this.#isShort(2) ? "throttled" : (this.plainFaults.shift() ?? "ok");
    if (fault === "refused") return this.#errors([{ code: "undefinedField", message: "no such field" }]);
    if (fault === "throttled") return this.#errors([{ code: "THROTTLED", message: "" }]);
    if (fault === "http_402") return refusal(402);
    if (fault === "lost") return { kind: "no_reply", fault: "network", message: "" };
    return { kind: "graphql", data: { shop: { name: "A" } }, errors: [], cost: this.#cost(2) };
  }

  /** Takes the points of a request. */
  #isShort(points: number): boolean {
    if (!this.meter) return false;
    const seconds = (this.#now() - (this.#meteredMs ?? this.#now())) / 1_000;
    this.#meteredMs = this.#now();
    this.available = Math.min(2_000, this.available + seconds * 100);
    if (points > this.available) return true;
    this.available -= points;
    return false;
  }

  #levelsOf(item: string, locations: readonly string[]) {
    return locations.flatMap((location) => {
      const available = this.levels.get(`${item}@${location}`);
      return available === undefined ? [] : [{ location, available, committed: 0, atMs: this.#now() }];
    });
  }

  /** What Shopify does with a request that reaches it. */
  #run(key: string, variables: string): AdjustPayload {
    const kept = this.#kept.get(key);
    if (kept !== undefined && this.#now() < kept.atMs + KEY_KEPT_MS) {
      if (kept.variables !== variables) return failed("IDEMPOTENCY_KEY_PARAMETER_MISMATCH", null);
      return kept.payload.userErrors.length > 0 ? failed("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED", null) : kept.payload;
    }
    const changes = (JSON.parse(variables) as Variables).input.changes.map(readChange);
    const userErrors = changes.flatMap(({ inventoryItemId, locationId }, row) => {
      const code = this.badRows.get(`${inventoryItemId}@${locationId}`);
      return code === undefined ? [] : [{ code, message: "bad row", row: this.namesRows ? row : null }];
    });
    if (userErrors.length > 0) return this.#keep(key, variables, { group: null, userErrors });
    for (const { inventoryItemId, locationId, delta, isMove } of changes) {
      const level = `${inventoryItemId}@${locationId}`;
      this.levels.set(level, (this.levels.get(level) ?? 0) + delta);
      if (isMove) this.safetyStock.set(level, (this.safetyStock.get(level) ?? 0) - delta);
      this.applications.push({ key, level, delta });
    }
    const group = {
      createdAtMs: this.#now(),
      changes: changes.map(({ inventoryItemId: item, locationId: location, delta }) => ({
        name: "available",
        item,
        location,
        delta,
        quantityAfter: this.quantityAfter ? this.level(item, location) : null,
      })),
    };
    return this.#keep(key, variables, { group, userErrors: [] });
  }

  #keep(key: string, variables: string, payload: AdjustPayload): AdjustPayload {
    this.#kept.set(key, { variables, payload, atMs: this.#now() });
    return payload;
  }

  #answer(data: AdjustPayload): ShopifyReply<AdjustPayload> {
    return { kind: "graphql", data, errors: [], cost: this.#cost(this.cost.actual) };
  }

  #userError(code: string): ShopifyReply<AdjustPayload> {
    return this.#answer(failed(code, null));
  }

  #errors(errors: readonly GraphqlError[]): ShopifyReply<never> & { kind: "graphql" } {
    return { kind: "graphql", data: null, errors, cost: this.#cost(null) };
  }

  #cost(actual: number | null): QueryCost {
    const { requested } = this.cost;
    return { requested, actual, maximum: 2_000, available: this.available, restorePerSecond: 100 };
  }
}

function readChange(change: AdjustChange | MoveChange): AdjustChange & { readonly isMove: boolean } {
  if ("delta" in change) return { ...change, isMove: false };
  const { inventoryItemId, quantity, from, to } = change;
  if (from.locationId !== to.locationId) throw new Error("a move between locations");
  const delta = from.name === "available" ? -quantity : quantity;
  return { inventoryItemId, locationId: from.locationId, delta, isMove: true };
}

const refusal = (status: number) => ({ kind: "status" as const, status, retryAfterSeconds: null, message: "" });

const failed = (code: string, row: number | null): AdjustPayload => ({
  group: null,
  userErrors: [{ code, message: code, row }],
});
