/**
 * Errors as values. A function that can fail for a reason the caller should act on returns a Result; it throws only
 * when a bug or the platform is at fault.
 */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value });
export const err = <E>(error: E): Result<never, E> => ({ ok: false, error });
