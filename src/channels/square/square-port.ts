/**
 * Square as the gate of its channel sees it: fulfils the gate's port, so that the call journal, its taints, the breaker and the
 * reads are the same as for a Shopify shop. The token and the address are asked for with each call: both are the channel's, and
 * may change.
 */
import type { AdjustPayload, LevelAnswer, LevelsPayload, ShopifyReply } from "../../domain/shop-gate/reply.ts";
import type { ShopifyPort } from "../../services/shop-gate/gate-deps.ts";
import { adjustmentsOf, appliedOf, refusedOf } from "./adjustments.ts";
import { countsRequest, parseCounts } from "./counts.ts";
import { CHANGES_PATH, COUNTS_PATH, postSquare, type SquareAnswer, type SquareFetch } from "./square-client.ts";

export type SquareAccess = { readonly accessToken: string; readonly origin: string };

export interface SquarePortDeps {
  /** Null: the channel has no token, or an address that is none of Square's. Rejects while nobody can be asked. */
  access(): Promise<SquareAccess | null>;
  now(): number;
  /** @default the runtime's own */
  readonly fetch?: SquareFetch;
}

/** Changes of one call, at most. */
const ROWS_MAX = 100;
/** The gate keeps it for so long; what is sent is the channel's own of that moment, so that another one is in force at once. */
const TOKEN_SECONDS = 600;
const AWAY_RETRY_SECONDS = 5;
/** Pages of one read: 10,000 counts, far more than a read asks for. */
const PAGES_MAX = 10;

export function createSquarePort(deps: SquarePortDeps): ShopifyPort {
  const post = async (path: string, body: string): Promise<SquareAnswer> => {
    const access = await deps.access().catch(() => null);
    // Nothing was sent: as if Square had asked us to come later.
    if (access === null) return { kind: "errors", status: 429, errors: [], retryAfterSeconds: AWAY_RETRY_SECONDS };
    return postSquare({ ...access, path, body }, deps.fetch);
  };
  return {
    fixedToken: null,
    rowsMax: ROWS_MAX,
    isId: (text) => /^[A-Za-z0-9_#:-]{1,192}$/.test(text),
    async grantToken() {
      const access = await deps.access();
      if (access !== null) return { kind: "granted", accessToken: access.accessToken, expiresInSeconds: TOKEN_SECONDS };
      const message = "the channel has no access_token, or its endpoint is none of Square's";
      return { kind: "not_granted", isFinal: true, code: "no_access_token", message, retryAfterSeconds: null };
    },
    adjustVariables: (callKey, rows) => adjustmentsOf(callKey, rows, deps.now()),
    async adjust(_, variables) {
      return adjustReply(await post(CHANGES_PATH, variables));
    },
    // The rules of a replica that knows no safety stock withhold nothing, so its counter asks for no move.
    moveVariables: () => {
      throw new Error("Square has no state that keeps units back");
    },
    move: async () => NO_MOVE,
    levels: (_, items, locations) => readLevels((body) => post(COUNTS_PATH, body), items, locations),
    // The one document there is: the counts, for whoever connects the channel.
    async graphql(_, document, variables) {
      if (document !== COUNTS_PATH)
        return { kind: "status", status: 400, message: "no such call", retryAfterSeconds: null };
      return plain(await post(COUNTS_PATH, JSON.stringify(variables)));
    },
    async probe() {
      return plain(await post(COUNTS_PATH, JSON.stringify({ limit: 1 })));
    },
    referenceDocumentUri: (callKey) => callKey,
  };
}

const NO_MOVE: ShopifyReply<AdjustPayload> = {
  kind: "status",
  status: 400,
  retryAfterSeconds: null,
  message: "Square has no state that keeps units back",
};

/** Errors that speak of rows or of the key, and not of us or of Square. */
const OF_THE_CALL = new Set([400, 404, 422]);

function adjustReply(answer: SquareAnswer): ShopifyReply<AdjustPayload> {
  if (answer.kind === "ok") return { kind: "graphql", data: appliedOf(answer.body), errors: [], cost: null };
  if (answer.kind !== "errors") return answer;
  const isOfCall = answer.errors.length > 0 && (OF_THE_CALL.has(answer.status) || answer.status < 300);
  if (!isOfCall && answer.errors.every(({ code }) => code !== "IDEMPOTENCY_KEY_REUSED")) return statusOf(answer);
  return { kind: "graphql", data: refusedOf(answer.errors), errors: [], cost: null };
}

const statusOf = ({ status, errors, retryAfterSeconds }: SquareAnswer & { kind: "errors" }): ShopifyReply<never> => ({
  kind: "status",
  // A 2xx of errors alone says nothing that is known.
  status: status < 300 ? 500 : status,
  retryAfterSeconds,
  message: errors
    .map(({ code, detail }) => `${code}: ${detail ?? ""}`)
    .join("; ")
    .slice(0, 300),
});

function plain(answer: SquareAnswer): ShopifyReply<unknown> {
  if (answer.kind === "ok") return { kind: "graphql", data: answer.body, errors: [], cost: null };
  return answer.kind === "errors" ? statusOf(answer) : answer;
}

async function readLevels(
  post: (body: string) => Promise<SquareAnswer>,
  items: readonly string[],
  locations: readonly string[],
): Promise<ShopifyReply<LevelsPayload>> {
  const levels = new Map<string, LevelAnswer[]>(items.map((item) => [item, []]));
  let cursor: string | null = null;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const answer = await post(JSON.stringify(countsRequest(items, locations, cursor)));
    if (answer.kind === "errors") return statusOf(answer);
    if (answer.kind !== "ok") return answer;
    const page = parseCounts(answer.body);
    if (page === null || page.odd.length > 0) return { kind: "graphql", data: null, errors: [], cost: null };
    for (const { item, ...level } of page.counts) levels.get(item)?.push(level);
    cursor = page.cursor;
    if (cursor === null) return { kind: "graphql", data: levels, errors: [], cost: null };
  }
  return { kind: "graphql", data: null, errors: [], cost: null };
}
