import { utf8 } from '../../encoding.ts';
import { EACH_ELEMENT } from '../../json-pointer.ts';

const NAME_BYTES_MAX = 64;

/**
 * Whether `each` can be about a member of this name. A name of digits could be taken for the index
 * of an element.
 */
export const isMemberName = (name: string): boolean =>
  name.isWellFormed() &&
  name !== EACH_ELEMENT &&
  !/^\d*$/.test(name) &&
  utf8(name).length <= NAME_BYTES_MAX;
