/** What stands before the operations: plain paragraphs (CommonMark). */
export const INTRODUCTION = [
  "Onhand keeps one counter per SKU and keeps every channel in step with it. The prose is docs/api.md; this document is made of the schemas that validate, and a test holds every route to it.",
  "**Authentication.** `Authorization: Bearer <ADMIN_TOKEN>` on everything under `/v1` and on `/metrics`. Webhooks carry a signature instead.",
  "**Correlation.** `X-Correlation-Id` follows a cause through queue, movements, pushes, logs and dead letters, and comes back in the answer. `GET /v1/traces/{correlationId}` tells its way.",
  "**Writes** that add up take an `Idempotency-Key`: a repeat with the same key and the same request counts once and is answered 200 with `Idempotent-Replayed: true`. `If-Match` makes a write depend on the version that was read; `?dryRun=true` answers what would be and changes nothing.",
  "**Numbers.** `available` is what a channel may count on seeing; `floor` is what is certainly there, and takes are accepted against it.",
  "**Problems** are `application/problem+json` (RFC 9457) with a stable `code`; `field` names what is at fault. With `Retry-After` the same request is worth sending again after so many seconds.",
].join("\n\n");
