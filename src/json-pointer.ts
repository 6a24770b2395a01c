import { isJsonObject, type Json } from './canonical-json.ts';
import { utf8 } from './encoding.ts';
import { ARGUMENT_DEPTH_MAX, POINTER_BYTES_MAX } from './limits.ts';

/** RFC 6901 pointers. */

/**
 * In a pointer of the catalogue, this segment means every element of an array. Other pointers
 * reject it: constraints and budgets do not expand it, and it must not mean a member of that name,
 * because an author who writes `/to/*` means all recipients.
 */
export const EACH_ELEMENT = '*';

/**
 * Returns the decoded segments of a pointer to something below the root. Returns undefined if it is
 * not such a pointer, or is deeper than any argument can be.
 */
export function readPointer(pointer: string): readonly string[] | undefined {
  if (pointer.length > POINTER_BYTES_MAX || utf8(pointer).length > POINTER_BYTES_MAX) {
    return undefined;
  }
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined;
  const segments = pointer.slice(1).split('/');
  if (segments.length > ARGUMENT_DEPTH_MAX) return undefined;
  return segments.map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Returns the pointer extended by one segment (RFC 6901 section 3). */
export const pointerTo = (pointer: string, segment: string | number): string =>
  `${pointer}/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** Returns the pointer without its last segment. The empty pointer is the whole document. */
export const pointerAbove = (pointer: string): string =>
  pointer.slice(0, Math.max(0, pointer.lastIndexOf('/')));

/** Returns the pointers of the objects and arrays around a value, the innermost first. */
export function pointersAround(pointer: string): readonly string[] {
  const outer = pointerAbove(pointer);
  return outer === '' ? [] : [outer, ...pointersAround(outer)];
}

/** Returns the value at a pointer. Returns undefined if there is nothing at that place. */
export function valueAt(value: Json, pointer: string): Json | undefined {
  let found: Json | undefined = value;
  for (const segment of readPointer(pointer) ?? []) {
    const at: Json | undefined = found;
    if (Array.isArray(at))
      found = /^(?:0|[1-9]\d*)$/.test(segment) ? at[Number(segment)] : undefined;
    else found = isJsonObject(at) && Object.hasOwn(at, segment) ? at[segment] : undefined;
  }
  return found;
}
