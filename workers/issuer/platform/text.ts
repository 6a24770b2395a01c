import * as v from 'valibot';
import { utf8 } from '../../../src/encoding.ts';

const REASON_CHARACTERS_MAX = 512; // Of whoever ends, stops or resumes a workflow.

/**
 * Text from outside, as it comes in at a door. JSON can say half of a character (`"\ud800"`, or a
 * reason that was cut inside an emoji), which has no UTF-8 and no canonical form: a log cannot hash
 * it. So every text passes one of these, and no other string of a request is kept.
 */

/** Why something is done. Repaired and not refused: no text of an order may keep it from a stop. */
export const reason = v.pipe(
  v.string(),
  v.transform((text) => text.toWellFormed()),
  v.trim(),
  v.minLength(1),
  v.maxLength(REASON_CHARACTERS_MAX),
);
/** The same where it may be left out: an end is not refused for saying nothing. */
export const remark = v.pipe(
  v.string(),
  v.transform((text) => text.toWellFormed()),
  v.trim(),
  v.maxLength(REASON_CHARACTERS_MAX),
  v.transform((text) => (text === '' ? undefined : text)),
);
export const REASON_FORM = `a reason of 1 to ${REASON_CHARACTERS_MAX} characters`;

/** A name. Refused where it is not well-formed: what it was repaired to would be another name. */
export const name = (lengthMax: number) =>
  v.pipe(
    v.string(),
    v.trim(),
    v.minLength(1),
    v.maxLength(lengthMax),
    v.check((text) => text.isWellFormed(), 'half of a character'),
  );

/** Well-formed, and of at most so many bytes in UTF-8. */
export const isTextOf = (text: string, bytesMax: number): boolean =>
  text.isWellFormed() && utf8(text).length <= bytesMax;
