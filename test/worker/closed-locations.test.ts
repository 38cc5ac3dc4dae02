import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { call } from "./support/api.ts";
import { stock } from "./support/catalogue.ts";
import { HERE, THERE } from "./support/counters.ts";

describe("a location that every shop has deactivated", () => {
  it("takes neither sales nor holds unless it is named", async () => {
    await stock("CLOSED-1", "6601", 5, 5);
    await env.DB.prepare("UPDATE shop_locations SET is_active = 0 WHERE location_id = ?").bind(HERE).run();
    const sell = (body: object, key: string) =>
      call(
        "POST",
        "/v1/inventory/CLOSED-1/movements",
        { kind: "sale", quantity: 1, ...body },
        { "idempotency-key": key },
      );
    expect((await sell({}, "anywhere")).body["movement"]).toMatchObject({ locationId: THERE });
    expect((await sell({ locationId: HERE }, "named")).body["movement"]).toMatchObject({ locationId: HERE });
    const lines = [{ sku: "CLOSED-1", quantity: 4 }];
    const held = await call("POST", "/v1/reservations", { lines, ttlSeconds: 60 }, { "idempotency-key": "held" });
    expect(held.status).toBe(201);
    const { body } = await call("GET", "/v1/inventory/CLOSED-1");
    expect(body["locations"]).toMatchObject([
      { locationId: HERE, reserved: 0 },
      { locationId: THERE, reserved: 4, available: 0 },
    ]);
    expect((await sell({}, "none-left-elsewhere")).status).toBe(409);
  });
});
