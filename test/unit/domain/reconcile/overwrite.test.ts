import { expect, it } from "vitest";
import { decideOverwrite, type OverwritableFinding } from "../../../../src/domain/reconcile/overwrite.ts";
import { atS, expectation, listing } from "./level-builders.ts";

const finding = (given: Partial<OverwritableFinding> = {}): OverwritableFinding => ({
  cause: "missed_webhook",
  remedy: "read",
  byShopify: 4,
  foundAtMs: atS(200),
  isHealed: true,
  readsBefore: 0,
  ...given,
});

it("undoes what Shopify made of it by a movement of ours of the opposite sign", () => {
  expect(decideOverwrite(finding(), listing(), expectation())).toEqual({ kind: "move", delta: -4 });
});

it("measures first: undone before it is counted, it would be counted twice", () => {
  const dry = finding({ isHealed: false, readsBefore: null });
  expect(decideOverwrite(dry, listing(), expectation({ atMs: atS(100) }))).toEqual({ kind: "measure_first" });
  expect(decideOverwrite(dry, listing(), expectation({ atMs: atS(200) }))).toMatchObject({ kind: "move" });
  expect(decideOverwrite(dry, listing(), expectation({ atMs: atS(200), doubt: 2 }))).toEqual({ kind: "measure_first" });
});

it("trusts no stamp where the stamp explained nothing: only a read since", () => {
  const odd = finding({ cause: "unexplained", foundAtMs: atS(100), isHealed: false, readsBefore: 3 });
  expect(decideOverwrite(odd, listing({ reads: 3 }), expectation())).toEqual({ kind: "measure_first" });
  expect(decideOverwrite(odd, listing({ reads: 4 }), expectation())).toEqual({ kind: "move", delta: -4 });
});

it("lets pushes go again to a level that was refused", () => {
  const parked = finding({ cause: "parked_refused", remedy: "unpark", byShopify: 0 });
  expect(decideOverwrite(parked, listing(), expectation({ parked: "refused" }))).toEqual({ kind: "unpark" });
  expect(decideOverwrite(parked, listing(), expectation())).toMatchObject({ kind: "not_offered" });
});

it.each(["wait", "let_go", "stock", "import", "subscribe"] as const)(
  "offers nothing where the remedy is %s",
  (remedy) => {
    expect(decideOverwrite(finding({ remedy }), listing(), expectation())).toMatchObject({ kind: "not_offered" });
  },
);

it("offers nothing where there is no number, or no counter", () => {
  const gone = finding({ cause: "level_missing", byShopify: 0, foundAtMs: null });
  expect(decideOverwrite(gone, listing(), expectation())).toMatchObject({ kind: "not_offered" });
  expect(decideOverwrite(finding(), null, null)).toMatchObject({ kind: "not_offered" });
});
