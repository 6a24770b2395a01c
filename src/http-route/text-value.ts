import type { JsonScalar } from '../canonical-json.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { TextType } from './route.ts';

const INTEGER = /^(?:0|-?[1-9]\d*)$/;
const NUMBER = /^-?\d+(?:\.\d+)?$/;

/**
 * Reads a text as a value of a type. Accepts one spelling of each value, so `007`, `+7`, `7.0` and
 * `True` are refused: what was judged and what a server reads must be the same.
 */
export function readTextValue(text: string, type: TextType): Result<JsonScalar, string> {
  switch (type) {
    case 'string':
      return ok(text);
    case 'boolean':
      return text === 'true' || text === 'false'
        ? ok(text === 'true')
        : refuse('must be true or false');
    case 'integer':
      return INTEGER.test(text) && Number.isSafeInteger(Number(text))
        ? ok(Number(text))
        : refuse('must be a whole number in its shortest spelling');
    case 'number':
      return NUMBER.test(text) && String(Number(text)) === text
        ? ok(Number(text))
        : refuse('must be a decimal number in its shortest spelling');
  }
}

/** Returns whether a value of a JSON body has the type that its route gives it. */
export function hasType(value: unknown, type: TextType): boolean {
  if (type === 'integer') return Number.isSafeInteger(value);
  return typeof value === type;
}
