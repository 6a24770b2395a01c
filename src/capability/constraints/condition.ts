import type { JsonScalar } from '../../canonical-json.ts';
import { type ArgumentType, toMicros } from '../arguments.ts';
import type { DatalogWriter, Parameter } from '../datalog.ts';
import { rangeBits } from '../ip-address.ts';
import { SCHEME_PORTS, type TextForm } from '../readings.ts';
import type { Range, UrlConstraint, ValueConstraint } from './constraint.ts';
import { globPattern } from './glob.ts';

/**
 * A constraint on one value, as tests of the facts that the value brings. A value of one of `types`
 * that has the `form`, where one is named, brings the fact of each test exactly once (facts.ts). So
 * "every fact is there and passes" and "no fact is there and fails" are one and the same for it,
 * which lets a constraint be written for one pointer (`check if`) and for all elements of an array
 * (`reject if`).
 */
export interface Condition {
  readonly types: readonly ArgumentType[];
  readonly form?: TextForm;
  readonly tests: readonly Test[];
}

export interface Test {
  readonly fact: Fact;
  /** True or false, never an error, for each value of the fact. */
  readonly expression: string;
  /** The one value that passes, as a parameter of the text: shorter than the expression. */
  readonly only?: string;
}

/** Each fact has a variable of its own, so that a query may join several. */
export const VARIABLES = {
  arg: '$v',
  arg_micros: '$m',
  arg_count: '$c',
  arg_length: '$l',
  arg_forms: '$f',
  arg_ip: '$i',
  arg_scheme: '$s',
  arg_host: '$h',
  arg_port: '$o',
  arg_path: '$d',
} as const;
export type Fact = keyof typeof VARIABLES;

const NUMBERS = ['integer', 'number'] as const;

export function conditionOf(constraint: ValueConstraint, block: DatalogWriter): Condition {
  if ('exact' in constraint) return exactly(constraint.exact, block);
  if ('oneOf' in constraint) return oneOf(constraint.oneOf, block);
  if ('number' in constraint) return between('arg_micros', constraint.number, NUMBERS, block);
  if ('integer' in constraint) return between('arg_micros', constraint.integer, ['integer'], block);
  if ('length' in constraint) return between('arg_length', constraint.length, ['string'], block);
  if ('cidr' in constraint) return inRange(constraint.cidr, block);
  if ('url' in constraint) return urlOf(constraint.url, block);
  if ('prefix' in constraint) {
    return formed('text', `$v.starts_with(${block.parameter(constraint.prefix)})`);
  }
  if ('suffix' in constraint) {
    return formed('text', `$v.ends_with(${block.parameter(constraint.suffix)})`);
  }
  if ('pathBelow' in constraint) return formed('path', below('$v', constraint.pathBelow, block));
  const [form, pattern] =
    'glob' in constraint
      ? (['path', globPattern(constraint.glob)] as const)
      : (['text', constraint.matches] as const);
  return formed(form, `$v.matches(${block.parameter(`^(?:${pattern})$`)})`);
}

/** The number of an array's elements. */
export const countOf = (range: Range, block: DatalogWriter): Condition =>
  between('arg_count', range, ['array'], block);

function exactly(value: JsonScalar, block: DatalogWriter): Condition {
  const same = (fact: Fact, wanted: Parameter): readonly Test[] => {
    const only = block.parameter(wanted);
    return [{ fact, expression: `${VARIABLES[fact]} == ${only}`, only }];
  };
  if (typeof value === 'number')
    return { types: NUMBERS, tests: same('arg_micros', micros(value)) };
  const type = value === null ? 'null' : typeof value === 'string' ? 'string' : 'boolean';
  return { types: [type], tests: same('arg', value) };
}

/** An array, not a set: asked for a null, a set answers with an error. */
function oneOf(values: readonly string[] | readonly number[], block: DatalogWriter): Condition {
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length > 0) {
    const list = block.parameter(numbers.map(micros));
    return { types: NUMBERS, tests: [{ fact: 'arg_micros', expression: `${list}.contains($m)` }] };
  }
  const list = block.parameter(values.map(String));
  return { types: ['string'], tests: [{ fact: 'arg', expression: `${list}.contains($v)` }] };
}

function between(
  fact: 'arg_micros' | 'arg_length' | 'arg_count',
  { min, max }: Range,
  types: readonly ArgumentType[],
  block: DatalogWriter,
): Condition {
  const scale = fact === 'arg_micros' ? micros : BigInt;
  const variable = VARIABLES[fact];
  const tests: Test[] = [];
  if (min !== undefined) {
    tests.push({ fact, expression: `${variable} >= ${block.parameter(scale(min))}` });
  }
  if (max !== undefined) {
    tests.push({ fact, expression: `${variable} <= ${block.parameter(scale(max))}` });
  }
  return { types, tests };
}

/** The parser has refused what does not fit. */
function micros(value: number): bigint {
  const exact = toMicros(value);
  if (exact === undefined) throw new Error(`${value} does not fit 64-bit millionths`);
  return exact;
}

/** Text of one form, and a test of the text itself, which is an error for anything but text. */
const formed = (form: 'text' | 'path', expression: string): Condition => ({
  types: ['string'],
  form,
  tests: [{ fact: 'arg', expression }],
});

function inRange(ranges: string | readonly string[], block: DatalogWriter): Condition {
  const tests = [ranges].flat().map((range) => {
    const bits = rangeBits(range);
    if (bits === undefined) throw new Error(`${range} is no range`);
    return `$i.starts_with(${block.parameter(bits)})`;
  });
  const expression = tests.join(' || ');
  return { types: ['string'], form: 'ip', tests: [{ fact: 'arg_ip', expression }] };
}

function urlOf(url: UrlConstraint, block: DatalogWriter): Condition {
  const { schemes, host, hostSuffix = '', port, pathBelow } = url;
  const ports = port === undefined ? schemes.map((scheme) => SCHEME_PORTS[scheme]) : [port];
  const tests: Test[] = [
    { fact: 'arg_scheme', expression: among('$s', schemes, block) },
    {
      fact: 'arg_host',
      expression:
        host === undefined
          ? `$h == ${block.parameter(hostSuffix)} || $h.ends_with(${block.parameter(`.${hostSuffix}`)})`
          : `$h == ${block.parameter(host)}`,
    },
    { fact: 'arg_port', expression: among('$o', ports.map(BigInt), block) },
  ];
  if (pathBelow !== undefined) {
    tests.push({ fact: 'arg_path', expression: below('$d', pathBelow, block) });
  }
  return { types: ['string'], form: 'url', tests };
}

function among(
  variable: string,
  values: readonly (string | bigint)[],
  block: DatalogWriter,
): string {
  const [first, ...others] = [...new Set(values)];
  return first !== undefined && others.length === 0
    ? `${variable} == ${block.parameter(first)}`
    : `${block.parameter([...new Set(values)])}.contains(${variable})`;
}

/** The path itself or what lies below it, by whole segments. */
function below(variable: string, root: string, block: DatalogWriter): string {
  if (root === '/') return `${variable}.starts_with("/")`;
  const inside = block.parameter(`${root}/`);
  return `${variable} == ${block.parameter(root)} || ${variable}.starts_with(${inside})`;
}
