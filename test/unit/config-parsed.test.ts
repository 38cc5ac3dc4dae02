import { describe, expect, it } from "vitest";
import { originOf, parseConfig } from "../../src/config.ts";
import { fromStore } from "../../src/domain/ids.ts";

const SET = {
  ENVIRONMENT: "production",
  SHOPIFY_SHOPS: "one.myshopify.com, two.myshopify.com",
  ADMIN_TOKEN: "0123456789abcdef",
  SHOPIFY_CLIENT_ID: "id",
  SHOPIFY_CLIENT_SECRET: "now",
};
const configOf = (more: Readonly<Record<string, unknown>> = {}) => {
  const config = parseConfig({ ...SET, ...more });
  if (!config.ok) throw new Error(config.error.problems.join("; "));
  return config.value;
};
const problemsOf = (more: Readonly<Record<string, unknown>>) => {
  const config = parseConfig({ ...SET, ...more });
  return config.ok ? [] : config.error.problems;
};

describe("the configuration", () => {
  it("takes what is needed, ignores bindings, and leaves off what is not set", () => {
    expect(configOf({ DB: {}, SKU_COUNTER: {} })).toEqual({
      environment: "production",
      shops: new Set(["one.myshopify.com", "two.myshopify.com"]),
      adminToken: "0123456789abcdef",
      shopify: {
        clientId: "id",
        webhookSecrets: ["now"],
        clientSecret: "now",
        fixedAccessToken: null,
        originOverride: null,
        origins: new Map(),
      },
      redis: null,
      sentryDsn: null,
      alertWebhook: null,
      channelKeys: [],
      notificationsFrom: null,
      timing: {},
    });
  });

  it("talks to another origin than Shopify in development only: it would be sent the shop's credentials", () => {
    const SHOPIFY_ORIGIN = "http://127.0.0.1:9";
    expect(configOf({ SHOPIFY_ORIGIN }).shopify.originOverride).toBeNull();
    expect(configOf({ SHOPIFY_ORIGIN, ENVIRONMENT: "development" }).shopify.originOverride).toBe(SHOPIFY_ORIGIN);
  });

  it("knows an origin for each simulated shop, in development only", () => {
    const SHOPIFY_ORIGINS = "one.myshopify.com=http://127.0.0.1:8,two.myshopify.com=http://127.0.0.1:9";
    expect(configOf({ SHOPIFY_ORIGINS }).shopify.origins.size).toBe(0);
    const config = configOf({ SHOPIFY_ORIGINS, ENVIRONMENT: "development" });
    expect(originOf(config, fromStore("two.myshopify.com"))).toBe("http://127.0.0.1:9");
    expect(originOf(config, fromStore("three.myshopify.com"))).toBeNull();
  });

  it("takes the key of the channels' secrets, and the one before it", () => {
    const [CHANNEL_KEY, CHANNEL_KEY_PREVIOUS] = [btoa("n".repeat(32)), btoa("b".repeat(32))];
    expect(configOf({ CHANNEL_KEY, CHANNEL_KEY_PREVIOUS }).channelKeys).toEqual([CHANNEL_KEY, CHANNEL_KEY_PREVIOUS]);
    expect(configOf({ CHANNEL_KEY, CHANNEL_KEY_PREVIOUS: "" }).channelKeys).toEqual([CHANNEL_KEY]);
  });

  it("accepts the present secret first, then the one before it", () => {
    expect(configOf({ SHOPIFY_CLIENT_SECRET_PREVIOUS: "before" }).shopify.webhookSecrets).toEqual(["now", "before"]);
  });

  it("mirrors to Redis where address and token are set", () => {
    const [UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN] = ["https://redis.test", "token"];
    expect(configOf({ UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN }).redis).toEqual({
      url: "https://redis.test",
      token: "token",
    });
  });

  it("tells alerts to an address over https, or on this machine", () => {
    const ALERT_WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    for (const url of ["https://hooks.example.com/7", "http://127.0.0.1:9/", "http://localhost/", "http://[::1]:9/"])
      expect(configOf({ ALERT_WEBHOOK_URL: url, ALERT_WEBHOOK_SECRET }).alertWebhook).toEqual({
        url,
        secret: ALERT_WEBHOOK_SECRET,
      });
    for (const url of ["http://hooks.example.com/7", "http://127.0.0.1.example.com/", "ftp://localhost/"])
      expect(problemsOf({ ALERT_WEBHOOK_URL: url, ALERT_WEBHOOK_SECRET })).toEqual([
        "ALERT_WEBHOOK_URL: must be https (http only to this machine)",
      ]);
  });

  it.each([
    [
      "an alert webhook without its secret",
      { ALERT_WEBHOOK_URL: "https://a.example" },
      "ALERT_WEBHOOK_SECRET: missing",
    ],
    ["a secret of alerts without its webhook", { ALERT_WEBHOOK_SECRET: "s".repeat(16) }, "ALERT_WEBHOOK_URL: missing"],
    [
      "a secret that is no base64",
      { ALERT_WEBHOOK_URL: "https://a.example", ALERT_WEBHOOK_SECRET: "whsec_???????????" },
      "ALERT_WEBHOOK_SECRET",
    ],
    ["a Sentry that is asked without https", { SENTRY_DSN: "http://key@sentry.example/1" }, "SENTRY_DSN"],
    ["a key of channels that is no 32 bytes", { CHANNEL_KEY: btoa("short") }, "CHANNEL_KEY: must be base64"],
    ["a missing secret", { SHOPIFY_CLIENT_SECRET: undefined }, "SHOPIFY_CLIENT_SECRET"],
    ["a short token", { ADMIN_TOKEN: "short" }, "ADMIN_TOKEN"],
    ["an unknown environment", { ENVIRONMENT: "staging" }, "ENVIRONMENT"],
    ["a shop that is none of Shopify's", { SHOPIFY_SHOPS: "one.myshopify.com,evil.example" }, "SHOPIFY_SHOPS"],
    ["timing that is no JSON", { TIMING: "{" }, "TIMING"],
    ["timing of an unknown window", { TIMING: '{"sluggishMs":1}' }, "TIMING"],
    ["alerts whose minute has no length", { TIMING: '{"alertMinuteMs":0}' }, "TIMING.alertMinuteMs"],
    ["timing below zero", { TIMING: '{"graceMs":-1}' }, "TIMING.graceMs"],
  ])("names %s", (_, more, name) => {
    expect(problemsOf(more)).toEqual([expect.stringContaining(name)]);
  });
});
