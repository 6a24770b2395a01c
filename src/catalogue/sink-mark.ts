import { EACH_ELEMENT, readPointer } from '../json-pointer.ts';
import type { SinkMark } from './catalogue.ts';

/** Returns the mark of the sink at a pointer, in which every index is written out. */
export function sinkMarkAt<Mark extends Pick<SinkMark, 'argument'> = SinkMark>(
  { sink = [] }: { readonly sink?: readonly Mark[] },
  pointer: string,
): Mark | undefined {
  const segments = readPointer(pointer) ?? [];
  return sink.find(({ argument }) => {
    const pattern = readPointer(argument) ?? [];
    return (
      pattern.length === segments.length &&
      pattern.every((one, index) => isMatch(one, segments[index] ?? ''))
    );
  });
}

const isMatch = (pattern: string, segment: string): boolean =>
  pattern === segment || (pattern === EACH_ELEMENT && /^\d+$/.test(segment));
