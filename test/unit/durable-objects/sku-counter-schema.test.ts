import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { SKU_COUNTER_SCHEMA } from "../../../durable-objects/sku-counter-schema.ts";

it("step 2 turns a parked level of the first version into one that the next read may lift", () => {
  const db = new DatabaseSync(":memory:");
  const [first, second] = SKU_COUNTER_SCHEMA;
  db.exec(first?.sql ?? "");
  const insert = db.prepare("INSERT INTO levels VALUES ('S1', ?, ?, 0, ?)");
  insert.run("L1", "L1", JSON.stringify({ settled: 7, parked: true }));
  insert.run("L2", "L2", JSON.stringify({ settled: 8, parked: false }));
  db.exec(second?.sql ?? "");
  expect(
    db
      .prepare("SELECT state FROM levels ORDER BY location_id")
      .all()
      .map(({ state }) => JSON.parse(String(state))),
  ).toEqual([
    { settled: 7, parked: "missing" },
    { settled: 8, parked: null },
  ]);
});
