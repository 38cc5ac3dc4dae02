import { describe, expect, it } from "vitest";
import { parseOutboundUrl } from "../../../src/domain/outbound-url.ts";

const isTaken = (url: string, isDevelopment = false): boolean => parseOutboundUrl(url, { isDevelopment }).ok;

describe("an address that we send to", () => {
  it.each([
    "https://hooks.example.com/services/T0/B0?x=1",
    "https://hooks.example.com.",
    "https://xn--bcher-kva.example/",
    "https://bücher.example/",
    "https://a.b.c.example.co.uk:443/",
  ])("may be a host of the public internet: %s", (url) => {
    expect(isTaken(url)).toBe(true);
  });

  it.each([
    ...["http://hooks.example.com/", "ftp://hooks.example.com/", "javascript:alert(1)", "hooks.example.com", ""],
    ...["https://user:secret@hooks.example.com/", "https://user@hooks.example.com/", "https://hooks.example.com:8443/"],
    ...["https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/"],
    ...["https://0x7f.1/", "https://10.0.0.1./", "https://169.254.169.254/", "https://1.1.1.1/"],
    ...["https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[fd00::1]/", "https://①②⑦.⓪.⓪.①/"],
    ...["https://localhost/", "https://localhost./", "https://LOCALHOST/", "https://a.localhost/", "https://intranet/"],
    ...[
      "https://vault.internal/",
      "https://printer.local/",
      "https://nas.lan/",
      "https://x.home.arpa/",
      "https://x.onion/",
    ],
    ...["https://metadata/", "https://metadata.google.internal/", "https://metadata.google.com/"],
  ])("may not be %s", (url) => {
    expect(isTaken(url)).toBe(false);
  });

  it.each(["https://localhost../", "https://vault.internal../", "https://a..b/", "https://.example.com/"])(
    "may not hide a name of the inside behind an empty part: %s",
    (url) => {
      expect(isTaken(url)).toBe(false);
    },
  );

  it("may be this machine in development, over http, at any port", () => {
    for (const url of ["http://127.0.0.1:8787/x", "http://localhost:3000/", "http://[::1]:1/"]) {
      expect(isTaken(url, true)).toBe(true);
      expect(isTaken(url)).toBe(false);
    }
    for (const url of ["http://10.0.0.1/", "http://example.com/", "http://127.0.0.1.example.com/"])
      expect(isTaken(url, true)).toBe(false);
  });
});
