/** The counter's desk on the shipped SQL in Node: what the object does in workerd, without it. */
import { expect, it } from "vitest";
import type { CounterDeps } from "../../../durable-objects/counter-deps.ts";
import type { CounterDesk } from "../../../durable-objects/counter-desk.ts";
import { SKU_COUNTER_SCHEMA } from "../../../durable-objects/sku-counter-schema.ts";
import {
  type CorrelationId,
  fromStore,
  type ListingId,
  type LocationId,
  type MovementKey,
} from "../../../src/domain/ids.ts";
import { deskOn as quietDesk } from "../../support/counter/desk-on.ts";
import { SqliteObjectStorage } from "../../support/sqlite/object-storage.ts";

const START_MS = 1_800_000_000_000;
const LISTING = fromStore<ListingId>("till.myshopify.com/1");
const HERE = fromStore<LocationId>("loc-1");

const deskOn = (storage: SqliteObjectStorage, over: Partial<CounterDeps> = {}) =>
  quietDesk({ storage, nowMs: () => START_MS, ...over });

const connect = (desk: CounterDesk) =>
  desk.connectListing({
    sku: fromStore("CUP"),
    listingId: LISTING,
    levels: [{ locationId: HERE, shopLocationId: fromStore("1"), available: 5, committed: 0, atMs: START_MS }],
    correlationId: fromStore("c"),
  });

const take = (key: string, delta: number) => ({
  kind: "movement" as const,
  request: {
    key: fromStore<MovementKey>(key),
    fingerprint: key,
    locationId: HERE,
    delta,
    allowNegative: false,
    occurredAtMs: START_MS,
    cause: {
      reason: "sale",
      reference: null,
      source: "pos",
      actor: "till",
      correlationId: fromStore<CorrelationId>("c"),
    },
  },
});

it("knows after an eviction what it knew before, and counts no key twice", () => {
  const storage = new SqliteObjectStorage(SKU_COUNTER_SCHEMA);
  connect(deskOn(storage));
  expect(deskOn(storage).apply([take("a", -2)])).toMatchObject({ outcomes: [{ kind: "applied" }] });
  const again = deskOn(storage).apply([take("a", -2), take("b", -4)]);
  expect(again).toMatchObject({ outcomes: [{ kind: "duplicate" }, { kind: "insufficient" }], view: { available: 3 } });
});

it("writes nothing of a batch whose transaction fails, and answers from what is stored", () => {
  const storage = new SqliteObjectStorage(SKU_COUNTER_SCHEMA);
  const desk = deskOn(storage);
  connect(desk);
  storage.database.exec("CREATE TRIGGER full BEFORE INSERT ON movements BEGIN SELECT RAISE(ABORT, 'disk full'); END");
  expect(() => desk.apply([take("a", -2)])).toThrow("disk full");
  storage.database.exec("DROP TRIGGER full");
  expect(desk.levels()).toMatchObject({ available: 5 });
  expect(deskOn(storage).levels()).toMatchObject({ available: 5 });
});
