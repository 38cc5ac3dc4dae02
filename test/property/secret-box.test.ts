import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ChannelId, fromStore } from "../../src/domain/ids.ts";
import { secretBox } from "../../src/services/channels/secret-box.ts";

const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => btoa(String.fromCharCode(...bytes)));
const channel = fc.stringMatching(/^[a-z0-9._-]{1,64}$/).map((text) => fromStore<ChannelId>(text));
const name = fc.stringMatching(/^[a-z_]{1,40}$/);

describe("secrets of channels at rest", () => {
  it("come out as they went in, and look otherwise", async () => {
    await fc.assert(
      fc.asyncProperty(key, channel, name, fc.string({ minLength: 8 }), async (k, id, its, secret) => {
        const box = secretBox([k]);
        const sealed = await box.seal(id, its, secret);
        expect(await box.open(id, its, sealed)).toEqual({ secret, key: 0 });
        expect(new TextDecoder().decode(sealed.ciphertext)).not.toContain(secret);
      }),
    );
  });

  it("open for no other channel and under no other name: a row that was moved is refused", async () => {
    await fc.assert(
      fc.asyncProperty(key, channel, channel, name, name, async (k, id, otherId, its, otherName) => {
        fc.pre(id !== otherId || its !== otherName);
        const box = secretBox([k]);
        expect(await box.open(otherId, otherName, await box.seal(id, its, "a secret"))).toBeNull();
      }),
    );
  });

  it("open with the key before the present one, which is told, and with no third", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(key, { minLength: 3, maxLength: 3 }), channel, name, async (keys, id, its) => {
        const [a = "", b = "", c = ""] = keys;
        const sealed = await secretBox([a]).seal(id, its, "a secret");
        expect(await secretBox([b, a]).open(id, its, sealed)).toEqual({ secret: "a secret", key: 1 });
        expect(await secretBox([b, c]).open(id, its, sealed)).toBeNull();
      }),
    );
  });

  it("are refused when a bit of them has turned", async () => {
    await fc.assert(
      fc.asyncProperty(key, channel, name, fc.nat(), async (k, id, its, at) => {
        const box = secretBox([k]);
        const { ciphertext, iv } = await box.seal(id, its, "a secret");
        const turned = ciphertext.map((byte, i) => (i === at % ciphertext.length ? byte ^ 1 : byte));
        expect(await box.open(id, its, { ciphertext: turned, iv })).toBeNull();
      }),
    );
  });
});
