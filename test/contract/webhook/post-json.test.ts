/** What is kept of an answer, over real HTTP. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { postJson } from "../../../src/channels/webhook/post-json.ts";
import { secretPartsOf } from "../../../src/domain/reply-beginning.ts";
import { type Loopback, startLoopback } from "../../support/alerts/loopback.ts";

let receiver: Loopback;
beforeEach(async () => {
  receiver = await startLoopback();
});
afterEach(() => receiver.close());

const LIMITS = { timeoutMs: 300, replyBytesMax: 10_000, replyCharsMax: 40 };
const post = (path = "/", hidden: readonly string[] = []) =>
  postJson({ url: `${receiver.url}${path}`, body: "{}", headers: {}, hidden }, LIMITS);

describe("an answer", () => {
  it("is its status, and how it begins: of a success and of a failure alike", async () => {
    receiver.answer = `thanks ${"x".repeat(100)}`;
    expect(await post()).toEqual({ kind: "answered", answer: { status: 200, reply: expect.any(String) } });
    receiver.answer = '{ "error":\r\n  "closed for stocktaking" }';
    receiver.status = 503;
    expect(await post()).toEqual({
      ...{ kind: "failed", reason: "HTTP_503", retryAfterSeconds: null },
      answer: { status: 503, reply: '{ "error": "closed for stocktaking" }' },
    });
    receiver.answer = "";
    receiver.status = 404;
    expect(await post()).toEqual({ kind: "answered", answer: { status: 404, reply: null } });
  });

  it("that never ends is cut where it is too long, or where its time is over, and counts by its status", async () => {
    receiver.answer = "flood";
    expect(await post()).toEqual({ kind: "answered", answer: { status: 200, reply: "!".repeat(40) } });
    receiver.answer = "trickle";
    expect(await post()).toMatchObject({
      kind: "answered",
      answer: { status: 200, reply: expect.stringMatching(/^\.{2,40}$/) },
    });
  });

  it("repeats no address that is a secret", async () => {
    const path = "/services/T0/B0/kept-to-myself";
    receiver.answer = `Cannot POST ${path}`;
    expect(await post(path, secretPartsOf(`${receiver.url}${path}`))).toMatchObject({
      answer: { reply: "Cannot POST [secret]" },
    });
    receiver.answer = "no hook kept-to-myself";
    expect(await post(path, secretPartsOf(`${receiver.url}${path}`))).toMatchObject({
      answer: { reply: "no hook [secret]" },
    });
  });
});
