import { describe, expect, it } from "vitest";
import type { Admission, CallReport } from "../../../src/domain/breaker/destination.ts";
import { fromStore } from "../../../src/domain/ids.ts";
import { type Called, judgeHttp, throughBreaker } from "../../../src/services/destination-breaker.ts";
import type { DestinationStub } from "../../../src/services/destination-contract.ts";

const NAME = fromStore<never>("webhook/hooks.example.com");
const GO: Admission = { kind: "go", permit: { startedMs: 5 } };

/** @param admission  an error: the object cannot be reached */
async function through(admission: Admission | Error, call: () => Promise<Called<string>>, canReport = true) {
  const reports: CallReport[] = [];
  const logged: string[] = [];
  const stub = {
    admit: async () => {
      if (admission instanceof Error) throw admission;
      return admission;
    },
    report: async (_, report) => {
      if (!canReport) throw new Error("overloaded");
      reports.push(report);
    },
  } satisfies Partial<DestinationStub> as unknown as DestinationStub;
  const deps = {
    destinationOf: () => stub,
    log: (_: string, event: string) => void logged.push(event),
    nowMs: () => 1_000,
  };
  return { outcome: await throughBreaker(NAME, call, deps), reports, logged };
}

const answer = async (): Promise<Called<string>> => ({ kind: "answered", answer: "hello" });
const never = async (): Promise<Called<string>> => {
  throw new Error("it must not be called");
};

describe("a call through a breaker", () => {
  it("is made and reported when it may go", async () => {
    expect(await through(GO, answer)).toEqual({
      ...{ outcome: { kind: "answered", answer: "hello" }, reports: [{ kind: "answered" }], logged: [] },
    });
  });

  it("is not made while the breaker is open or isolated, and says so", async () => {
    const wait: Admission = { kind: "wait", untilMs: 9_000, reason: "HTTP_503" };
    expect(await through(wait, never)).toEqual({ outcome: wait, reports: [], logged: [] });
    const isolated: Admission = { kind: "isolated", reason: "their deploy" };
    expect(await through(isolated, never)).toMatchObject({ outcome: isolated });
  });

  it("reports a failure, and what was thrown as one", async () => {
    const report = { kind: "failed", reason: "HTTP_503", retryAfterSeconds: 7 } as const;
    const failed: Called<string> = { ...report, answer: "what it said is nothing to the breaker" };
    expect(await through(GO, async () => failed)).toEqual({ outcome: failed, reports: [report], logged: [] });
    const { outcome, reports } = await through(GO, async () => Promise.reject(new Error("connection lost")));
    const lost = { kind: "failed", reason: "Error: connection lost", retryAfterSeconds: null };
    expect([outcome, reports]).toEqual([{ ...lost, answer: null }, [lost]]);
  });

  it("is not made when nobody can say whether an operator has isolated the destination", async () => {
    const { outcome, logged } = await through(new Error("object reset"), never);
    expect(outcome).toEqual({ kind: "wait", untilMs: 6_000, reason: "breaker_unreachable" });
    expect(logged).toEqual(["breaker.not_asked"]);
  });

  it("keeps its outcome when the breaker cannot be told", async () => {
    const { outcome, logged } = await through(GO, answer, false);
    expect([outcome, logged]).toEqual([{ kind: "answered", answer: "hello" }, ["breaker.not_told"]]);
  });
});

describe("an HTTP answer", () => {
  const judge = (status: number, retryAfter?: string) =>
    judgeHttp(
      new Response(null, { status, headers: retryAfter === undefined ? {} : { "retry-after": retryAfter } }),
      1,
    );

  it("says that the destination is ill by 5xx, 408 and 429; a refusal of what was sent is an answer", () => {
    expect([200, 202, 301, 400, 401, 404, 410].map((status) => judge(status).kind)).toEqual(Array(7).fill("answered"));
    expect([408, 429, 500, 502, 503].map((status) => judge(status).kind)).toEqual(Array(5).fill("failed"));
  });

  it("says for how long in seconds; a date is not believed", () => {
    expect(judge(503, "12")).toEqual({ kind: "failed", reason: "HTTP_503", retryAfterSeconds: 12, answer: 1 });
    expect(judge(503, "Wed, 21 Oct 2026 07:28:00 GMT")).toMatchObject({ retryAfterSeconds: null });
  });
});
