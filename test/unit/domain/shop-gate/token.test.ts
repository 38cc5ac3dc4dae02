import { expect, it } from "vitest";
import { stateOfToken, tokenFrom } from "../../../../src/domain/shop-gate/token.ts";

const NOW_MS = 1_000_000;
const token = (expiresInSeconds: number) => tokenFrom({ kind: "granted", accessToken: "t", expiresInSeconds }, NOW_MS);

it("is renewed five minutes before its end, and not used in its last half minute", () => {
  const day = token(86_399);
  const endMs = NOW_MS + 86_399_000;
  expect(stateOfToken(day, endMs - 300_001)).toBe("ready");
  expect(stateOfToken(day, endMs - 300_000)).toBe("ageing");
  expect(stateOfToken(day, endMs - 30_001)).toBe("ageing");
  expect(stateOfToken(day, endMs - 30_000)).toBe("missing");
});

it("that lives for a minute only is used for all but its last half minute", () => {
  const short = token(60);
  expect(stateOfToken(short, NOW_MS)).toBe("ready");
  expect(stateOfToken(short, NOW_MS + 29_999)).toBe("ready");
  expect(stateOfToken(short, NOW_MS + 30_000)).toBe("missing");
});

it("is missing until there is one", () => {
  expect(stateOfToken(null, NOW_MS)).toBe("missing");
});
