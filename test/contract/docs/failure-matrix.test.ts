/** A row of the failure matrix whose test is gone would be a promise that nobody keeps. */
import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { FAULT_KINDS } from "../../simulation/whole/faults.ts";
import { ROOT } from "../config/read-toml.ts";

type Named = { readonly file: string; readonly title: string | null };

const rows = readFileSync(`${ROOT}/docs/failure-matrix.md`, "utf8")
  .split("\n")
  .filter((line) => line.startsWith("|") && !/^\|(-|\s*fault)/.test(line))
  .map((line) => line.split(" | "));

/** `file` "title" pairs of the last column. */
const testsOf = (cell: string): readonly Named[] =>
  Array.from(cell.matchAll(/`([^`]+\.test\.ts)`(?: "([^"]+)")?/g), ([, file = "", title]) => ({
    file,
    title: title ?? null,
  }));

it("has rows, and four columns in each", () => {
  expect(rows.length).toBeGreaterThan(30);
  expect(rows.filter((cells) => cells.length !== 4).map(([fault]) => fault)).toEqual([]);
});

it("names, in every row, a test that exists", () => {
  const untested = rows.filter(([, , , cell = ""]) => testsOf(cell).length === 0).map(([fault]) => fault);
  expect(untested).toEqual([]);
  const missing = rows
    .flatMap(([, , , cell = ""]) => testsOf(cell))
    .filter(({ file, title }) => {
      const path = `${ROOT}/test/${file}`;
      return !existsSync(path) || (title !== null && !readFileSync(path, "utf8").includes(title));
    });
  expect(missing).toEqual([]);
});

/** Of the simulation of the whole, which fails when a kind never happened. */
const kindsOf = (cell: string): readonly string[] =>
  Array.from(cell.matchAll(/simulation: ((?:`\w+`(?:, )?)+)/g)).flatMap(([, kinds = ""]) =>
    Array.from(kinds.matchAll(/`(\w+)`/g), ([, kind = ""]) => kind),
  );

it("tells, in every row, where the fault was made to happen: by the chaos suite, or in a simulation", () => {
  const kinds: readonly string[] = FAULT_KINDS;
  const isMade = (cell: string): boolean =>
    kindsOf(cell).length > 0 || testsOf(cell).some(({ file }) => /^(chaos|simulation)\//.test(file));
  const unmade = rows.filter(([, , , cell = ""]) => !isMade(cell) && !cell.includes("not at run time"));
  expect(unmade.map(([fault]) => fault)).toEqual([]);
  const unknown = rows.flatMap(([, , , cell = ""]) => kindsOf(cell).filter((kind) => !kinds.includes(kind)));
  expect(unknown).toEqual([]);
});
