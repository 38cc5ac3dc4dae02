/** Each document that the gate sends, against Shopify's own Admin schema of the pinned version (pruned SDL in the repo). */
import { readFileSync } from "node:fs";
import { buildSchema, parse, validate } from "graphql";
import { describe, expect, it } from "vitest";
import { readBulkQuery } from "../../dev/shopify-simulator/bulk/bulk-query-rules.ts";
import { adjustVariables } from "../../src/channels/shopify/adjust-variables.ts";
import { SHOPIFY_API_VERSION } from "../../src/channels/shopify/api-version.ts";
import {
  ADJUST_DOCUMENT,
  levelsDocument,
  MOVE_DOCUMENT,
  PROBE_DOCUMENT,
} from "../../src/channels/shopify/documents.ts";
import { moveVariables } from "../../src/channels/shopify/move-variables.ts";
import * as reconciliation from "../../src/channels/shopify/reconcile-documents.ts";
import { fromStore, type ShopLocationId } from "../../src/domain/ids.ts";
import { ADJUST_USER_ERRORS, MOVE_USER_ERRORS } from "../../src/domain/shop-gate/judge-adjust.ts";
import { row } from "../support/shop-gate/builders.ts";

const sdl = readFileSync(`dev/shopify-simulator/schema/admin-${SHOPIFY_API_VERSION}.graphql`, "utf8");
const schema = buildSchema(sdl);
const problems = (document: string): readonly string[] =>
  validate(schema, parse(document)).map(({ message }) => message);

describe("documents", () => {
  it("adjust is valid", () => {
    expect(problems(ADJUST_DOCUMENT)).toEqual([]);
  });

  it("move is valid", () => {
    expect(problems(MOVE_DOCUMENT)).toEqual([]);
  });

  it("the probe is valid", () => {
    expect(problems(PROBE_DOCUMENT)).toEqual([]);
  });

  it.each([1, 2, 20, 200])("levels of %i locations is valid", (locationCount) => {
    expect(problems(levelsDocument(locationCount))).toEqual([]);
  });

  it.each(Object.entries(reconciliation).filter(([name]) => name.endsWith("_DOCUMENT")))(
    "of reconciliation, %s, is valid",
    (_, document) => {
      expect(problems(String(document))).toEqual([]);
    },
  );

  it.each([1, 2, 50])("the bulk query of %i locations is valid, and what Shopify allows in one", (count) => {
    const query = reconciliation.bulkLevelsQuery(
      Array.from({ length: count }, (_, i) => fromStore<ShopLocationId>(`${i + 1}`)),
    );
    expect(problems(query)).toEqual([]);
    expect(readBulkQuery(schema, query)).toMatchObject({ kind: "accepted", query: { rootField: "inventoryItems" } });
  });

  it("would not be valid with a field that Shopify does not have", () => {
    expect(problems(ADJUST_DOCUMENT.replace("quantityAfterChange", "quantityAfter"))).toHaveLength(1);
    expect(problems(levelsDocument(2).replace("$l1: ID!", "$l1: Int!"))).toHaveLength(1);
  });
});

const fieldsOf = (type: string): readonly string[] => {
  const found = schema.getType(type);
  return found !== undefined && "getFields" in found ? Object.keys(found.getFields()) : [];
};
const codesOf = (type: string): readonly string[] => {
  const found = schema.getType(type);
  return found !== undefined && "getValues" in found ? found.getValues().map(({ name }) => name) : [];
};

describe("the variables of an adjustment", () => {
  const variables = JSON.parse(adjustVariables(fromStore("call-1"), [row(-3, "271878346596884015", "24826418")]));

  it("are what Shopify's input type asks for, the opt-out of the check written out", () => {
    expect(variables).toEqual({
      key: "call-1",
      input: {
        name: "available",
        reason: "correction",
        referenceDocumentUri: "gid://onhand/Push/call-1",
        changes: [
          {
            inventoryItemId: "gid://shopify/InventoryItem/271878346596884015",
            locationId: "gid://shopify/Location/24826418",
            delta: -3,
            changeFromQuantity: null,
          },
        ],
      },
    });
  });

  it("name no field that the input types lack", () => {
    expect(fieldsOf("InventoryAdjustQuantitiesInput")).toEqual(expect.arrayContaining(Object.keys(variables.input)));
    expect(fieldsOf("InventoryChangeInput")).toEqual(expect.arrayContaining(Object.keys(variables.input.changes[0])));
  });
});

describe("the variables of a move", () => {
  const rows = [row(-3, "271878346596884015", "24826418"), row(2, "5", "6")];
  const variables = JSON.parse(moveVariables(fromStore("call-1"), rows));

  it("put units aside, or give them back, at one place; the ledger document stands on the side of safety_stock alone", () => {
    const shown = (location: string) => ({
      name: "available",
      locationId: `gid://shopify/Location/${location}`,
      changeFromQuantity: null,
    });
    const aside = (location: string) => ({
      ...shown(location),
      name: "safety_stock",
      ledgerDocumentUri: "gid://onhand/Buffer/safety_stock",
    });
    expect(variables).toEqual({
      key: "call-1",
      input: {
        reason: "safety_stock",
        referenceDocumentUri: "gid://onhand/Push/call-1",
        changes: [
          {
            inventoryItemId: "gid://shopify/InventoryItem/271878346596884015",
            quantity: 3,
            from: shown("24826418"),
            to: aside("24826418"),
          },
          { inventoryItemId: "gid://shopify/InventoryItem/5", quantity: 2, from: aside("6"), to: shown("6") },
        ],
      },
    });
  });

  it("name no field that the input types lack", () => {
    const [change] = variables.input.changes;
    expect(fieldsOf("InventoryMoveQuantitiesInput")).toEqual(expect.arrayContaining(Object.keys(variables.input)));
    expect(fieldsOf("InventoryMoveQuantityChange")).toEqual(expect.arrayContaining(Object.keys(change)));
    expect(fieldsOf("InventoryMoveQuantityTerminalInput")).toEqual(expect.arrayContaining(Object.keys(change.to)));
  });
});

it("every code of Shopify's list has a class, and the one that 2026-10 dropped keeps its own", () => {
  for (const [type, classes] of [
    ["InventoryAdjustQuantitiesUserErrorCode", ADJUST_USER_ERRORS],
    ["InventoryMoveQuantitiesUserErrorCode", MOVE_USER_ERRORS],
  ] as const) {
    const codes = codesOf(type);
    expect(codes.length).toBeGreaterThan(15);
    expect([...classes.keys()].sort()).toEqual([...codes, "ITEM_NOT_STOCKED_AT_LOCATION"].sort());
  }
});
