/** What an import, or a shop's own news, found of its items: kept until a later look finds it mended. */
import type { ImportFinding } from "./import-catalogue.ts";
import { type ShopFinding, subjectOfItem } from "./shop-store.ts";

export const findingsOfItems = (findings: readonly ImportFinding[]): readonly ShopFinding[] =>
  findings.map(({ item, kind, sku, title, detail }) => ({
    subject: subjectOfItem(item),
    kind,
    sku,
    detail: title === "" ? detail : `${title}: ${detail}`,
  }));
