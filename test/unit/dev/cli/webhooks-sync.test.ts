import { describe, expect, it } from "vitest";
import { ApiProblem, type OnhandClient } from "../../../../dev/cli/client.ts";
import { UsageError } from "../../../../dev/cli/command-context.ts";
import { findCommand } from "../../../../dev/cli/commands.ts";
import { findTarget } from "../../../../dev/cli/target.ts";

const STACK = { worker: "http://127.0.0.1:8787", adminToken: "stack-token", shopify: { shop: "demo.myshopify.com" } };
const DEPLOYED = { ONHAND_URL: "https://onhand.example", ONHAND_TOKEN: "secret" };
const RELAY = { url: "https://relay.example" };

describe("webhooks sync sends the admin token", () => {
  const target = (env: object, stack: typeof STACK | null = null) =>
    findTarget(RELAY, { env: { ...env }, stack, urlIsDelivery: true });

  it("to the deployment that the environment names, and never to the relay that Shopify shall deliver to", () => {
    expect(target(DEPLOYED, STACK)).toMatchObject({ url: "https://onhand.example", token: "secret" });
  });

  it("else to the local stack, which knows its own token", () => {
    expect(target({}, STACK)).toMatchObject({ url: STACK.worker, token: "stack-token", shop: "demo.myshopify.com" });
  });

  it("else to the host of --url: a first deployment has no other name", () => {
    expect(target({ ONHAND_TOKEN: "secret" })).toMatchObject({ url: "https://relay.example", token: "secret" });
  });

  it("for every other command --url is the deployment", () => {
    const found = findTarget(RELAY, { env: DEPLOYED, stack: STACK, urlIsDelivery: false });
    expect(found).toMatchObject({ url: "https://relay.example" });
  });
});

describe("webhooks sync", () => {
  const sync = async (flags: object, answers: readonly (object | Error)[] = [{}]) => {
    const asked: unknown[] = [];
    const client: OnhandClient = {
      url: "https://onhand.example",
      send: () => Promise.reject(new Error("sends no file")),
      stream: () => Promise.reject(new Error("streams nothing")),
      call: async <Answer>(_: string, path: string, body?: unknown) => {
        const answer = answers[asked.length] ?? answers.at(-1);
        asked.push({ path, body });
        if (answer instanceof Error) throw answer;
        return { subscriptions: [], changes: [], elsewhere: [], ...answer } as Answer;
      },
    };
    const { command } = findCommand(["webhooks", "sync"]);
    const { text } = await command({ client, flags, args: [], shop: () => "a.myshopify.com" });
    return { asked, text };
  };
  const uriOf = async (url: string) => (await sync({ url })).asked;

  it("delivers to the receiver of a bare host, and to the very path of a relay", async () => {
    const path = "/v1/shops/a.myshopify.com/webhooks/sync";
    const body = (uri: string) => [{ path, body: { uri, replace: false } }];
    expect(await uriOf("https://onhand.example")).toEqual(body("https://onhand.example/webhooks/shopify"));
    expect(await uriOf("https://onhand.example/")).toEqual(body("https://onhand.example/webhooks/shopify"));
    expect(await uriOf("https://relay.example/in/7?key=x")).toEqual(body("https://relay.example/in/7?key=x"));
    await expect(sync({})).rejects.toThrow(UsageError);
    await expect(sync({ url: "relay" })).rejects.toThrow(UsageError);
  });

  it("waits while Shopify has no points left, as an import does", async () => {
    const later = new ApiProblem(503, "unavailable", "no points", 0);
    const { asked } = await sync({ url: "https://onhand.example" }, [later, later, {}]);
    expect(asked).toHaveLength(3);
  });

  it("tells what delivers elsewhere, and how to move it", async () => {
    const elsewhere = [{ topic: "ORDERS_CREATE", uri: "https://old.example/webhooks/shopify" }];
    const { text } = await sync({ url: "https://onhand.example" }, [{ elsewhere }]);
    expect(text).toContain("https://old.example/webhooks/shopify");
    expect(text).toContain("--replace");
    const { asked } = await sync({ url: "https://onhand.example", replace: true });
    expect(asked).toMatchObject([{ body: { replace: true } }]);
  });
});
