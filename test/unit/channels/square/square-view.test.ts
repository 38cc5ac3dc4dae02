/** A till's counts as reconciliation reads them, from the simulator's model. */
import { beforeEach, describe, expect, it } from "vitest";
import { SquareModel } from "../../../../dev/square-simulator/square-model.ts";
import { squareCounts } from "../../../../src/channels/square/square-counts.ts";
import { squareView } from "../../../../src/channels/square/square-view.ts";
import { fromStore, type InventoryItemId, type ShopLocationId } from "../../../../src/domain/ids.ts";
import type { GraphqlReply } from "../../../../src/services/gate-contract.ts";

const [HERE, THERE] = [fromStore<ShopLocationId>("P1"), fromStore<ShopLocationId>("P2")];
const START_MS = Date.parse("2026-11-28T08:00:00Z");
const itemsOf = (...names: readonly string[]) => names.map((name) => fromStore<InventoryItemId>(name));

let nowMs: number;
let model: SquareModel;
let asked: unknown[];
/** Instead of the model's. */
let answer: GraphqlReply | null;
const gate = {
  async graphql({ document, variables }: { document: string; variables: unknown }): Promise<GraphqlReply> {
    asked.push(variables);
    if (answer !== null) return answer;
    return { kind: "ok", data: model.handle(document, JSON.stringify(variables), "Bearer t").body } as GraphqlReply;
  },
};
const view = squareView({ gate, status: { held: async () => [], outageEndedMs: async () => null } });

beforeEach(() => {
  [nowMs, asked, answer] = [START_MS, [], null];
  model = new SquareModel(() => nowMs, "t");
});

describe("what changed at a place", () => {
  it("is told page by page: what was counted there after that time, and nothing of another place", async () => {
    model.count("OLD", "P1", 1);
    nowMs += 60_000;
    for (let i = 0; i < 251; i += 1) model.count(`I${i}`, "P1", i);
    model.count("ELSEWHERE", "P2", 5);
    const first = await view.levelsSince(HERE, START_MS + 30_000, null);
    if (first.kind !== "ok") throw new Error(JSON.stringify(first));
    expect(first.value.rows).toHaveLength(250);
    expect(first.value.rows[7]).toEqual({
      item: "I7",
      levels: new Map([["P1", { available: 7, committed: null, atMs: START_MS + 60_000 }]]),
    });
    const second = await view.levelsSince(HERE, START_MS + 30_000, first.value.nextAfter);
    expect(second).toMatchObject({ kind: "ok", value: { rows: [{ item: "I250" }], nextAfter: null } });
    expect(asked[0]).toEqual({
      ...{ location_ids: ["P1"], states: ["IN_STOCK"], updated_after: "2026-11-28T08:00:30.000Z", limit: 250 },
    });
  });

  it("leaves out what is sold by weight, so that the rest is compared all the same", async () => {
    model.count("CHEESE", "P1", 0.75);
    model.count("CUP", "P1", 4);
    const page = await view.levelsSince(HERE, 0, null);
    expect(page).toMatchObject({ kind: "ok", value: { rows: [{ item: "CUP" }] } });
  });
});

describe("levels of items, now", () => {
  it("are whole: a place where an item was never counted stocks it not", async () => {
    model.count("CUP", "P1", 4);
    model.count("TEE", "P2", -2);
    const found = await view.levelsOf(itemsOf("CUP", "TEE", "NEW"), [HERE, THERE]);
    const at = (available: number) => ({ available, committed: null, atMs: START_MS });
    expect(found).toEqual({
      kind: "ok",
      value: new Map([
        [
          "CUP",
          new Map([
            ["P1", at(4)],
            ["P2", null],
          ]),
        ],
        [
          "TEE",
          new Map([
            ["P1", null],
            ["P2", at(-2)],
          ]),
        ],
        [
          "NEW",
          new Map([
            ["P1", null],
            ["P2", null],
          ]),
        ],
      ]),
    });
  });

  it("lack an item whose count is no whole number; to connect it is refused by its name", async () => {
    model.count("CHEESE", "P1", 0.75);
    model.count("CUP", "P1", 4);
    const found = await view.levelsOf(itemsOf("CHEESE", "CUP"), [HERE]);
    expect(found.kind === "ok" && [...found.value.keys()]).toEqual(["CUP"]);
    expect(await squareCounts(gate, itemsOf("CHEESE", "CUP"), [HERE])).toMatchObject({
      kind: "refused",
      message: expect.stringContaining("CHEESE"),
    });
  });

  it("are asked for again where Square cannot be asked, and not believed where it speaks in riddles", async () => {
    answer = { kind: "later", afterMs: 5_000, reason: "HTTP_503" } as GraphqlReply;
    expect(await view.levelsOf(itemsOf("CUP"), [HERE])).toEqual(answer);
    expect(await view.levelsSince(HERE, 0, null)).toEqual(answer);
    const odd = { catalog_object_id: "CUP", location_id: "P1", quantity: "many", calculated_at: "now" };
    answer = { kind: "ok", data: { counts: [odd] } } as GraphqlReply;
    expect(await view.levelsSince(HERE, 0, null)).toMatchObject({ kind: "refused", code: "unexpected_reply" });
  });
});
