/**
 * As much of PromQL as the dashboard and the rules use, read into a tree. What it does not know it throws at: an
 * expression that is only half read would be one that nobody checks. Precedence is not told apart: for the labels of an
 * answer it does not matter.
 * @see https://prometheus.io/docs/prometheus/latest/querying/basics/
 */

export type Matcher = { readonly label: string; readonly operator: string; readonly value: string };

export type Expression =
  | { readonly kind: "scalar" }
  | { readonly kind: "selector"; readonly metric: string; readonly matchers: readonly Matcher[] }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  | {
      readonly kind: "aggregate";
      readonly name: string;
      readonly by: readonly string[];
      readonly args: readonly Expression[];
    }
  | {
      readonly kind: "binary";
      readonly operator: string;
      /** Null: on all labels. */
      readonly on: readonly string[] | null;
      readonly sides: readonly [Expression, Expression];
    };

const TOKEN =
  /(?:\s+|#[^\n]*)*(\$?[a-zA-Z_:][a-zA-Z0-9_:]*|"(?:[^"\\]|\\.)*"|[0-9][0-9.]*(?:ms|[smhdwy])?|=~|!~|!=|==|>=|<=|[-+*/%^<>=(){}[\],])(?:\s+|#[^\n]*)*/y;

const AGGREGATORS = ["sum", "min", "max", "avg", "count", "topk"];
const FUNCTIONS = [
  ...["rate", "increase", "changes", "histogram_quantile", "time", "vector", "absent", "clamp_min", "clamp_max"],
  ...["last_over_time", "max_over_time", "min_over_time", "avg_over_time", "sum_over_time"],
];
const OPERATORS = ["+", "-", "*", "/", "%", "^", "==", "!=", ">", "<", ">=", "<=", "and", "or", "unless"];

/** @throws with the expression, when it holds what is not known here */
export function parsePromql(text: string): Expression {
  return new Parser(text).whole();
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  whole(): Expression {
    const expression = this.#binary();
    if (this.#at < this.#tokens.length) this.#fail("nothing more was awaited");
    return expression;
  }

  #binary(): Expression {
    let left = this.#operand();
    while (OPERATORS.includes(this.#next())) {
      const operator = this.#take();
      if (this.#next() === "bool") this.#take();
      const on = this.#next() === "on" ? this.#labelList() : null;
      if (["group_left", "group_right"].includes(this.#next())) {
        this.#take();
        if (this.#next() === "(") this.#fail("labels of a group are not read here");
      }
      left = { kind: "binary", operator, on, sides: [left, this.#operand()] };
    }
    return left;
  }

  #operand(): Expression {
    const expression = this.#plainOperand();
    if (this.#next() === "[") {
      this.#take();
      if (!/^(\$__[a-z_]+|[0-9]+(ms|[smhdwy]))$/.test(this.#take())) this.#fail("no range before this");
      if (/^:[0-9]+[smhd]$/.test(this.#next())) this.#take(); // the step of a subquery
      this.#take("]");
    }
    if (this.#next() === "offset") {
      this.#take();
      this.#take();
    }
    return expression;
  }

  #plainOperand(): Expression {
    const token = this.#take();
    if (token === "(") {
      const inner = this.#binary();
      this.#take(")");
      return inner;
    }
    if (/^[0-9]/.test(token)) return { kind: "scalar" };
    if (token === "-") return this.#operand();
    if (AGGREGATORS.includes(token)) return this.#aggregate(token);
    if (FUNCTIONS.includes(token)) return { kind: "call", name: token, args: this.#args() };
    if (!/^[a-z_:][a-z0-9_:]*$/.test(token) || this.#next() === "(") this.#fail(`${token} is not known here`);
    return { kind: "selector", metric: token, matchers: this.#next() === "{" ? this.#matchers() : [] };
  }

  #aggregate(name: string): Expression {
    const by = this.#next() === "by" ? this.#labelList() : [];
    const args = this.#args();
    if (["by", "without"].includes(this.#next())) this.#fail("the labels stand before the brackets here");
    return { kind: "aggregate", name, by, args };
  }

  #args(): readonly Expression[] {
    this.#take("(");
    const args: Expression[] = [];
    while (this.#next() !== ")") {
      args.push(this.#binary());
      if (this.#next() === ",") this.#take();
    }
    this.#take(")");
    return args;
  }

  /** `by (a, b)`, `on (a)`: the word and its brackets. */
  #labelList(): readonly string[] {
    this.#take();
    this.#take("(");
    const labels: string[] = [];
    while (this.#next() !== ")") {
      labels.push(this.#take());
      if (this.#next() === ",") this.#take();
    }
    this.#take(")");
    return labels;
  }

  #matchers(): readonly Matcher[] {
    this.#take("{");
    const matchers: Matcher[] = [];
    while (this.#next() !== "}") {
      const label = this.#take();
      const operator = this.#take();
      const value = this.#take();
      if (!["=", "!=", "=~", "!~"].includes(operator) || !value.startsWith('"')) this.#fail("no matcher before this");
      matchers.push({ label, operator, value: value.slice(1, -1) });
      if (this.#next() === ",") this.#take();
    }
    this.#take("}");
    return matchers;
  }

  #next(): string {
    return this.#tokens[this.#at] ?? "";
  }

  #take(awaited?: string): string {
    const token = this.#next();
    if (token === "" || (awaited !== undefined && token !== awaited)) this.#fail(`${awaited ?? "more"} was awaited`);
    this.#at += 1;
    return token;
  }

  #fail(why: string): never {
    const rest = this.#tokens.slice(this.#at).join(" ");
    throw new Error(`${why}, at "${rest}" of: ${this.#text}`);
  }
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  let end = 0;
  for (let found = TOKEN.exec(text); found !== null; found = TOKEN.exec(text)) {
    tokens.push(found[1] ?? "");
    end = TOKEN.lastIndex;
    if (end >= text.length) break;
  }
  if (end < text.length) throw new Error(`"${text.slice(end, end + 20)}" is not known here, in: ${text}`);
  return tokens;
}
