import { describe, expect, it } from "vitest";
import { startShop } from "./support/shop.ts";
import { callGraphql } from "./support/simulator-client.ts";

const SHOP_QUERY = "query { shop { myshopifyDomain } }";

function requestToken(
  url: string,
  body: string | URLSearchParams,
  type = "application/x-www-form-urlencoded",
): Promise<Response> {
  return fetch(`${url}/admin/oauth/access_token`, { method: "POST", headers: { "Content-Type": type }, body });
}

describe("the client-credentials grant", () => {
  it("gives a token for 86,399 seconds, asked by form or by JSON", async () => {
    const shop = await startShop();
    const fields = { grant_type: "client_credentials", client_id: shop.clientId, client_secret: shop.clientSecret };
    const byForm = await requestToken(shop.url, new URLSearchParams(fields));
    const byJson = await requestToken(shop.url, JSON.stringify(fields), "application/json");
    const one = (await byForm.json()) as Record<string, unknown>;
    const other = (await byJson.json()) as Record<string, unknown>;
    expect(one).toEqual({
      access_token: expect.stringMatching(/^shpat_[0-9a-f]{32}$/),
      scope: "read_inventory,write_inventory,read_locations,read_products,read_orders",
      expires_in: 86_399,
    });
    expect(other["access_token"]).not.toBe(one["access_token"]);
    const reply = await callGraphql(shop, SHOP_QUERY, {}, { token: String(other["access_token"]) });
    expect(reply.data).toEqual({ shop: { myshopifyDomain: "onhand-dev.myshopify.com" } });
  });

  it("refuses an unknown app with 400, a wrong secret with 401 and another grant with 400", async () => {
    const shop = await startShop();
    const ask = async (fields: Record<string, string>): Promise<[number, unknown]> => {
      const response = await requestToken(shop.url, new URLSearchParams(fields));
      return [response.status, ((await response.json()) as Record<string, unknown>)["error"]];
    };
    const good = { grant_type: "client_credentials", client_id: shop.clientId, client_secret: shop.clientSecret };
    expect(await ask({ ...good, client_id: "nobody" })).toEqual([400, "application_cannot_be_found"]);
    expect(await ask({ ...good, client_secret: "wrong" })).toEqual([401, "invalid_client"]);
    expect(await ask({ ...good, grant_type: "password" })).toEqual([400, "unsupported_grant_type"]);
  });
});

describe("the access token", () => {
  const WRONG = "[API] Invalid API key or access token (unrecognized login or wrong password)";

  it("is asked for on every call", async () => {
    const shop = await startShop();
    const reply = await callGraphql(shop, SHOP_QUERY, {}, { token: "shpat_wrong" });
    expect([reply.status, reply.body]).toEqual([401, { errors: WRONG }]);
  });

  it("runs out after its term, and not before", async () => {
    let nowMs = Date.parse("2026-11-22T09:00:00Z");
    const shop = await startShop({ now: () => nowMs });
    const body = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: shop.clientId,
      client_secret: shop.clientSecret,
    });
    const grant = (await (await requestToken(shop.url, body)).json()) as { access_token: string };
    nowMs += 86_398_000;
    expect((await callGraphql(shop, SHOP_QUERY, {}, { token: grant.access_token })).status).toBe(200);
    nowMs += 1_000;
    expect((await callGraphql(shop, SHOP_QUERY, {}, { token: grant.access_token })).status).toBe(401);
  });

  it("stops working when tokens are revoked, while a new grant works", async () => {
    const shop = await startShop();
    shop.revokeTokens();
    expect((await callGraphql(shop, SHOP_QUERY)).status).toBe(401);
    const body = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: shop.clientId,
      client_secret: shop.clientSecret,
    });
    const grant = (await (await requestToken(shop.url, body)).json()) as { access_token: string };
    expect((await callGraphql(shop, SHOP_QUERY, {}, { token: grant.access_token })).status).toBe(200);
  });

  it("opens only what its scopes allow", async () => {
    const shop = await startShop({ scopes: ["write_inventory", "read_locations"] });
    const denied = await callGraphql(shop, "query { orders(first: 1) { nodes { id } } }");
    expect(denied.errors?.[0]?.message).toBe(
      "Access denied for orders field. Required access: `read_orders` access scope.",
    );
    expect(denied.errors?.[0]?.extensions?.["code"]).toBe("ACCESS_DENIED");
    // write_inventory brings read_inventory along.
    const allowed = await callGraphql(shop, "query { inventoryItems(first: 1) { nodes { id } } }");
    expect(allowed.errors).toBeUndefined();
  });
});

describe("the version in the path", () => {
  it("falls forward for an old version and says which one answered", async () => {
    const shop = await startShop();
    const reply = await callGraphql(shop, SHOP_QUERY, {}, { version: "2024-01" });
    expect([reply.status, reply.headers.get("x-shopify-api-version")]).toEqual([200, "2026-10"]);
  });

  it("is 404 for a version to come and for no version at all", async () => {
    const shop = await startShop();
    expect((await callGraphql(shop, SHOP_QUERY, {}, { version: "2031-01" })).status).toBe(404);
    expect((await callGraphql(shop, SHOP_QUERY, {}, { version: "latest" })).status).toBe(404);
  });
});
