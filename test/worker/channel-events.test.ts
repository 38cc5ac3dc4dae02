/** Events of a channel, from their signature to the counter, in the real runtime. */
import { exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { postEvents, putChannel } from "./support/channels.ts";

const order = (orderId: string, sku: string, quantity: number) => ({
  ...{ type: "order.created", data: { orderId, lines: [{ line: "1", sku, quantity }] } },
});

describe("POST /v1/channels/{id}/events", () => {
  it("answers 202 with what was taken, and the same delivery again without taking it", async () => {
    const wms = await putChannel("wms-receiver");
    const body = [{ id: "e1", ...order("1", "ANY", 1) }, { id: "e2" }];
    const first = await postEvents(wms, body, "msg-a");
    expect([first.status, first.body]).toEqual([
      202,
      {
        ...{ accepted: 1, rejected: 1, correlationId: first.headers.get("x-correlation-id") },
        events: [
          { index: 0, id: "e1", status: "accepted" },
          {
            ...{ index: 1, id: "e2", status: "rejected" },
            problem: expect.objectContaining({ type: "urn:onhand:problem:bad-request", field: "type" }) as unknown,
          },
        ],
      },
    ]);
    const again = await postEvents(wms, body, "msg-a");
    expect([again.status, again.body["duplicate"]]).toEqual([202, true]);
    const other = await postEvents(wms, order("2", "ANY", 1), "msg-a");
    expect([other.status, other.body["code"]]).toEqual([409, "webhook_id_reused"]);
  });

  it("tells a stranger nothing, and a known sender what is wrong", async () => {
    const wms = await putChannel("wms-strict");
    const stranger = await postEvents({ ...wms, secret: "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }, order("1", "A", 1));
    const unknown = await postEvents({ ...wms, id: (await putChannel("x")).id }, order("1", "A", 1));
    expect([stranger.status, unknown.status]).toEqual([401, 401]);
    expect(stranger.headers.get("www-authenticate")).toBeNull();
    expect({ ...stranger.body, correlationId: "" }).toEqual({ ...unknown.body, correlationId: "" });
    const wrong = await postEvents(wms, order("1", "A", 0));
    expect([wrong.status, wrong.body["field"]]).toEqual([400, "data.lines.0.quantity"]);
    expect((await postEvents(wms, "{")).status).toBe(400);
  });

  it("publishes the schema of what it takes, to whoever asks", async () => {
    const response = await exports.default.fetch("https://onhand.test/schemas/channel-events.json");
    const schema = (await response.json()) as { $schema: string; $defs: { event: { oneOf: unknown[] } } };
    expect([response.status, response.headers.get("content-type"), schema.$schema]).toEqual([
      ...[200, "application/schema+json", "https://json-schema.org/draft/2020-12/schema"],
    ]);
    expect(schema.$defs.event.oneOf).toHaveLength(13);
  });
});
