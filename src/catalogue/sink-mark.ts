import { EACH_ELEMENT, readPointer } from '../json-pointer.ts';
import type { CatalogueTool, SinkMark } from './catalogue.ts';

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

/**
 * Returns whether a call of the tool that names no sink changes nothing: all of its arguments are
 * sinks, and each is marked: what is left out stays as it is. With any other
 * argument, a hijacked agent could change that, and would name nothing.
 */
export const keepsWhatIsLeftOut = ({
  action,
  arguments: names = [],
  sink = [],
}: Pick<CatalogueTool, 'action' | 'sink'> & Partial<Pick<CatalogueTool, 'arguments'>>): boolean =>
  action === 'write' &&
  names.length > 0 &&
  sink.every(({ optional }) => optional === 'unchanged') &&
  names.every((name) => sink.some(({ argument }) => readPointer(argument)?.[0] === name));

const isMatch = (pattern: string, segment: string): boolean =>
  pattern === segment || (pattern === EACH_ELEMENT && /^\d+$/.test(segment));
