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

it("step 5 calls every push of the earlier versions an adjust, open and remembered ones alike", () => {
  const db = new DatabaseSync(":memory:");
  for (const { sql } of SKU_COUNTER_SCHEMA.filter(({ id }) => id < 5)) db.exec(sql);
  const pushes = [
    { n: 1, delta: -2, atMs: 5, key: "p1" },
    { n: 2, delta: 3, atMs: null, key: "p2" },
  ];
  db.prepare("INSERT INTO levels VALUES ('S1', ?, ?, 0, ?)").run("L1", "L1", JSON.stringify({ forgotten: 4, pushes }));
  db.prepare("INSERT INTO levels VALUES ('S1', ?, ?, 0, ?)").run("L2", "L2", JSON.stringify({ pushes: [] }));
  const listing = db.prepare("INSERT INTO listings VALUES (?, ?)");
  listing.run("S1", JSON.stringify({ reads: 2, open: [["p2", [["L1", 3]]]] }));
  listing.run("S2", JSON.stringify({ reads: 0, open: [] }));
  db.exec(SKU_COUNTER_SCHEMA.find(({ id }) => id === 5)?.sql ?? "");
  const states = (table: string): unknown[] =>
    db
      .prepare(`SELECT state FROM ${table} ORDER BY 1`)
      .all()
      .map(({ state }) => JSON.parse(String(state)));
  expect(states("levels")).toContainEqual({
    forgotten: 4,
    moved: 0,
    pushes: pushes.map((push) => ({ ...push, kind: "adjust" })),
  });
  expect(states("levels")).toContainEqual({ moved: 0, pushes: [] });
  expect(states("listings")).toContainEqual({ reads: 2, open: [["p2", "adjust", [["L1", 3]]]] });
  expect(states("listings")).toContainEqual({ reads: 0, open: [] });
});
