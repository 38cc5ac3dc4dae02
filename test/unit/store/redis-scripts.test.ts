import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { SET_IF_NOT_OLDER } from "../../../src/store/redis-scripts.ts";

it("calls SET_IF_NOT_OLDER by the hash of its own text", () => {
  expect(SET_IF_NOT_OLDER.sha1).toBe(createHash("sha1").update(SET_IF_NOT_OLDER.source).digest("hex"));
});
