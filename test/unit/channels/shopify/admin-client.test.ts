import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AdminClient, createAdminClient, REPLY_BYTES_MAX } from "../../../../src/channels/shopify/admin-client.ts";
import { fromStore } from "../../../../src/domain/ids.ts";
import { json, type ScriptedServer, startScriptedServer } from "../../../support/shopify/scripted-server.ts";

let server: ScriptedServer;
let client: AdminClient;
const logged: unknown[] = [];

beforeAll(async () => {
  server = await startScriptedServer();
  client = createAdminClient({
    shop: fromStore("shop-a.myshopify.com"),
    originOverride: server.origin,
    log: (...line) => logged.push(line),
    timeoutMs: 400,
  });
});
afterAll(() => server.close());
beforeEach(() => {
  server.asked.length = 0;
  logged.length = 0;
});

const post = (token = "shpat_1") => client.post(token, "query Q($a: Int) { a }", { a: 1 });
const cost = {
  requestedQueryCost: 13,
  actualQueryCost: 11,
  throttleStatus: { maximumAvailable: 2_000, currentlyAvailable: 1_986, restoreRate: 100 },
};

describe("the request", () => {
  it("is a POST of document and variables to the pinned version, with the shop's token", async () => {
    await post();
    expect(server.asked).toHaveLength(1);
    const [asked] = server.asked;
    expect(asked).toMatchObject({
      method: "POST",
      path: "/admin/api/2026-10/graphql.json",
      headers: { "x-shopify-access-token": "shpat_1", "content-type": "application/json" },
    });
    expect(JSON.parse(asked?.body ?? "")).toEqual({ query: "query Q($a: Int) { a }", variables: { a: 1 } });
  });

  it("carries a new token as soon as there is one", async () => {
    await post("shpat_1");
    await post("shpat_2");
    expect(server.asked.map(({ headers }) => headers["x-shopify-access-token"])).toEqual(["shpat_1", "shpat_2"]);
  });
});

describe("the reply", () => {
  it("is data, errors and cost as Shopify told them", async () => {
    server.answers = [json({ data: { a: 2 }, extensions: { cost } })];
    expect(await post()).toEqual({
      kind: "graphql",
      data: { a: 2 },
      errors: [],
      cost: { requested: 13, actual: 11, maximum: 2_000, available: 1_986, restorePerSecond: 100 },
    });
  });

  it("keeps code and message of an error, and the cost of a query that did not run", async () => {
    const errors = [{ message: "Throttled", extensions: { code: "THROTTLED", documentation: "…" } }];
    server.answers = [json({ errors, extensions: { cost: { ...cost, actualQueryCost: null } } })];
    expect(await post()).toMatchObject({
      kind: "graphql",
      data: null,
      errors: [{ code: "THROTTLED", message: "Throttled" }],
      cost: { requested: 13, actual: null },
    });
  });

  it.each<[string, unknown, unknown]>([
    [
      "a text instead of a list",
      { errors: "[API] Invalid API key" },
      [{ code: null, message: "[API] Invalid API key" }],
    ],
    ["an error of another shape", { errors: [7] }, [{ code: null, message: "7" }]],
    ["a code that is no text", { errors: [{ message: "m", extensions: { code: 7 } }] }, [{ code: null, message: "m" }]],
  ])("reads errors that are not by the book: %s", async (_, body, errors) => {
    server.answers = [json(body)];
    expect(await post()).toMatchObject({ kind: "graphql", errors });
  });

  it("counts a cost of another shape as not told", async () => {
    server.answers = [json({ data: {}, extensions: { cost: { requestedQueryCost: "13" } } })];
    expect(await post()).toMatchObject({ kind: "graphql", cost: null });
  });

  it.each([401, 402, 403, 404, 423, 429, 430, 500, 502, 503, 504])(
    "is the status of a refusal: %i, asked once",
    async (status) => {
      server.answers = [json({ errors: "told" }, status)];
      expect(await post()).toEqual({ kind: "status", status, retryAfterSeconds: null, message: "told" });
      expect(server.asked).toHaveLength(1); // re-sending is the journal's affair
    },
  );

  it("carries Retry-After, in seconds or as a date", async () => {
    server.answers = [json("", 429, { "Retry-After": "2.0" })];
    expect(await post()).toMatchObject({ retryAfterSeconds: 2 });
    server.answers = [json("", 503, { "Retry-After": new Date(Date.now() + 30_000).toUTCString() })];
    const reply = await post();
    expect(reply.kind === "status" && reply.retryAfterSeconds).toBeGreaterThanOrEqual(28);
    server.answers = [json("", 503, { "Retry-After": "soon" })];
    expect(await post()).toMatchObject({ retryAfterSeconds: null });
  });

  it("keeps nothing of a proxy's page but its status", async () => {
    server.answers = [json("<html>secret</html>", 502)];
    expect(await post()).toEqual({ kind: "status", status: 502, retryAfterSeconds: null, message: "Bad Gateway" });
  });

  it("does not follow a redirect", async () => {
    server.answers = [json("", 302, { Location: "/elsewhere" })];
    expect(await post()).toMatchObject({ kind: "status", status: 302 });
    expect(server.asked).toHaveLength(1);
  });

  it.each(["", "nothing", "[1]", "7", '"text"'])("that is no GraphQL answer is unreadable: %s", async (body) => {
    server.answers = [json(body)];
    expect(await post()).toMatchObject({ kind: "unreadable", status: 200 });
  });

  it("that is too large is not read to its end", async () => {
    server.answers = [json({ data: "x".repeat(REPLY_BYTES_MAX) })];
    expect(await post()).toMatchObject({ kind: "unreadable", status: 200 });
  });
});

describe("no reply", () => {
  it("in time is a timeout, whether headers or body are missing", async () => {
    server.answers = [() => {}];
    expect(await post()).toMatchObject({ kind: "no_reply", fault: "timeout" });
    server.answers = [
      (response) => {
        response.writeHead(200, { "Content-Type": "application/json" });
        response.write('{"data":');
      },
    ];
    expect(await post()).toMatchObject({ kind: "no_reply", fault: "timeout" });
  });

  it("because the connection broke is a network fault, whether before or within the body", async () => {
    server.answers = [(response) => response.destroy()];
    expect(await post()).toMatchObject({ kind: "no_reply", fault: "network" });
    server.answers = [
      (response) => {
        response.writeHead(200, { "Content-Length": "100" });
        response.write('{"data":');
        setTimeout(() => response.destroy(), 20);
      },
    ];
    expect(await post()).toMatchObject({ kind: "no_reply", fault: "network" });
  });

  it("because nobody listens is a network fault", async () => {
    const nobody = createAdminClient({
      shop: fromStore("shop-a.myshopify.com"),
      originOverride: "http://127.0.0.1:1",
      log: () => {},
    });
    expect(await nobody.post("t", "{ a }", {})).toMatchObject({ kind: "no_reply", fault: "network" });
  });
});

it("logs Shopify's deprecation notice, and never a token", async () => {
  server.answers = [json({ data: {} }, 200, { "X-Shopify-API-Deprecated-Reason": "https://shopify.dev/old" })];
  await post("shpat_secret");
  expect(logged).toEqual([
    ["warn", "shopify.deprecated", { shop: "shop-a.myshopify.com", reason: "https://shopify.dev/old" }],
  ]);
  expect(JSON.stringify(logged)).not.toContain("shpat_secret");
});
