/** A counter's desk on the shipped SQL, with nobody around it but whom a test names. */
import type { CounterDeps } from "../../../durable-objects/counter-deps.ts";
import { CounterDesk } from "../../../durable-objects/counter-desk.ts";
import { SKU_COUNTER_SCHEMA } from "../../../durable-objects/sku-counter-schema.ts";
import { fromStore } from "../../../src/domain/ids.ts";
import { counterSettingsOf } from "../../../src/wiring/counter-settings.ts";
import { SqliteObjectStorage } from "../sqlite/object-storage.ts";

export const deskOn = (named: Partial<CounterDeps> & Pick<CounterDeps, "nowMs">): CounterDesk =>
  new CounterDesk({
    skuId: fromStore("sku_1"),
    storage: new SqliteObjectStorage(SKU_COUNTER_SCHEMA),
    settings: counterSettingsOf({}),
    signal: async () => {},
    signalChannel: async () => {},
    mirror: async () => {},
    park: async () => {},
    report: async () => {},
    tell: async () => {},
    newId: () => "id",
    beside: () => {},
    sleep: async () => {},
    log: () => {},
    ...named,
  });
