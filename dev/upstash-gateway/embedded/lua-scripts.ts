/**
 * EVAL for the embedded engine: Redis's Lua, run by fengari. One Lua state, each script compiled once.
 * Differences that remain: Lua 5.3 instead of 5.1, and no cjson, cmsgpack, struct, bit. Scripts that write globals, or read
 * ones that do not exist, fail as on Redis.
 */
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import type fengariType from "fengari";
import type { LuaState } from "fengari";
import { type ErrorReply, isErrorReply, type Reply } from "../engine.ts";
import type { Args } from "./command-kit.ts";
import { argumentAt, pushField, pushReply, replyAtTop, textField } from "./lua-values.ts";

/** Runs one command for a script. */
export type ScriptCall = (name: string, args: Args) => Reply;

// Numbers are floats all through, as in Lua 5.1 (fengari's integers have 32 bits), and 3.0 is written "3".
// The setting is read once, when fengari is loaded.
const environment: { FENGARICONF?: string | undefined } = process.env;
environment.FENGARICONF ??= '{"LUA_COMPAT_FLOATSTRING":true}';
const fengari: typeof fengariType = createRequire(import.meta.url)("fengari");
const { lua, lauxlib, lualib, to_luastring, to_jsstring } = fengari;

const PRELUDE = `
unpack = table.unpack
math.pow = function(base, exponent) return base ^ exponent end
local tonumber51 = tonumber
tonumber = function(value, base)
  local number = base and tonumber51(value, base) or not base and tonumber51(value)
  return number and number + 0.0 or nil
end
for _, name in ipairs({ "dofile", "loadfile", "print", "collectgarbage", "warn" }) do _G[name] = nil end
setmetatable(_G, {
  __index = function(_, name) error("Script attempted to access nonexistent global variable '" .. tostring(name) .. "'", 2) end,
  __newindex = function() error("Attempt to modify a readonly table", 2) end,
})`;

type Compiled = { readonly reference: number };

export class LuaScripts {
  readonly #L: LuaState;
  readonly #call: ScriptCall;
  readonly #compiled = new Map<string, Compiled>();

  constructor(call: ScriptCall) {
    this.#call = call;
    this.#L = lauxlib.luaL_newstate();
    this.#open();
  }

  has(sha: string): boolean {
    return this.#compiled.has(sha.toLowerCase());
  }

  flush(): void {
    this.#compiled.clear();
  }

  /** The script's SHA-1, or what the compiler says against it. */
  load(source: Buffer): { readonly sha: string } | ErrorReply {
    const sha = createHash("sha1").update(source).digest("hex");
    if (this.#compiled.has(sha)) return { sha };
    const outcome = lauxlib.luaL_loadbuffer(this.#L, source, source.length, to_luastring("@user_script"));
    if (outcome !== lua.LUA_OK) {
      return { error: `ERR Error compiling script (new function): ${this.#popText()}` };
    }
    this.#compiled.set(sha, { reference: lauxlib.luaL_ref(this.#L, lua.LUA_REGISTRYINDEX) });
    return { sha };
  }

  evaluate(source: Buffer, keys: Args, args: Args): Reply {
    const loaded = this.load(source);
    return "sha" in loaded ? this.evaluateSha(loaded.sha, keys, args) : loaded;
  }

  evaluateSha(sha: string, keys: Args, args: Args): Reply {
    const script = this.#compiled.get(sha.toLowerCase());
    if (script === undefined) return { error: "NOSCRIPT No matching script. Please use EVAL." };
    this.#setGlobalArray("KEYS", keys);
    this.#setGlobalArray("ARGV", args);
    lua.lua_rawgeti(this.#L, lua.LUA_REGISTRYINDEX, script.reference);
    const outcome = lua.lua_pcall(this.#L, 0, 1, 0);
    const reply = outcome === lua.LUA_OK ? replyAtTop(fengari, this.#L) : this.#failureAtTop(sha);
    lua.lua_settop(this.#L, 0);
    return reply;
  }

  #open(): void {
    const L = this.#L;
    lauxlib.luaL_requiref(L, to_luastring("_G"), lualib.luaopen_base, 1);
    lauxlib.luaL_requiref(L, to_luastring("table"), lualib.luaopen_table, 1);
    lauxlib.luaL_requiref(L, to_luastring("string"), lualib.luaopen_string, 1);
    lauxlib.luaL_requiref(L, to_luastring("math"), lualib.luaopen_math, 1);
    lua.lua_pushglobaltable(L);
    lua.lua_pushstring(L, to_luastring("redis"));
    lua.lua_createtable(L, 0, 5);
    this.#method("call", () => this.#callCommand(true));
    this.#method("pcall", () => this.#callCommand(false));
    this.#method("error_reply", () => this.#answerTable("err"));
    this.#method("status_reply", () => this.#answerTable("ok"));
    this.#method("sha1hex", () => this.#sha1OfArgument());
    lua.lua_rawset(L, -3);
    const prelude = to_luastring(PRELUDE);
    lauxlib.luaL_loadbuffer(L, prelude, prelude.length, to_luastring("@prelude"));
    if (lua.lua_pcall(L, 0, 0, 0) !== lua.LUA_OK) throw new Error(`the Lua prelude failed: ${this.#popText()}`);
    lua.lua_settop(L, 0);
  }

  /** Into the table at the top of the stack. */
  #method(name: string, run: () => number): void {
    lua.lua_pushstring(this.#L, to_luastring(name));
    lua.lua_pushcfunction(this.#L, run);
    lua.lua_rawset(this.#L, -3);
  }

  /** Past the guard that keeps scripts from making globals. */
  #setGlobalArray(name: string, values: Args): void {
    const L = this.#L;
    lua.lua_pushglobaltable(L);
    lua.lua_pushstring(L, to_luastring(name));
    lua.lua_createtable(L, values.length, 0);
    values.forEach((value, i) => {
      lua.lua_pushstring(L, value);
      lua.lua_rawseti(L, -2, i + 1);
    });
    lua.lua_rawset(L, -3);
    lua.lua_pop(L, 1);
  }

  /** redis.call raises what redis.pcall returns as a table. */
  #callCommand(raises: boolean): number {
    const reply = this.#replyToScript();
    pushReply(fengari, this.#L, reply);
    if (raises && isErrorReply(reply)) {
      this.#noteLine();
      return lua.lua_error(this.#L);
    }
    return 1;
  }

  #replyToScript(): Reply {
    const args: Buffer[] = [];
    for (let index = 1; index <= lua.lua_gettop(this.#L); index++) {
      const arg = argumentAt(fengari, this.#L, index);
      if (arg === null) return { error: "ERR Lua redis lib command arguments must be strings or integers" };
      args.push(arg);
    }
    const [name, ...rest] = args;
    if (name === undefined) return { error: "ERR Please specify at least one argument for this redis.call() call" };
    const reply = this.#call(name.toString("utf8"), rest);
    const isUnknown = isErrorReply(reply) && reply.error.startsWith("ERR unknown command");
    return isUnknown ? { error: "ERR Unknown Redis command called from script" } : reply;
  }

  /** Adds the script's line to the error table at the top, for the message that leaves the script. */
  #noteLine(): void {
    lauxlib.luaL_where(this.#L, 1);
    const line = /:(\d+):/.exec(to_jsstring(lua.lua_tostring(this.#L, -1)))?.[1] ?? "?";
    lua.lua_pop(this.#L, 1);
    lua.lua_pushstring(this.#L, to_luastring("line"));
    lua.lua_pushstring(this.#L, to_luastring(line));
    lua.lua_rawset(this.#L, -3);
  }

  #failureAtTop(sha: string): ErrorReply {
    if (lua.lua_type(this.#L, -1) === lua.LUA_TTABLE) {
      const error = textField(fengari, this.#L, "err") ?? "ERR unknown error";
      return { error: `${error} script: ${sha}, on @user_script:${textField(fengari, this.#L, "line") ?? "?"}.` };
    }
    const message = this.#popText();
    const line = /^user_script:(\d+):/.exec(message)?.[1] ?? "?";
    return { error: `ERR ${message} script: ${sha}, on @user_script:${line}.` };
  }

  #answerTable(field: "err" | "ok"): number {
    const text = argumentAt(fengari, this.#L, 1);
    if (text === null) return this.#wrongArgument();
    // Redis puts its general code before a message that has none.
    const withCode = field === "err" && !text.includes(" ") ? Buffer.concat([Buffer.from("ERR "), text]) : text;
    pushField(fengari, this.#L, field, withCode);
    return 1;
  }

  #sha1OfArgument(): number {
    const text = argumentAt(fengari, this.#L, 1);
    if (text === null) return this.#wrongArgument();
    lua.lua_pushstring(this.#L, to_luastring(createHash("sha1").update(text).digest("hex")));
    return 1;
  }

  #wrongArgument(): number {
    lua.lua_pushstring(this.#L, to_luastring("wrong number or type of arguments"));
    return lua.lua_error(this.#L);
  }

  #popText(): string {
    const text = lua.lua_tostring(this.#L, -1);
    lua.lua_pop(this.#L, 1);
    return Buffer.from(text).toString("utf8");
  }
}
