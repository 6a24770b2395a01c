/**
 * The result of everything that can be refused: a value, or a reason with its data.
 *
 * An expected refusal is a value, so the compiler sees it and no `catch` swallows it. Exceptions
 * are bugs.
 */
export type Result<T, E> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

export const refuse = <E>(error: E): { readonly ok: false; readonly error: E } => ({
  ok: false,
  error,
});
