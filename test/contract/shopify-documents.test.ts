/** Each document that the gate sends, against Shopify's own Admin schema of the pinned version (pruned SDL in the repo). */
import { readFileSync } from "node:fs";
import { buildSchema, parse, validate } from "graphql";
import { describe, expect, it } from "vitest";
import { adjustVariables } from "../../src/channels/shopify/adjust-variables.ts";
import { SHOPIFY_API_VERSION } from "../../src/channels/shopify/api-version.ts";
import { ADJUST_DOCUMENT, levelsDocument } from "../../src/channels/shopify/documents.ts";
import { fromStore } from "../../src/domain/ids.ts";
import { ADJUST_USER_ERRORS } from "../../src/domain/shop-gate/judge-adjust.ts";
import { row } from "../support/shop-gate/builders.ts";

const sdl = readFileSync(`dev/shopify-simulator/schema/admin-${SHOPIFY_API_VERSION}.graphql`, "utf8");
const schema = buildSchema(sdl);
const problems = (document: string): readonly string[] =>
  validate(schema, parse(document)).map(({ message }) => message);

describe("documents", () => {
  it("adjust is valid", () => {
    expect(problems(ADJUST_DOCUMENT)).toEqual([]);
  });

  it.each([1, 2, 20, 200])("levels of %i locations is valid", (locationCount) => {
    expect(problems(levelsDocument(locationCount))).toEqual([]);
  });

  it("would not be valid with a field that Shopify does not have", () => {
    expect(problems(ADJUST_DOCUMENT.replace("quantityAfterChange", "quantityAfter"))).toHaveLength(1);
    expect(problems(levelsDocument(2).replace("$l1: ID!", "$l1: Int!"))).toHaveLength(1);
  });
});

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
    const fieldsOf = (type: string): readonly string[] => {
      const found = schema.getType(type);
      return found !== undefined && "getFields" in found ? Object.keys(found.getFields()) : [];
    };
    expect(fieldsOf("InventoryAdjustQuantitiesInput")).toEqual(expect.arrayContaining(Object.keys(variables.input)));
    expect(fieldsOf("InventoryChangeInput")).toEqual(expect.arrayContaining(Object.keys(variables.input.changes[0])));
  });
});

it("every code of Shopify's list has a class, and the one that 2026-10 dropped keeps its own", () => {
  const type = schema.getType("InventoryAdjustQuantitiesUserErrorCode");
  const codes = type !== undefined && "getValues" in type ? type.getValues().map(({ name }) => name) : [];
  expect(codes.length).toBeGreaterThan(15);
  expect([...ADJUST_USER_ERRORS.keys()].sort()).toEqual([...codes, "ITEM_NOT_STOCKED_AT_LOCATION"].sort());
});
