import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scrub } from "../../../src/ingress/scrub.ts";

describe("scrub", () => {
  it("keeps what moves stock", () => {
    const order = {
      id: 5501,
      admin_graphql_api_id: "gid://shopify/InventoryLevel/9?inventory_item_id=7",
      created_at: "2026-11-22T10:00:00+01:00",
      cancelled_at: null,
      source_name: "web",
      test: false,
      line_items: [{ id: "820982911946154508", sku: "TSHIRT-é/M 50%", quantity: 2, fulfillment_status: "fulfilled" }],
      refunds: [{ refund_line_items: [{ restock_type: "return", quantity: "-1", line_item: { variant_id: 9 } }] }],
    };
    expect(scrub(order)).toEqual(order);
  });

  it.each([
    ["a list of addresses", ["a@b.example"], ["(string)"]],
    ["a list of lists of names", [[["Norman Norman"]]], [[["(string)"]]]],
    [
      "texts where lines belong",
      { line_items: ["a@b.example", 4917, true, null] },
      { line_items: ["(string)", "(number)", "(boolean)", null] },
    ],
    ["a name as an id", { id: "Norman Norman" }, { id: "(string)" }],
    ["a name as a reason", { cancel_reason: "Norman Norman" }, { cancel_reason: "(string)" }],
    ["a capitalised word as a status", { fulfillment_status: "Norman" }, { fulfillment_status: "(string)" }],
    ["an address as a SKU", { line_items: [{ sku: "a@b.example" }] }, { line_items: [{ sku: "(string)" }] }],
    ["a sentence as a time", { created_at: "when Norman called" }, { created_at: "(string)" }],
    ["a sentence as a flag", { test: "Norman" }, { test: "(string)" }],
    ["a text as a quantity", { quantity: "two for Norman" }, { quantity: "(string)" }],
    ["a person as an id", { id: { first_name: "Norman", id: 4 } }, { id: "(object)" }],
    ["people in a list as a quantity", { quantity: ["Norman"] }, { quantity: "(array)" }],
    ["a text as lines", { line_items: "for Norman" }, { line_items: "(string)" }],
    [
      "a gid with a name in it",
      { admin_graphql_api_id: "gid://shopify/Customer/Norman" },
      { admin_graphql_api_id: "(string)" },
    ],
    ["a telephone number as a quantity", { quantity: 4930123456 }, { quantity: "(number)" }],
    ["a text alone", "Norman", "(string)"],
    ["a number alone", 4930123456, "(number)"],
    ["nothing", null, null],
  ])("lets nothing personal pass in %s", (_, body, kept) => {
    expect(scrub(body)).toEqual(kept);
  });

  it("drops every key that it does not know, at any depth", () => {
    expect(
      scrub({ email: "a@b.example", line_items: [{ name: "Norman", properties: [{ value: "x" }], id: 1 }] }),
    ).toEqual({
      line_items: [{ id: 1 }],
    });
  });

  it("lets no text through that has a capital letter and a space, or an at sign, whatever the shape, but as a SKU", () => {
    const keys = fc.constantFrom(
      "id",
      "quantity",
      "line_items",
      "refunds",
      "created_at",
      "source_name",
      "available",
      "email",
      "test",
    );
    const personal = fc.constantFrom("Norman Norman", "norman@example.com", "+49 30 123456", "1 Infinite Loop");
    const { body } = fc.letrec((tie) => ({
      body: fc.oneof(
        { depthSize: "small" },
        personal,
        fc.integer(),
        fc.boolean(),
        fc.array(tie("body")),
        fc.dictionary(keys, tie("body")),
      ),
    }));
    fc.assert(fc.property(body, (given) => !/Norman|norman|\+49|Infinite/.test(JSON.stringify(scrub(given)))));
  });
});
