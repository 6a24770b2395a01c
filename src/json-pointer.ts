import { utf8 } from './encoding.ts';
import { ARGUMENT_DEPTH_MAX, POINTER_BYTES_MAX } from './limits.ts';

/** RFC 6901 pointers. What a segment `*` stands for is up to who reads it. */

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
