import { expect, it } from "vitest";
import { faultOfCredential } from "../../../../src/domain/channel/credentials.ts";

const production = { isDevelopment: false };
const development = { isDevelopment: true };
const faultOf = (url: string, where: typeof production) => faultOfCredential("square", "notification_url", url, where);

it("takes the address that Square signs as it was given: https, whole", () => {
  for (const where of [production, development]) {
    expect(faultOf("https://onhand.example.com/webhooks/channels/till", where)).toBeNull();
    for (const bad of ["onhand", " https://a.example.com", "https://a.example.com/#x", "http://a.example.com/"])
      expect(faultOf(bad, where), bad).toMatch(/exactly as it was given/);
  }
});

it("takes loopback over http in development alone", () => {
  const local = "http://127.0.0.1:8787/webhooks/channels/till";
  expect(faultOf(local, development)).toBeNull();
  expect(faultOf(local, production)).toMatch(/https/);
});
