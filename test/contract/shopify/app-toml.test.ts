/** `shopify.app.toml` and `onhand webhooks sync` subscribe to the same topics with the same fields. */
import { expect, it } from "vitest";
import { NEEDED_WEBHOOKS } from "../../../src/services/webhook-subscriptions.ts";
import { ROOT, readToml } from "../config/read-toml.ts";

type AppToml = {
  readonly access_scopes: { readonly scopes: string };
  readonly webhooks: {
    readonly api_version: string;
    readonly subscriptions: readonly {
      readonly topics: readonly string[];
      readonly uri: string;
      readonly include_fields: readonly string[];
    }[];
  };
};

const toml = readToml<AppToml>(`${ROOT}/shopify.app.toml`);

it("names the topics that are needed, each with the fields that are needed", () => {
  const declared = toml.webhooks.subscriptions.flatMap(({ topics, include_fields }) =>
    topics.map((topic) => ({ topic: topic.toUpperCase().replace("/", "_"), includeFields: include_fields })),
  );
  expect(declared).toEqual(NEEDED_WEBHOOKS.map(({ topic, includeFields }) => ({ topic, includeFields })));
});

it("asks for no field that tells of a person", () => {
  for (const { topic, includeFields } of NEEDED_WEBHOOKS) {
    const fields = includeFields.filter((field) => !(topic.startsWith("LOCATIONS_") && field === "name")); // a place's
    expect(fields.join(" ")).not.toMatch(/customer|email|phone|address|name|note|browser|ip\b|billing|shipping/);
  }
});

it("delivers to the receiver's path, in the API version of the client", () => {
  for (const { uri } of toml.webhooks.subscriptions) expect(new URL(uri).pathname).toBe("/webhooks/shopify");
  expect(toml.webhooks.api_version).toBe("2026-10");
});
