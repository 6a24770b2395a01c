import { utf8 } from './encoding.ts';
import { ARGUMENT_DEPTH_MAX, POINTER_BYTES_MAX } from './limits.ts';

/** RFC 6901 pointers. */

/**
 * As a segment of the catalogue's pointers: every element of an array. No other pointer may have
 * it: neither does a constraint or a budget read it so, nor may it mean a member that is called so,
 * because who writes `/to/*` means the recipients.
 */
export const EACH_ELEMENT = '*';

/**
 * The decoded segments of a pointer to something below the root, or undefined where it is none, or
 * points further than any argument lies.
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

/** The pointer one segment further (RFC 6901 section 3). */
export const pointerTo = (pointer: string, segment: string | number): string =>
  `${pointer}/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** The pointer one segment back; the empty pointer is the whole. */
export const pointerAbove = (pointer: string): string =>
  pointer.slice(0, Math.max(0, pointer.lastIndexOf('/')));
