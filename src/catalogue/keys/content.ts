import * as v from 'valibot';
import { EACH_ELEMENT, readPointer } from '../../json-pointer.ts';
import type { CatalogueTool } from '../catalogue.ts';
import { type CatalogueKey, pointerFault } from './key.ts';

const CONTENT_MAX = 16; // Of one tool: as many as it can have sinks.

export const content: CatalogueKey<readonly string[]> = {
  schema: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(CONTENT_MAX)),
  absent: 'nothing',
  *faults(pointers = [], tool) {
    for (const [index, pointer] of pointers.entries()) {
      const where = String(index);
      const why = pointerFault(pointer, tool);
      if (why !== undefined) yield { where, why };
      if (pointers.indexOf(pointer) < index) yield { where, why: 'appears twice' };
      // What decides where a call goes must be read.
      const read = readIn(tool).find((one) => overlaps(one, pointer));
      if (read !== undefined) yield { where, why: `${read} is a sink, or names a dataset` };
    }
  },
  differences: () => ['other arguments are content'],
};

const readIn = ({ sinks, datasets }: CatalogueTool): readonly string[] => [
  ...sinks,
  ...datasets.flatMap((source) => ('argument' in source ? [source.argument] : [])),
];

/** Whether one of two pointers can lead to what the other leads to, or into it. */
function overlaps(one: string, other: string): boolean {
  const [a, b] = [readPointer(one) ?? [], readPointer(other) ?? []];
  const shared = Math.min(a.length, b.length);
  return a.slice(0, shared).every((segment, i) => {
    const [x, y] = [segment, b[i] ?? ''];
    return x === y || x === EACH_ELEMENT || y === EACH_ELEMENT;
  });
}
