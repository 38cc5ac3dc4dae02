/** Carries values between Redis and Lua by Redis's own conversion rules (https://redis.io/docs/latest/develop/interact/programmability/lua-api/). */
import type fengariType from "fengari";
import type { LuaState } from "fengari";
import { isErrorReply, type Reply } from "../engine.ts";

type Fengari = typeof fengariType;

/** Nil becomes false; a status or an error becomes a table with `ok` or `err`. */
export function pushReply(fengari: Fengari, L: LuaState, reply: Reply): void {
  const { lua, to_luastring } = fengari;
  if (reply === null) lua.lua_pushboolean(L, false);
  else if (typeof reply === "number") lua.lua_pushnumber(L, reply);
  else if (typeof reply === "string") pushField(fengari, L, "ok", to_luastring(reply));
  else if (Buffer.isBuffer(reply)) lua.lua_pushstring(L, reply);
  else if (isErrorReply(reply)) pushField(fengari, L, "err", to_luastring(reply.error));
  else {
    lua.lua_createtable(L, reply.length, 0);
    reply.forEach((item, i) => {
      pushReply(fengari, L, item);
      lua.lua_rawseti(L, -2, i + 1);
    });
  }
}

export function pushField({ lua, to_luastring }: Fengari, L: LuaState, name: string, value: Uint8Array): void {
  lua.lua_createtable(L, 0, 1);
  lua.lua_pushstring(L, to_luastring(name));
  lua.lua_pushstring(L, value);
  lua.lua_rawset(L, -3);
}

/** The value at the top of the stack. Numbers lose their fraction; an array ends at its first nil. */
export function replyAtTop(fengari: Fengari, L: LuaState): Reply {
  const { lua } = fengari;
  switch (lua.lua_type(L, -1)) {
    case lua.LUA_TSTRING:
      return Buffer.from(lua.lua_tostring(L, -1));
    case lua.LUA_TNUMBER:
      return Math.trunc(lua.lua_tonumber(L, -1));
    case lua.LUA_TBOOLEAN:
      return lua.lua_toboolean(L, -1) ? 1 : null;
    case lua.LUA_TTABLE:
      return replyOfTable(fengari, L);
    default:
      return null;
  }
}

function replyOfTable(fengari: Fengari, L: LuaState): Reply {
  const error = textField(fengari, L, "err");
  if (error !== null) return { error };
  const status = textField(fengari, L, "ok");
  if (status !== null) return status;
  const items: Reply[] = [];
  for (let i = 1; fengari.lua.lua_rawgeti(L, -1, i) !== fengari.lua.LUA_TNIL; i++) {
    items.push(replyAtTop(fengari, L));
    fengari.lua.lua_pop(L, 1);
  }
  fengari.lua.lua_pop(L, 1);
  return items;
}

/** The field of the table at the top, when it is a string. */
export function textField({ lua, to_luastring }: Fengari, L: LuaState, name: string): string | null {
  lua.lua_pushstring(L, to_luastring(name));
  const isText = lua.lua_rawget(L, -2) === lua.LUA_TSTRING;
  const text = isText ? Buffer.from(lua.lua_tostring(L, -1)).toString("utf8") : null;
  lua.lua_pop(L, 1);
  return text;
}

/** An argument of redis.call at this stack index, or null when it is neither string nor number. */
export function argumentAt({ lua }: Fengari, L: LuaState, index: number): Buffer | null {
  switch (lua.lua_type(L, index)) {
    case lua.LUA_TSTRING:
      return Buffer.from(lua.lua_tostring(L, index));
    case lua.LUA_TNUMBER:
      return Buffer.from(numberText(lua.lua_tonumber(L, index)));
    default:
      return null;
  }
}

const DIGITS = 17;

/** As C's "%.17g", by which Redis 7 turns a script's number into an argument: 12.0 is "12", 0.1 is "0.10000000000000001". */
function numberText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const [mantissa = "", exponentText = "0"] = value.toExponential(DIGITS - 1).split("e");
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < DIGITS) return withoutTrailingZeros(value.toPrecision(DIGITS));
  const sign = exponent < 0 ? "-" : "+";
  return `${withoutTrailingZeros(mantissa)}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

const withoutTrailingZeros = (digits: string): string =>
  digits.includes(".") ? digits.replace(/0+$/, "").replace(/\.$/, "") : digits;
