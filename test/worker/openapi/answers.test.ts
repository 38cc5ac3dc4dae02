/** Every operation answers as the document says: its success, and the refusals that matter. Nothing beyond it is sent. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { PROBLEMS } from "../../../src/api/problem.ts";
import { CASES } from "./cases.ts";
import { document, hold, operationOf, operations } from "./harness.ts";

const nameOf = ({ status, code, op, why }: { status: number; code?: string; op: string; why?: string }) =>
  [status, code, op, why].filter((part) => part !== undefined).join(" ");

for (const group of CASES) {
  describe(group.name, () => {
    beforeAll(async () => {
      await group.prepare?.();
    });
    afterAll(() => {
      vi.restoreAllMocks();
    });
    it.each(group.cases.map((given) => ({ title: nameOf(given), given })))("$title", ({ given }) => hold(given));
  });
}

const all = CASES.flatMap(({ cases }) => cases);
const casesOf = (id: string) => all.filter(({ op }) => op === id);

describe("cases", () => {
  it("there is a success of every operation", () => {
    const without = operations.filter(({ id }) => !casesOf(id).some(({ status }) => status < 400));
    expect(without.map(({ id }) => id)).toEqual([]);
  });

  it("there is a refusal of every operation that has one of its own, or a body", () => {
    const without = operations.filter(({ id, problems, body }) => {
      const own = new Set([...problems, ...(body === undefined ? [] : (["bad_request"] as const))]);
      return (
        own.size > 0 && !casesOf(id).some(({ code, status }) => (code === undefined ? status >= 400 : own.has(code)))
      );
    });
    expect(without.map(({ id }) => id)).toEqual([]);
  });

  it("each names an operation that there is", () => {
    expect(all.map(({ op }) => operationOf(op).id)).toEqual(all.map(({ op }) => op));
  });
});

describe("whoever has no token", () => {
  const guarded = operations.filter(({ access = "token" }) => access === "token");

  it.each(guarded.map(({ id }) => id))("is refused by %s, as the document says", async (id) => {
    const names = Array.from(operationOf(id).path.matchAll(/\{(\w+)\}/g), ([, name = ""]) => [name, "x"]);
    await hold({
      ...{ op: id, status: 401, code: "unauthorized", path: Object.fromEntries(names) },
      headers: { authorization: "Bearer wrong" },
    });
  });
});

it("the document knows every code that there is", () => {
  const { schemas } = document["components"] as {
    schemas: Readonly<Record<string, { properties: { code: { const: string } } }>>;
  };
  const known = Object.entries(schemas).flatMap(([name, schema]) =>
    name.endsWith("Problem") ? [schema.properties.code.const] : [],
  );
  expect(known.toSorted()).toEqual(Object.keys(PROBLEMS).toSorted());
});
