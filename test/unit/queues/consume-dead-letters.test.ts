import { describe, expect, it } from "vitest";
import { fromStore } from "../../../src/domain/ids.ts";
import type { LevelEvent } from "../../../src/domain/shop-event.ts";
import { consumeDeadLetters } from "../../../src/queues/consume-dead-letters.ts";
import { deadLetterOf, letterOf } from "../../../src/queues/dead-letter-message.ts";
import { specOf } from "../../../src/queues/queue-table.ts";
import type { DeadLetter, DeadLetterError } from "../../../src/services/dead-letters.ts";
import { envelopeOf, fakeBatch } from "../../support/queues/fake-queue.ts";

const spec = specOf("onhand-events-dlq");
if (spec === undefined) throw new Error("no such queue");

const level = (available: number, given: Partial<LevelEvent> = {}): LevelEvent => ({
  kind: "level",
  item: fromStore("7"),
  location: fromStore("11"),
  available,
  atMs: 3,
  ...given,
});
const words = (id: string, event: LevelEvent) =>
  deadLetterOf(
    { id: `message-${id}`, attempts: 1, body: envelopeOf(id, event) },
    "onhand-events",
    { code: "unknown_item", message: "m" },
    1,
  );

async function consume(body: unknown, reason: DeadLetterError | null) {
  const stored: DeadLetter[] = [];
  const { batch, settled } = fakeBatch("onhand-events-dlq", [{ id: "m", body }]);
  await consumeDeadLetters(batch, spec as NonNullable<typeof spec>, {
    store: { put: async (letters: readonly DeadLetter[]) => void stored.push(...letters) } as never,
    reasons: { find: async (queue, eventId) => (queue === "onhand-events" && eventId === "e" ? reason : null) },
    journal: () => {},
    log: () => {},
    nowMs: () => 1,
    random: () => 0,
  });
  return { stored, settled };
}

describe("a dead letter", () => {
  it("of a message that died without a word carries the reason of the delivery before", async () => {
    const reason = { code: "retried", message: "counter x: overloaded", atMs: 9, attempt: 8 };
    const { stored, settled } = await consume(envelopeOf("e", level(1)), reason);
    expect(stored[0]?.errors).toMatchObject([{ code: "no_answer", attempt: 9 }, reason]);
    expect(settled).toEqual([{ id: "m", how: "acked" }]);
  });

  it("of a message with last words carries those alone", async () => {
    const reason = { code: "retried", message: "older news", atMs: 9, attempt: 8 };
    const { stored } = await consume(words("e", level(1)), reason);
    expect(stored[0]?.errors).toMatchObject([{ code: "unknown_item" }]);
    expect(stored[0]?.errors).toHaveLength(1);
  });

  it("stands for one level of one item, however many webhooks tell of it", async () => {
    const idOf = async (id: string, event: LevelEvent) => (await letterOf(words(id, event))).id;
    const first = await idOf("a", level(1));
    expect(await idOf("b", level(2))).toBe(first);
    expect(await idOf("c", level(1, { location: fromStore("22") }))).not.toBe(first);
    expect(await idOf("d", level(1, { item: fromStore("8") }))).not.toBe(first);
    expect((await letterOf(words("b", level(2)))).eventId).toBe("b");
  });
});
