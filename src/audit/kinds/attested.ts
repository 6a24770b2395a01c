import * as v from 'valibot';
import type { Provenance } from '../../provenance/index.ts';
import { quote, text } from './base.ts';

// Of one decision, as a verifier bounds them.
const USED_MAX = 16;
const IGNORED_MAX = 16;
const PLACE_CHARACTERS_MAX = 128; // Longer than any in use: a record has a size of its own.
const WHY_CHARACTERS_MAX = 128;

/** The schema of where the arguments of a call came from; see `Provenance`. */
export const provenance = v.strictObject({
  used: v.pipe(
    v.array(
      v.strictObject({ pointer: text(PLACE_CHARACTERS_MAX), origin: text(PLACE_CHARACTERS_MAX) }),
    ),
    v.maxLength(USED_MAX),
  ),
  ignored: v.pipe(
    v.array(v.strictObject({ part: text(WHY_CHARACTERS_MAX), why: text(WHY_CHARACTERS_MAX) })),
    v.maxLength(IGNORED_MAX),
  ),
});

/** Bounds what a verifier noted: a pointer may have any name that the caller chose. */
export const recordedProvenance = ({
  used,
  ignored,
}: Provenance): v.InferOutput<typeof provenance> => ({
  used: used.slice(0, USED_MAX).map(({ pointer, origin }) => ({
    pointer: quote(pointer, PLACE_CHARACTERS_MAX),
    origin: quote(origin, PLACE_CHARACTERS_MAX),
  })),
  ignored: ignored.slice(0, IGNORED_MAX).map(({ part, why }) => ({
    part: quote(part, WHY_CHARACTERS_MAX),
    why: quote(why, WHY_CHARACTERS_MAX),
  })),
});
