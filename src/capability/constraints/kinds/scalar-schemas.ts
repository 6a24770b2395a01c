import * as v from 'valibot';
import { compileRegex } from '../../../biscuit/index.ts';
import { utf8 } from '../../../encoding.ts';
import { toMicros } from '../../arguments.ts';
import {
  CONSTRAINT_PROGRAM_MAX,
  CONSTRAINT_TEXT_BYTES_MAX,
  CONSTRAINT_VALUES_MAX,
} from '../limits.ts';

/** Schemas of scalars that several kinds of constraint share. */

export const text = (bytesMax = CONSTRAINT_TEXT_BYTES_MAX) =>
  v.pipe(
    v.string(),
    v.check((value) => value.length <= bytesMax && utf8(value).length <= bytesMax, 'too long'),
    v.check((value) => value.isWellFormed(), 'a lone surrogate'),
    v.check((value) => value.normalize('NFC') === value, 'not in Unicode form NFC'),
  );

export const number = v.pipe(
  v.number(),
  v.check((value) => toMicros(value) !== undefined, 'does not fit 64-bit millionths'),
);

/** All strings or all numbers. */
export type ValueList = readonly string[] | readonly number[];

export const valueList: v.GenericSchema<unknown, ValueList> = v.union([
  v.pipe(v.array(text()), v.minLength(1), v.maxLength(CONSTRAINT_VALUES_MAX)),
  v.pipe(v.array(number), v.minLength(1), v.maxLength(CONSTRAINT_VALUES_MAX)),
]);

/** Whether the engine accepts it as a pattern, by itself and without anchors. */
export const isPattern = (pattern: string): boolean =>
  compileRegex(pattern, CONSTRAINT_PROGRAM_MAX).ok;
