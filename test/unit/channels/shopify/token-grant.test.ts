import { afterAll, beforeAll, expect, it } from "vitest";
import { grantToken } from "../../../../src/channels/shopify/token-grant.ts";
import { json, type ScriptedServer, startScriptedServer } from "../../../support/shopify/scripted-server.ts";

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.close());

const grant = () => grantToken(server.origin, { clientId: "id", clientSecret: "se&cret" });

it("asks with the client's credentials, as a form", async () => {
  server.answers = [json({ access_token: "shpat_1", scope: "write_inventory", expires_in: 86_399 })];
  expect(await grant()).toEqual({ kind: "granted", accessToken: "shpat_1", expiresInSeconds: 86_399 });
  expect(server.asked[0]).toMatchObject({
    method: "POST",
    path: "/admin/oauth/access_token",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "grant_type=client_credentials&client_id=id&client_secret=se%26cret",
  });
});

it.each([
  [400, true],
  [401, true],
  [403, true],
  [404, true],
  [408, false],
  [429, false],
  [430, false],
  [500, false],
  [503, false],
])("tells a refusal that stays from one that passes: %i", async (status, isFinal) => {
  server.answers = [json({ error: "invalid_client" }, status)];
  expect(await grant()).toMatchObject({
    kind: "not_granted",
    isFinal,
    code: `HTTP_${status}`,
    retryAfterSeconds: null,
  });
});

it("carries Retry-After", async () => {
  server.answers = [json("", 429, { "Retry-After": "4" })];
  expect(await grant()).toMatchObject({ retryAfterSeconds: 4 });
});

it.each([
  "nothing",
  "{}",
  '{"access_token":"","expires_in":5}',
  '{"access_token":"t","expires_in":0}',
  '{"access_token":"t"}',
])("takes nothing but a token for a token: %s", async (body) => {
  server.answers = [json(body)];
  expect(await grant()).toMatchObject({ kind: "not_granted", isFinal: false, code: "UNREADABLE" });
});

it("does not follow a redirect with the secret in hand", async () => {
  server.asked.length = 0;
  server.answers = [json("", 307, { Location: "/elsewhere" })];
  expect(await grant()).toMatchObject({ kind: "not_granted" });
  expect(server.asked).toHaveLength(1);
});

it("is asked for again later when the connection broke, and says nothing of the secret", async () => {
  server.answers = [(response) => response.destroy()];
  const reply = await grant();
  expect(reply).toMatchObject({ kind: "not_granted", isFinal: false, code: "NETWORK" });
  expect(JSON.stringify(reply)).not.toContain("cret");
});
