import { expect, it } from "vitest";
import { metricsText } from "../../../src/api/metrics-text.ts";

it("escapes what a label or a help text may hold, and ends each line", () => {
  const text = metricsText([
    { name: "a_total", type: "counter", help: "one\\two\nthree", samples: [{ value: 1, labels: { q: 'x"y\\z\n' } }] },
    { name: "b", type: "gauge", help: "plain", samples: [] },
  ]);
  expect(text).toBe(
    '# HELP a_total one\\\\two\\nthree\n# TYPE a_total counter\na_total{q="x\\"y\\\\z\\n"} 1\n# HELP b plain\n# TYPE b gauge\n',
  );
});
