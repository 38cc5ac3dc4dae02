/** How one SKU is watched and ordered anew. Settings are idempotent by themselves; a request by hand has a key. */
import { type Context, Hono } from "hono";
import type { EventOutcome, StockAsked, StockAskedOutcome } from "../domain/counter/counter-event.ts";
import { type ReorderRule, ruleOf } from "../domain/counter/reorder.ts";
import type { StockThresholds } from "../domain/counter/thresholds.ts";
import type { CorrelationId } from "../domain/ids.ts";
import { fromStore, type LocationId } from "../domain/ids.ts";
import type { StockSettingsReply } from "../services/counter-contract.ts";
import type { AppEnv } from "./app-env.ts";
import type { Answered } from "./movement-reply.ts";
import { parseBody, skuParam } from "./parse.ts";
import { type Problem, problem } from "./problem.ts";
import { importing, unknownSku } from "./sku-problems.ts";
import { iso } from "./time-to-wire.ts";
import { reorderBody, reorderRuleBody, reorderToWire, thresholdsBody } from "./wire/stock.ts";
import { writeHeaders } from "./write-headers.ts";
import { write } from "./write-routes.ts";

export const stockRoutes = new Hono<AppEnv>()
  .get("/:sku/thresholds", (c) =>
    settings(c, (sku, { thresholds: { own, defaults }, states }) => ({ sku, thresholds: own, defaults, states })),
  )
  .put("/:sku/thresholds", async (c) => {
    const body = await parseBody(c, thresholdsBody);
    return body.ok ? setThresholds(c, body.value as StockThresholds) : problem(c, body.error);
  })
  .delete("/:sku/thresholds", (c) => setThresholds(c, {}))
  .get("/:sku/reorder-rule", (c) =>
    settings(c, (sku, { reorder }) => {
      const { own, sales, open } = reorder;
      const rule = ruleOf(reorder);
      const told = sales === null ? null : { units: sales.units, days: sales.days, at: iso(sales.atMs) };
      return {
        sku,
        rule,
        from: own !== null ? "sku" : rule === null ? "none" : "default",
        sales: told,
        open: open?.id ?? null,
      };
    }),
  )
  .put("/:sku/reorder-rule", async (c) => {
    const body = await parseBody(c, reorderRuleBody);
    return body.ok ? setRule(c, { rule: body.value.rule as ReorderRule | null }) : problem(c, body.error);
  })
  .delete("/:sku/reorder-rule", (c) => setRule(c, null))
  .post("/:sku/reorders", async (c) => {
    const body = await parseBody(c, reorderBody);
    if (!body.ok) return problem(c, body.error);
    const { quantity, locationId, leadDays = null, reason } = body.value;
    const place = locationId === undefined ? null : fromStore<LocationId>(locationId);
    const needsKey = { needsKey: true };
    return ask(
      c,
      (correlationId, key) => ({
        kind: "reorder_ask",
        key,
        quantity,
        locationId: place,
        leadDays,
        reason,
        correlationId,
      }),
      (answer, outcome) => reorderReply(c, answer, outcome),
      needsKey,
    );
  });

const setThresholds = (c: Context<AppEnv>, thresholds: StockThresholds) =>
  ask(
    c,
    (correlationId) => ({ kind: "thresholds", thresholds, correlationId }),
    ({ view }) => c.json({ sku: view.sku, thresholds }),
  );

const setRule = (c: Context<AppEnv>, own: { readonly rule: ReorderRule | null } | null) =>
  ask(
    c,
    (correlationId) => ({ kind: "reorder_rule", own, correlationId }),
    ({ view }, outcome) => c.json({ sku: view.sku, rule: outcome.kind === "reorder_rule_set" ? outcome.rule : null }),
  );

/** One event to the SKU's counter, and what to say of its outcome. */
async function ask(
  c: Context<AppEnv>,
  eventOf: (correlationId: CorrelationId, key: string) => StockAsked,
  reply: (answer: Answered, outcome: StockAskedOutcome) => Response,
  { needsKey } = { needsKey: false },
): Promise<Response> {
  const sku = skuParam(c);
  if (!sku.ok) return problem(c, sku.error);
  const headers = writeHeaders(c, { needsKey });
  if (!headers.ok) return problem(c, headers.error);
  const { correlationId, idempotencyKey } = headers.value.by;
  return write(c, sku.value, [eventOf(correlationId, idempotencyKey)], headers.value, (answer) =>
    reply(answer, stockOutcome(answer.outcomes[0])),
  );
}

const stockOutcome = (outcome: EventOutcome | undefined): StockAskedOutcome => outcome as StockAskedOutcome;

function reorderReply(c: Context<AppEnv>, { view }: Answered, outcome: StockAskedOutcome): Response {
  if (outcome.kind === "reorder")
    return c.json(reorderToWire({ ...outcome.reorder, sku: view.sku }), outcome.isNew ? 201 : 200);
  return problem(c, outcome.kind === "reorder_is_open" ? isOpen(outcome.reorder.id) : NOT_ASKED);
}

const isOpen = (id: string): Problem => ({
  code: "conflict",
  detail: `${id} is open: nothing is asked for beside it. Cancel it first.`,
});
const NOT_ASKED: Problem = { code: "conflict", detail: "It could not be asked for." };

async function settings(
  c: Context<AppEnv>,
  body: (sku: string, told: StockSettingsReply) => Record<string, unknown>,
): Promise<Response> {
  const sku = skuParam(c);
  if (!sku.ok) return problem(c, sku.error);
  const found = await c.get("services").stockSettings(sku.value);
  if (found.kind === "unknown_sku") return problem(c, unknownSku(sku.value));
  if (found.kind === "not_connected") return problem(c, importing(sku.value));
  return c.json(body(sku.value, found.value));
}
