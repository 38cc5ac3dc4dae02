import { describe, expect, it } from "vitest";
import { replyBeginning } from "../../../src/domain/reply-beginning.ts";

const of = (text: string, hidden: readonly string[] = [], charsMax = 60) => replyBeginning(text, hidden, charsMax);

describe("the beginning of a reply", () => {
  it("is one line of so many characters, and nothing where nothing is", () => {
    expect(of("  <h1>\n  Bad\tGateway</h1>\r\n")).toBe("<h1> Bad Gateway</h1>");
    expect(of("no ".repeat(60))).toBe("no ".repeat(20));
    expect([of(""), of(" \n ")]).toEqual([null, null]);
  });

  it("moves no terminal's cursor, and turns no line round", () => {
    expect(of("ok\u001b[2J\u001b[1;31mred\u202eevil\u0000\u2028end")).toBe("ok [2J [1;31mred evil end");
  });

  it("masks people, secrets by their look, and secrets that were sent, however short", () => {
    expect(of("unknown user jo@example.com")).toBe("unknown user [email]");
    expect(of("bad whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, sorry")).toBe("bad [secret], sorry");
    expect(of("no hook abc-def in abc-def-ghi", ["abc-def", "abc-def-ghi"])).toBe("no hook [secret] in [secret]");
    expect(of("a b", ["a", ""])).toBe("a b");
  });
});
