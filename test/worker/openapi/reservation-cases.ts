/** Reservations and their ends. */
import { call } from "../support/api.ts";
import { stock } from "../support/catalogue.ts";
import type { CaseGroup } from "./harness.ts";

const key = (name: string) => ({ "idempotency-key": `or-${name}` });
const ids = new Map<string, string>();
const id = (name: string) => () => ({ id: ids.get(name) ?? "" });
const lines = (quantity: number, sku = "OR-1") => ({ lines: [{ sku, quantity }], ttlSeconds: 60 });

export const reservationCases: CaseGroup = {
  name: "reservations",
  prepare: async () => {
    await stock("OR-1", "70201", 50);
    await stock("OR-FEW", "70202", 50);
    await call("PUT", "/v1/inventory/OR-FEW/policy", { heldShareMax: 10 });
  },
  cases: [
    {
      op: "reserve",
      status: 201,
      headers: key("1"),
      body: lines(3),
      keep: (body) => void ids.set("1", String(body["id"])),
    },
    { op: "reserve", status: 200, why: "a repeat", headers: key("1"), body: lines(3) },
    { op: "reserve", status: 200, why: "a dry run", query: { dryRun: "true" }, headers: key("dry"), body: lines(3) },
    {
      op: "reserve",
      status: 201,
      why: "for its release",
      headers: key("2"),
      body: lines(2),
      keep: (body) => void ids.set("2", String(body["id"])),
    },
    { op: "reserve", status: 409, code: "insufficient_stock", headers: key("3"), body: lines(500) },
    { op: "reserve", status: 429, code: "hold_limit", headers: key("4"), body: lines(40, "OR-FEW") },
    { op: "reserve", status: 404, code: "not_found", headers: key("5"), body: lines(1, "OR-NONE") },
    { op: "reserve", status: 422, code: "idempotency_key_reused", headers: key("1"), body: lines(4) },
    { op: "reserve", status: 400, code: "bad_request", body: lines(1) },
    { op: "getReservation", status: 200, path: id("1") },
    { op: "getReservation", status: 404, code: "not_found", path: { id: "rsv_none" } },
    { op: "extendReservation", status: 200, path: id("1"), body: { ttlSeconds: 120 } },
    { op: "extendReservation", status: 400, code: "bad_request", path: id("1"), body: { ttlSeconds: 0 } },
    {
      op: "commitReservation",
      status: 422,
      code: "out_of_range",
      path: id("1"),
      body: { lines: [{ sku: "OR-1", quantity: 9 }] },
    },
    { op: "commitReservation", status: 200, path: id("1"), body: { lines: [{ sku: "OR-1", quantity: 2 }] } },
    { op: "releaseReservation", status: 409, code: "reservation_committed", path: id("1") },
    { op: "releaseReservation", status: 200, path: id("2") },
    { op: "releaseReservation", status: 200, why: "again", path: id("2") },
    { op: "commitReservation", status: 409, code: "reservation_released", path: id("2"), body: {} },
    {
      op: "extendReservation",
      status: 404,
      code: "not_found",
      path: { id: "rsv_0123456789abcdef0123456789abcdef" },
      body: { ttlSeconds: 60 },
    },
  ],
};
