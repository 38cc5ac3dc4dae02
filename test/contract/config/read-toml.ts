import { fileURLToPath } from "node:url";
import { experimental_readRawConfig } from "wrangler";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");

/** A TOML file as wrangler itself reads it. */
export function readToml<Shape>(path: string): Shape {
  return experimental_readRawConfig({ config: path }).rawConfig as unknown as Shape;
}
