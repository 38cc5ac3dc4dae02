/** The part of fengari (Lua 5.3 in JavaScript) that the embedded engine uses. Its own package ships no types. */
declare module "fengari" {
  /** A Lua state. Opaque. */
  export type LuaState = { readonly luaState: unique symbol };
  type CFunction = (L: LuaState) => number;

  const fengari: {
    to_luastring(text: string): Uint8Array;
    to_jsstring(text: Uint8Array): string;
    lua: {
      LUA_OK: number;
      LUA_REGISTRYINDEX: number;
      LUA_TNIL: number;
      LUA_TBOOLEAN: number;
      LUA_TNUMBER: number;
      LUA_TSTRING: number;
      LUA_TTABLE: number;
      lua_createtable(L: LuaState, arrayItems: number, fields: number): void;
      lua_error(L: LuaState): never;
      lua_gettop(L: LuaState): number;
      lua_isinteger(L: LuaState, index: number): boolean;
      lua_pcall(L: LuaState, args: number, results: number, messageHandler: number): number;
      lua_pop(L: LuaState, howMany: number): void;
      lua_pushboolean(L: LuaState, value: boolean): void;
      lua_pushcfunction(L: LuaState, fn: CFunction): void;
      lua_pushglobaltable(L: LuaState): void;
      lua_pushnil(L: LuaState): void;
      lua_pushnumber(L: LuaState, value: number): void;
      lua_pushstring(L: LuaState, value: Uint8Array): void;
      lua_rawget(L: LuaState, index: number): number;
      lua_rawgeti(L: LuaState, index: number, n: number): number;
      lua_rawset(L: LuaState, index: number): void;
      lua_rawseti(L: LuaState, index: number, n: number): void;
      lua_settop(L: LuaState, index: number): void;
      lua_toboolean(L: LuaState, index: number): boolean;
      lua_tonumber(L: LuaState, index: number): number;
      lua_tostring(L: LuaState, index: number): Uint8Array;
      lua_type(L: LuaState, index: number): number;
    };
    lauxlib: {
      luaL_loadbuffer(L: LuaState, code: Uint8Array, size: number, name: Uint8Array): number;
      luaL_newstate(): LuaState;
      luaL_ref(L: LuaState, index: number): number;
      luaL_requiref(L: LuaState, name: Uint8Array, open: CFunction, global: number): void;
      luaL_where(L: LuaState, level: number): void;
    };
    lualib: {
      luaopen_base: CFunction;
      luaopen_math: CFunction;
      luaopen_string: CFunction;
      luaopen_table: CFunction;
    };
  };
  export default fengari;
}
