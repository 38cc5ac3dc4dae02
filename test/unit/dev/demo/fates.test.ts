import { describe, expect, it } from "vitest";
import type { AcceptedEvent } from "../../../../dev/demo/accepted.ts";
import { fatesOf, type JournalRow } from "../../../../dev/demo/fates.ts";

const accepted = (eventId: string, times = 1, topic = "orders/create"): AcceptedEvent => ({ eventId, topic, times });
const row = (eventId: string, step: string, outcome: string): JournalRow => ({ eventId, step, outcome });

describe("the fates of accepted events", () => {
  it("are whole when each delivery has its end: at the receiver, or at the consumer", () => {
    const fates = fatesOf(
      [accepted("a", 2), accepted("b"), accepted("c"), accepted("d")],
      [
        row("a", "received", "queued"),
        row("a", "received", "queued"),
        row("a", "consumed", "counted"),
        row("a", "consumed", "duplicate"),
        row("b", "received", "dropped"),
        row("c", "received", "buried"),
        row("d", "consumed", "nothing_new"),
      ],
      [{ eventId: "c", status: "replayed" }],
    );
    expect(fates).toEqual({
      accepted: 4,
      deliveries: 5,
      ends: { counted: 1, nothing_new: 1, duplicate: 1, dropped: 1, dead: 1 },
      forgotten: [],
      countedTwice: [],
      waiting: [],
    });
  });

  it("name an event that was queued and never ended, and one of whose deliveries one did not end", () => {
    const [one, other] = [accepted("a"), accepted("b", 2)];
    const journal = [row("a", "received", "queued"), row("a", "consumed", "retried"), row("b", "consumed", "counted")];
    expect(fatesOf([one, other], journal, []).forgotten).toEqual([one, other]);
  });

  it("name a shipment that was booked twice, and no level or order: what they say is measured, not summed", () => {
    const journal = ["shipment", "level", "order"].flatMap((id) => [
      row(id, "consumed", "counted"),
      row(id, "consumed", "counted"),
    ]);
    const events = [
      accepted("shipment", 2, "fulfillments/create"),
      accepted("level", 2, "inventory_levels/update"),
      accepted("order", 2),
    ];
    expect(fatesOf(events, journal, []).countedTwice).toEqual([events[0]]);
  });

  it("name dead letters that still wait, whoever's they are", () => {
    expect(fatesOf([], [], [{ eventId: "x", status: "waiting" }]).waiting).toEqual(["x"]);
  });

  it("are not confused by events of others, which nobody here sent", () => {
    expect(fatesOf([accepted("a")], [row("b", "consumed", "counted")], []).ends.counted).toBe(0);
  });
});
