import { expect, it } from "vitest";
import { metricsText } from "../../../src/api/metrics-text.ts";

it("escapes what a label or a help text may hold, and ends each line", () => {
  const text = metricsText([
    { name: "a_total", type: "counter", help: "one\\two\nthree", samples: [{ value: 1, labels: { q: 'x"y\\z\n' } }] },
    { name: "b", type: "gauge", help: "plain", samples: [{ value: 2 }] },
  ]);
  expect(text).toBe(
    '# HELP a_total one\\\\two\\nthree\n# TYPE a_total counter\na_total{q="x\\"y\\\\z\\n"} 1\n# HELP b plain\n# TYPE b gauge\nb 2\n',
  );
});

it("adds the buckets of a histogram up, as the format wants them", () => {
  const sample = { labels: { topic: "t" }, buckets: [0.5, 1], counts: [2, 0, 3], sum: 40.5 };
  const text = metricsText([{ name: "s_seconds", type: "histogram", help: "h", samples: [sample] }]);
  expect(text.split("\n")).toEqual([
    ...["# HELP s_seconds h", "# TYPE s_seconds histogram"],
    ...['s_seconds_bucket{topic="t",le="0.5"} 2', 's_seconds_bucket{topic="t",le="1"} 2'],
    ...['s_seconds_bucket{topic="t",le="+Inf"} 5', 's_seconds_sum{topic="t"} 40.5', 's_seconds_count{topic="t"} 5', ""],
  ]);
});

it("leaves out a family that has nothing to tell", () => {
  expect(metricsText([{ name: "a", type: "gauge", help: "h", samples: [] }])).toBe("");
});
