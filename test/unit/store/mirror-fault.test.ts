import { errors } from "@upstash/redis/cloudflare";
import { describe, expect, it } from "vitest";
import { BadReply, CommandRefused, causeOf } from "../../../src/store/mirror-fault.ts";

const SECRET = "TSHIRT-RED-M";

describe("the cause of a fault", () => {
  it("is one word and Redis's code, and never what was sent", () => {
    const cases: [unknown, string, string | null][] = [
      [new DOMException("The operation was aborted due to timeout", "TimeoutError"), "timeout", null],
      [new DOMException("This operation was aborted", "AbortError"), "timeout", null],
      [new errors.UpstashError(`ERR syntax error, command was: [["set","${SECRET}"]]`), "refused", "ERR"],
      [new errors.UpstashError(`undefined, command was: [["get","${SECRET}"]]`), "refused", null],
      [new CommandRefused(`WRONGTYPE Operation against ${SECRET}`), "refused", "WRONGTYPE"],
      [new CommandRefused(`${SECRET} is wrong`), "refused", null],
      [new CommandRefused("TSHIRT is wrong"), "refused", null],
      [new errors.UpstashJSONParseError(`<html>${SECRET}`), "bad_reply", null],
      [new BadReply(), "bad_reply", null],
      [new errors.UrlError(`https:${SECRET}`), "bad_url", null],
      [new TypeError("fetch failed"), "network", null],
      ["thrown text", "network", null],
    ];
    for (const [thrown, reason, code] of cases) {
      expect(causeOf(thrown)).toEqual({ reason, code });
      expect(JSON.stringify(causeOf(thrown))).not.toContain(SECRET);
    }
  });

  it("is not kept in the error of a refused command either", () => {
    const refused = new CommandRefused(`ERR unknown command 'x', with args beginning with: '${SECRET}'`);
    expect(refused.message + refused.stack).not.toContain(SECRET);
  });
});
