import { utf8 } from '../../../src/encoding.ts';

/** Whether a string is well-formed and has at most this many bytes in UTF-8. */
export const isTextOf = (text: string, bytesMax: number): boolean =>
  text.isWellFormed() && utf8(text).length <= bytesMax;
