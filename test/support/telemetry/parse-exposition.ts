/**
 * Prometheus' text format read strictly, as a scraper does: what it would refuse, or take for something else, throws.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export type ReadSample = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};
export type ReadFamily = {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly samples: readonly ReadSample[];
};

const HELP = /^# HELP ([a-z_][a-z0-9_]*) (.*)$/;
const TYPE = /^# TYPE ([a-z_][a-z0-9_]*) (counter|gauge|histogram)$/;
const SAMPLE = /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-z_][a-z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(?:,(?=[a-z_])|$)/gy;

/** @throws with the line that is wrong */
export function parseExposition(text: string): readonly ReadFamily[] {
  if (text !== "" && !text.endsWith("\n")) throw new Error("the last line has no end");
  const families: (ReadFamily & { samples: ReadSample[] })[] = [];
  const series = new Set<string>();
  let help: RegExpExecArray | null = null;
  for (const line of text.split("\n").slice(0, -1)) {
    const wrong = (why: string): never => {
      throw new Error(`${why}: ${line}`);
    };
    const told = HELP.exec(line);
    const typed = TYPE.exec(line);
    if (told) {
      help = told;
    } else if (typed) {
      const [, name = "", type] = typed;
      if (help?.[1] !== name) wrong("a type without its help before it");
      if (families.some((family) => family.name === name)) wrong("a family that was there before");
      families.push({ name, type: type as ReadFamily["type"], help: help?.[2] ?? "", samples: [] });
    } else {
      const [, name = "", labelsText = "", number = ""] = SAMPLE.exec(line) ?? wrong("not a line of this format");
      const family = families.at(-1);
      if (family === undefined || baseOf(name, family.type) !== family.name) return wrong("not of the family above it");
      const labels = labelsOf(labelsText) ?? wrong("no labels of this format");
      const value = numberOf(number) ?? wrong("no number");
      const key = `${name}${JSON.stringify(Object.entries(labels).sort())}`;
      if (series.has(key)) wrong("a series that was there before");
      series.add(key);
      family.samples.push({ name, labels, value });
    }
  }
  for (const family of families) if (family.type === "histogram") checkHistogram(family);
  return families;
}

const baseOf = (name: string, type: ReadFamily["type"]): string =>
  type === "histogram" ? name.replace(/_(bucket|sum|count)$/, "") : name;

function labelsOf(text: string): Readonly<Record<string, string>> | null {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  let end = 0;
  for (let found = LABEL.exec(text); found !== null; found = LABEL.exec(text)) {
    const [, name = "", value = ""] = found;
    if (name in labels) return null;
    labels[name] = value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
    end = LABEL.lastIndex;
    if (end === text.length) break;
  }
  return end === text.length ? labels : null;
}

function numberOf(text: string): number | null {
  if (!/^(?:[-+]?(?:[0-9.]+(?:e[-+]?[0-9]+)?|Inf)|NaN)$/i.test(text)) return null;
  return /inf/i.test(text) ? Number(text.replace(/inf/i, "Infinity")) : Number(text);
}

/** Per series: bounds rise, counts never fall, the last bound is +Inf and its count is `_count`. */
function checkHistogram({ name, samples }: ReadFamily): void {
  const bySeries = Map.groupBy(samples, ({ labels }) => {
    const { le: _, ...rest } = labels;
    return JSON.stringify(Object.entries(rest).sort());
  });
  for (const [labels, of] of bySeries) {
    const buckets = of.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels: { le = "" } }) => (le === "+Inf" ? Infinity : Number(le)));
    const counts = buckets.map(({ value }) => value);
    const total = of.find((sample) => sample.name === `${name}_count`)?.value;
    const isWhole = bounds.at(-1) === Infinity && counts.at(-1) === total;
    const hasSum = of.some((sample) => sample.name === `${name}_sum`);
    if (!isRising(bounds, true) || !isRising(counts, false) || !isWhole || !hasSum)
      throw new Error(`no histogram: ${name} ${labels}`);
  }
}

const isRising = (numbers: readonly number[], isStrict: boolean): boolean =>
  numbers.every((value, i) => {
    const before = numbers[i - 1];
    return before === undefined || (isStrict ? before < value : before <= value);
  });
