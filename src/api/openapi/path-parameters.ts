/** What stands in a path, by the name that it has there. */

type PathParameter = { readonly description: string; readonly pattern?: string; readonly example: string };

export const PATH_PARAMETERS: Readonly<Record<string, PathParameter>> = {
  sku: { description: "The SKU, percent-encoded: 1–255 printable characters.", example: "TEE-M" },
  channel: {
    description: "A shop's myshopify.com domain, or a channel's name: 1–64 of `a–z 0–9 . _ -`.",
    example: "till-front",
  },
  shop: {
    description:
      "A shop of this deployment: `name.myshopify.com`. Of a gate also a till that keeps its own stock, by its channel's name.",
    example: "shop-a.myshopify.com",
  },
  item: { description: "Shopify's inventory item: digits.", pattern: "^\\d{1,20}$", example: "43729076" },
  document: { description: "The document's id.", example: "doc_0123456789abcdef0123456789abcdef" },
  key: { description: "The push's key.", example: "push_01" },
  id: { description: "Its id, as an earlier answer gave it.", example: "dl_3f9c2a7b51d04e6f" },
  finding: { description: "The finding's id.", example: "fnd_01" },
  correlationId: {
    description: "A correlation id: 8–128 of `A–Z a–z 0–9 _ . : = -`.",
    example: "order-1001-attempt-1",
  },
  kind: { description: "The destination's kind: what stands before the slash.", example: "shopify" },
  name: { description: "Its name.", example: "shop-a.myshopify.com" },
};
