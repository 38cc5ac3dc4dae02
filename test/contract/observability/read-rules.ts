/**
 * A Prometheus rule file in the layout that ours has: two spaces deeper with each level, one `key: value` a line, `|`
 * before an expression of several lines, flow braces for labels. Whatever else YAML allows is refused, so that nothing
 * is passed over; that it is valid YAML, and valid rules, promtool says.
 */
import { readFileSync } from "node:fs";

export type Rule = {
  readonly group: string;
  readonly kind: "alert" | "record";
  readonly name: string;
  readonly expr: string;
  /** As written, "2m"; "0s" when it does not say. */
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
};

type Draft = { group: string; fields: Map<string, string>; annotations: Record<string, string> };

const SHAPES = {
  group: /^ {2}- name: (\S+)$/,
  rule: /^ {6}- (alert|record): (\S+)$/,
  field: /^ {8}(expr|for|labels|annotations|keep_firing_for): ?(.*)$/,
  inside: /^ {10,}(\S.*)$/,
} as const;

/** @throws at a line that it does not know */
export function readRules(path: string): readonly Rule[] {
  const drafts: Draft[] = [];
  let group = "";
  let field = "";
  for (const [index, line] of readFileSync(path, "utf8").split("\n").entries()) {
    if (/^\s*(#|$)/.test(line) || line === "groups:" || line === "    rules:") continue;
    const draft = drafts.at(-1);
    const named = SHAPES.group.exec(line);
    const begun = SHAPES.rule.exec(line);
    const given = SHAPES.field.exec(line);
    const inner = SHAPES.inside.exec(line)?.[1];
    if (named) group = named[1] ?? "";
    else if (begun)
      drafts.push({
        group,
        fields: new Map([
          ["kind", begun[1] ?? ""],
          ["name", begun[2] ?? ""],
        ]),
        annotations: {},
      });
    else if (draft !== undefined && given) {
      field = given[1] ?? "";
      draft.fields.set(field, given[2] === "|" ? "" : (given[2] ?? ""));
    } else if (draft !== undefined && inner !== undefined && field === "expr")
      draft.fields.set("expr", `${draft.fields.get("expr")}${inner}\n`);
    else if (draft !== undefined && inner !== undefined && field === "annotations") {
      const [, key, value] = /^([a-z_]+): "?(.*?)"?$/.exec(inner) ?? [];
      if (key === undefined || value === undefined) throw new Error(`${path}:${index + 1}: no annotation: ${line}`);
      draft.annotations[key] = value;
    } else throw new Error(`${path}:${index + 1}: not in the layout that is read here: ${line}`);
  }
  return drafts.map(ruleOf);
}

function ruleOf({ group, fields, annotations }: Draft): Rule {
  const labels = /^\{ (.*) \}$/.exec(fields.get("labels") ?? "{  }")?.[1] ?? "";
  return {
    group,
    kind: fields.get("kind") === "alert" ? "alert" : "record",
    name: fields.get("name") ?? "",
    expr: (fields.get("expr") ?? "").trim(),
    for: fields.get("for") ?? "0s",
    labels: Object.fromEntries(
      labels
        .split(", ")
        .filter(Boolean)
        .map((pair) => pair.split(": ") as [string, string]),
    ),
    annotations,
  };
}
