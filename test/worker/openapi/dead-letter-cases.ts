/** Dead letters, and jobs over them. */
import { env } from "cloudflare:workers";
import { type CorrelationId, fromStore } from "../../../src/domain/ids.ts";
import { d1DeadLetterJobs } from "../../../src/store/d1-dead-letter-jobs.ts";
import { call } from "../support/api.ts";
import { SHOP } from "../support/counters.ts";
import { handOver, message } from "../support/queue.ts";
import type { CaseGroup } from "./harness.ts";

const envelope = (id: string) => ({
  ...{ v: 1, id, correlationId: `correlation-${id}`, channel: { type: "shopify", shop: SHOP }, kind: "orders/create" },
  ...{ occurredAt: Date.now(), receivedAt: Date.now() },
  data: {
    ...{ kind: "order", topic: "orders/create", orderId: id, createdAtMs: Date.now(), location: null, restocks: [] },
    lines: [{ lineId: "1", variantId: "7079999", sku: null, quantity: 1, fulfilled: false, skip: null }],
  },
});
const lastWords = (id: string, payload: unknown) => ({
  ...{ v: 1, kind: "last_words", queue: "onhand-events", code: "unknown_variant", message: "no such variant" },
  ...{ subject: null, attempts: 9, atMs: Date.now(), messageId: id, payload },
});

const ids = new Map<string, string>();
const at = (name: string) => () => ({ id: ids.get(name) ?? "" });
const job = { name: "od job", filter: { code: "unknown_variant" } };

export const deadLetterCases: CaseGroup = {
  name: "dead letters",
  prepare: async () => {
    for (const name of ["od-1", "od-2", "od-3"])
      await handOver("onhand-events-dlq", message(name, lastWords(name, envelope(name))));
    await handOver("onhand-events-dlq", message("od-odd", lastWords("od-odd", { no: "shape" })));
    const { body } = await call("GET", "/v1/dead-letters?limit=200");
    for (const { id, eventId } of body["deadLetters"] as { id: string; eventId: string }[]) ids.set(eventId, id);
  },
  cases: [
    { op: "listDeadLetters", status: 200, query: { code: "unknown_variant", limit: "10" } },
    { op: "listDeadLetters", status: 400, code: "bad_request", query: { cursor: "odd" } },
    { op: "getDeadLetter", status: 200, path: at("od-1") },
    { op: "getDeadLetter", status: 404, code: "not_found", path: { id: "dl_none" } },
    { op: "startDeadLetterJob", status: 200, why: "a dry run", body: { filter: job.filter, dryRun: true } },
    { op: "replayDeadLetter", status: 404, code: "not_found", path: { id: "dl_none" } },
    { op: "editDeadLetter", status: 428, code: "precondition_required", path: at("od-2"), body: { payload: {} } },
    { op: "editDeadLetter", status: 422, code: "invalid_payload", path: at("od-2"), body: { payload: {}, version: 1 } },
    {
      op: "editDeadLetter",
      status: 412,
      code: "version_mismatch",
      path: at("od-2"),
      body: { payload: envelope("od-2"), version: 9 },
    },
    {
      op: "editDeadLetter",
      status: 202,
      path: at("od-2"),
      headers: { "if-match": '"1"' },
      body: { payload: envelope("od-2") },
    },
    { op: "getDeadLetter", status: 200, why: "edited", path: at("od-2") },
    { op: "replayDeadLetter", status: 202, path: at("od-1") },
    { op: "discardDeadLetter", status: 200, path: at("od-3"), body: { reason: "a test" } },
    { op: "discardDeadLetter", status: 400, code: "bad_request", path: at("od-3"), body: {} },
    { op: "startDeadLetterJob", status: 202, body: job, keep: (body) => void ids.set("job", String(body["id"])) },
    { op: "startDeadLetterJob", status: 200, why: "again", body: job },
    { op: "startDeadLetterJob", status: 409, code: "conflict", body: { ...job, filter: { code: "counter_away" } } },
    { op: "startDeadLetterJob", status: 400, code: "bad_request", body: { filter: {} } },
    { op: "listDeadLetterJobs", status: 200 },
    { op: "getDeadLetterJob", status: 200, path: at("job") },
    { op: "getDeadLetterJob", status: 404, code: "not_found", path: { id: "dlj_none" } },
    { op: "listDeadLetterJobItems", status: 200, path: at("job"), query: { limit: "5" } },
    { op: "listDeadLetterJobItems", status: 404, code: "not_found", path: { id: "dlj_none" } },
    { op: "cancelDeadLetterJob", status: 404, code: "not_found", path: { id: "dlj_none" } },
    {
      ...{ op: "cancelDeadLetterJob", status: 200, path: at("long") },
      before: async () => {
        // Made, and never driven: as if the isolate had died with the answer.
        const jobs = d1DeadLetterJobs(env.DB, { trailMax: 9, lettersMax: 9, pageBytesMax: 1_000_000 });
        const made = { id: "dlj_0d01", name: "od waits", action: "replay", trigger: "operator", reason: null } as const;
        const by = { actor: "admin", correlationId: fromStore<CorrelationId>("od-asked") };
        await jobs.create({ ...made, ...by, filter: {} }, "nonce", Date.now());
        ids.set("long", made.id);
      },
    },
  ],
};
