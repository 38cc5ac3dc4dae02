/** docs/notifications.md names every kind of news that there is, and no other. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { NOTIFICATION_KINDS } from "../../../src/domain/notification/notification.ts";
import { ROOT } from "../config/read-toml.ts";

it("the page has a row for each kind", () => {
  const page = readFileSync(join(ROOT, "docs/notifications.md"), "utf8");
  const rows = Array.from(page.matchAll(/^\| `([a-z_]+\.[a-z_]+)` \| (.+) \| (.+) \| (.+) \|$/gm), ([, kind]) => kind);
  expect(rows.toSorted()).toEqual([...NOTIFICATION_KINDS].toSorted());
});
