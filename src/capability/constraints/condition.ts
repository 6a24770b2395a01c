import { type ArgumentType, toMicros } from '../arguments.ts';
import type { DatalogWriter } from '../datalog.ts';
import type { TextForm } from '../text-reading.ts';

/**
 * A constraint on one value, as tests of the facts about the value. A value of one of `types`
 * that has the `form`, if one is named, has the fact of each test exactly once (facts.ts). For
 * such a value, "all facts exist and pass" and "none exists that fails" are the same. One condition
 * therefore serves for one pointer (`check if`) and for all elements of an array (`reject if`).
 */
export interface Condition {
  readonly types: readonly ArgumentType[];
  readonly form?: TextForm;
  readonly tests: readonly Test[];
  /** The value is of the types and has the form, and fails a test. */
  readonly negated?: true;
}

/** A value meets one of these conditions. */
export type Alternatives = readonly Condition[];

export interface Test {
  readonly fact: Fact;
  /** True or false, never an error, for each value of the fact. */
  readonly expression: string;
  /** The one value that passes, as a parameter of the text: shorter than the expression. */
  readonly only?: string;
}

/** Each fact has its own variable, so that a query can join several. */
export const VARIABLES = {
  arg: '$v',
  arg_micros: '$m',
  arg_count: '$c',
  arg_members: '$n',
  arg_length: '$l',
  arg_forms: '$f',
  arg_ip: '$i',
  arg_scheme: '$s',
  arg_host: '$h',
  arg_port: '$o',
  arg_path: '$d',
  arg_query: '$q',
  arg_origins: '$r',
} as const;
export type Fact = keyof typeof VARIABLES;

/** The types of a number: whether it has a fraction makes no difference. */
export const NUMBERS = ['integer', 'number'] as const satisfies readonly ArgumentType[];

/** The number in millionths. The parser has refused numbers that do not fit. */
export function micros(value: number): bigint {
  const exact = toMicros(value);
  if (exact === undefined) throw new Error(`${value} does not fit 64-bit millionths`);
  return exact;
}

/** A test of the text itself, for text of one form: for any other type it would be an error. */
export const textOfForm = (form: 'text' | 'path', expression: string): Condition => ({
  types: ['string'],
  form,
  tests: [{ fact: 'arg', expression }],
});

export const fullMatch = (
  form: 'text' | 'path',
  pattern: string,
  block: DatalogWriter,
): Condition => textOfForm(form, `$v.matches(${block.parameter(`^(?:${pattern})$`)})`);

/** An expression: the path is `root`, or lies below it by whole segments. */
export function pathIsBelow(variable: string, root: string, block: DatalogWriter): string {
  if (root === '/') return `${variable}.starts_with("/")`;
  const inside = block.parameter(`${root}/`);
  return `${variable} == ${block.parameter(root)} || ${variable}.starts_with(${inside})`;
}
