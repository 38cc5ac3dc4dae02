import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { parseConfig } from "../../src/config.ts";
import { ROOT } from "../contract/config/read-toml.ts";

const GOOD = {
  ENVIRONMENT: "production",
  SHOPIFY_SHOPS: "a.myshopify.com",
  ADMIN_TOKEN: "0123456789abcdef",
  SHOPIFY_CLIENT_ID: "id",
  SHOPIFY_CLIENT_SECRET: "secret",
};
const problemsOf = (given: object): readonly string[] => {
  const config = parseConfig({ ...GOOD, ...given });
  return config.ok ? [] : config.error.problems;
};

describe("settings", () => {
  it("say which one is wrong, and how", () => {
    expect(problemsOf({ ADMIN_TOKEN: "short", SHOPIFY_CLIENT_ID: undefined })).toEqual([
      "ADMIN_TOKEN: Too small: expected string to have >=16 characters",
      "SHOPIFY_CLIENT_ID: Invalid input: expected string, received undefined",
    ]);
  });

  it("never tell a value: it may be a secret, or a person's name", () => {
    const secret = "norman@example.com";
    const schemas = [z.url(), z.int(), z.enum(["a"]), z.string().check(z.maxLength(3)), z.literal("b"), z.boolean()];
    const messages = schemas.flatMap((schema) => schema.safeParse(secret).error?.issues.map((i) => i.message) ?? []);
    expect(messages).toHaveLength(schemas.length);
    expect(messages.join()).not.toMatch(/norman|Invalid input(?!:)/);
    expect(problemsOf({ SENTRY_DSN: secret, UPSTASH_REDIS_REST_URL: secret }).join()).not.toContain("norman");
  });

  it("are not those of the example: a token that everybody knows is none", () => {
    const example = parseEnv(readFileSync(`${ROOT}/.dev.vars.example`, "utf8"));
    expect(parseConfig({ ENVIRONMENT: "production", SHOPIFY_SHOPS: "", ...example }).ok).toBe(false);
    expect(problemsOf({ ADMIN_TOKEN: "change-me-please-change-me" })).toEqual([
      "ADMIN_TOKEN: is the example's: make one of your own",
    ]);
  });

  it("that are optional and set to nothing count as left out", () => {
    const names = ["SHOPIFY_CLIENT_SECRET_PREVIOUS", "SHOPIFY_ACCESS_TOKEN", "SHOPIFY_ORIGIN", "SENTRY_DSN", "TIMING"];
    const empty = Object.fromEntries(
      [...names, "UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN"].map((n) => [n, ""]),
    );
    const config = parseConfig({ ...GOOD, ...empty });
    expect(config).toEqual(parseConfig(GOOD));
    expect(config.ok && config.value.shopify.webhookSecrets).toEqual(["secret"]);
  });

  it("name Redis wholly or not at all", () => {
    expect(problemsOf({ UPSTASH_REDIS_REST_URL: "https://r.example" })).toEqual([
      "UPSTASH_REDIS_REST_TOKEN: missing, while UPSTASH_REDIS_REST_URL is set: give both, or neither",
    ]);
    expect(problemsOf({ UPSTASH_REDIS_REST_TOKEN: "t", UPSTASH_REDIS_REST_URL: "" })).toEqual([
      "UPSTASH_REDIS_REST_URL: missing, while UPSTASH_REDIS_REST_TOKEN is set: give both, or neither",
    ]);
  });
});
