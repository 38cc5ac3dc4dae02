import { expect, it } from "vitest";
import { squareOrigin } from "../../../../src/channels/square/square-origin.ts";

it("sends a till's token to Square's production and sandbox", () => {
  for (const isDevelopment of [true, false]) {
    expect(squareOrigin(null, isDevelopment)).toBe("https://connect.squareup.com");
    const sandbox = "https://connect.squareupsandbox.com";
    expect(squareOrigin(`${sandbox}/anything`, isDevelopment)).toBe(sandbox);
  }
});

it.each([
  "https://connect.squareup.com.example.com",
  "https://connect.squareup.com@example.com",
  "https://example.com/connect.squareup.com",
  "http://connect.squareup.com",
  "https://169.254.169.254",
  "connect.squareup.com",
])("sends it nowhere where the endpoint is %s", (endpoint) => {
  expect([squareOrigin(endpoint, false), squareOrigin(endpoint, true)]).toEqual([null, null]);
});

it("sends it to a simulator on loopback in development alone", () => {
  expect(squareOrigin("http://127.0.0.1:4321", true)).toBe("http://127.0.0.1:4321");
  expect(squareOrigin("http://127.0.0.1:4321", false)).toBeNull();
});
