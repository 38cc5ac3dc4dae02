/** Talks to a running simulator as an app would: over HTTP, with documents and variables. */
import { readFileSync } from "node:fs";
import type { ShopifySimulator } from "../../../../dev/shopify-simulator/simulator.ts";

export type GraphqlReply = {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed loosely: these tests compare with values that are written out. */
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly errors: readonly { readonly message: string; readonly extensions?: Record<string, unknown> }[] | undefined;
  readonly cost:
    | {
        readonly requestedQueryCost: number;
        readonly actualQueryCost: number | null;
        readonly throttleStatus: Record<string, number>;
      }
    | undefined;
  readonly body: Record<string, unknown>;
};

export type CallOptions = { readonly token?: string; readonly version?: string; readonly signal?: AbortSignal };

export async function callGraphql(
  simulator: ShopifySimulator,
  query: string,
  variables: unknown = {},
  options: CallOptions = {},
): Promise<GraphqlReply> {
  const response = await fetch(`${simulator.url}/admin/api/${options.version ?? "2026-10"}/graphql.json`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-Shopify-Access-Token": options.token ?? simulator.accessToken,
    },
    body: JSON.stringify({ query, variables }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const text = await response.text();
  const body = text.startsWith("{") ? (JSON.parse(text) as Record<string, unknown>) : { html: text };
  const extensions = body["extensions"] as { readonly cost?: GraphqlReply["cost"] } | undefined;
  return {
    status: response.status,
    headers: response.headers,
    data: (body["data"] as GraphqlReply["data"]) ?? null,
    errors: body["errors"] as GraphqlReply["errors"],
    cost: extensions?.cost,
    body,
  };
}

/** One of the documents that an inventory sync sends. */
export function operation(name: string): string {
  return readFileSync(new URL(`../fixtures/ops/${name}.graphql`, import.meta.url), "utf8");
}

export function itemGid(itemId: string): string {
  return `gid://shopify/InventoryItem/${itemId}`;
}

export function locationGid(locationId: string): string {
  return `gid://shopify/Location/${locationId}`;
}
