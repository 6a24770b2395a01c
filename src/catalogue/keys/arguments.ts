import * as v from 'valibot';
import { EACH_ELEMENT } from '../../json-pointer.ts';
import type { CatalogueKey } from './key.ts';

export const listedArguments: CatalogueKey<readonly string[]> = {
  schema: v.array(v.string()),
  absent: 'fault',
  *faults(names = []) {
    if (new Set(names).size !== names.length) yield { why: 'an argument appears twice' };
    // In a pointer, `*` is every element of a list, so an argument of that name cannot be a sink.
    if (names.includes(EACH_ELEMENT)) yield { why: 'an argument must not be named *' };
  },
  differences: (before = [], after = []) => [
    ...before
      .filter((one) => !after.includes(one))
      .map((one) => `the argument ${one} is no longer listed`),
    ...after
      .filter((one) => !before.includes(one))
      .map((one) => `the argument ${one} is listed now`),
  ],
};
