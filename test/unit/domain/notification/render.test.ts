import { describe, expect, it } from "vitest";
import { emailMessage } from "../../../../src/domain/notification/render.ts";
import { news } from "../../../support/notifications.ts";

describe("an e-mail's subject", () => {
  it("is one line, of a length that every mail server takes, and cuts no character in two", () => {
    expect(emailMessage([news({ title: "a\r\nBcc: b@example.com\u2028c\u0000" })]).subject).toBe(
      "Onhand: a Bcc: b@example.com c ",
    );
    const { subject } = emailMessage([news({ title: "🐌".repeat(500) })]);
    expect([...subject]).toHaveLength(200);
    expect(subject.endsWith("🐌")).toBe(true);
  });
});
