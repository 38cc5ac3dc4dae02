/**
 * One POST to a shop's Admin API, through Shopify's own client (`@shopify/admin-api-client`): it forms URL, version,
 * headers and body, and hands back the raw response, so that status, Retry-After and cost reach the gate. Its retries
 * stay off: a re-send is the call journal's decision, never a library's. Never throws.
 */
import { type AdminApiClient, createAdminApiClient } from "@shopify/admin-api-client";
import type { ShopDomain } from "../../domain/ids.ts";
import type { ShopifyReply } from "../../domain/shop-gate/reply.ts";
import type { Log } from "../../observability/log.ts";
import { withDeadline } from "../../services/with-deadline.ts";
import { SHOPIFY_API_VERSION } from "./api-version.ts";
import { parseAnswer, parseRefusal } from "./parse-reply.ts";
import { type RawResponse, readTextCapped } from "./read-text-capped.ts";

/** From the first byte sent to the last one read. */
export const FETCH_TIMEOUT_MS = 10_000;
/** The largest answers are pages of an import: 250 variants with their levels stay well under 2 MB. */
export const REPLY_BYTES_MAX = 8_000_000;

export type AdminClientOptions = {
  readonly shop: ShopDomain;
  /** Development only: another Shopify-compatible origin. Null: the shop's own. */
  readonly originOverride: string | null;
  readonly log: Log;
  /** @default FETCH_TIMEOUT_MS */
  readonly timeoutMs?: number;
};

export type AdminClient = {
  post(
    accessToken: string,
    document: string,
    variables: Readonly<Record<string, unknown>>,
  ): Promise<ShopifyReply<unknown>>;
};

export function createAdminClient(options: AdminClientOptions): AdminClient {
  let made: { readonly accessToken: string; readonly client: AdminApiClient } | null = null;
  const clientWith = (accessToken: string): AdminApiClient => {
    if (made?.accessToken !== accessToken) made = { accessToken, client: makeClient(options, accessToken) };
    return made.client;
  };
  return {
    post: (accessToken, document, variables) =>
      withDeadline(options.timeoutMs ?? FETCH_TIMEOUT_MS, async (signal) => {
        try {
          const response = await clientWith(accessToken).fetch(document, { variables: { ...variables }, signal });
          return await readReply(response, signal);
        } catch (error) {
          return noReply(signal, error instanceof Error ? error.message : "no connection");
        }
      }),
  };
}

async function readReply(response: RawResponse, signal: AbortSignal): Promise<ShopifyReply<unknown>> {
  const text = await readTextCapped(response, REPLY_BYTES_MAX);
  const isAnswer = response.status >= 200 && response.status < 300;
  // The status alone says what became of a refused call, whatever its body.
  if (!isAnswer) return parseRefusal(response, text.ok ? text.value : "", Date.now());
  if (text.ok) return parseAnswer(response.status, text.value);
  if (text.error.kind === "broken") return noReply(signal, text.error.message);
  return { kind: "unreadable", status: response.status, message: text.error.message };
}

const noReply = (signal: AbortSignal, message: string): ShopifyReply<never> => ({
  kind: "no_reply",
  fault: signal.aborted ? "timeout" : "network",
  message: signal.aborted ? "no reply in time" : message.slice(0, 300),
});

function makeClient({ shop, originOverride, log }: AdminClientOptions, accessToken: string): AdminApiClient {
  return createAdminApiClient({
    storeDomain: shop,
    apiVersion: SHOPIFY_API_VERSION,
    accessToken,
    retries: 0,
    userAgentPrefix: "Onhand",
    // The client insists on https and the shop's domain, which is right for all but a simulator on this machine.
    // A redirect is not followed: a POST that becomes a GET elsewhere is no push.
    customFetchApi: (url, init) =>
      fetch(originOverride === null ? url : new URL(new URL(url).pathname, originOverride).href, {
        method: "POST",
        headers: init?.headers ?? {},
        body: init?.body ?? "",
        signal: init?.signal ?? null,
        redirect: "manual",
      }),
    // Of the client's notices two are news; the others hold whole requests, token included.
    logger: ({ type, content }) => {
      if (type === "Unsupported_Api_Version")
        log("error", "shopify.version_unsupported", { shop, code: SHOPIFY_API_VERSION });
      if (type === "HTTP-Response-GraphQL-Deprecation-Notice") {
        const reason = String(content.deprecationNotice).slice(0, 200);
        log("warn", "shopify.deprecated", { shop, reason });
      }
    },
  });
}
