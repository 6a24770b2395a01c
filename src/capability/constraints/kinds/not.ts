import * as v from 'valibot';
import type { DatalogWriter } from '../../datalog.ts';
import type { Condition } from '../condition.ts';
import { never, none, type ValueKind } from './kind.ts';
import { oneKind, schemasOf } from './schemas.ts';
import { SIMPLE_KINDS, type SimpleConstraint, simpleCondition } from './simple-kinds.ts';

/**
 * A value of the type and form that the constraint inside is about, which does not meet it. Text
 * must be plain even if the constraint compares bytes: `a` and an invisible character is not `a`,
 * and looks like it.
 */
export const not: ValueKind<SimpleConstraint> = {
  schema: v.pipe(
    oneKind(schemasOf(SIMPLE_KINDS)) as v.GenericSchema<unknown, SimpleConstraint>,
    v.check((inside) => !allowsWholeType(inside), 'nothing meets it'),
    // A verifier of 0.3.0 takes no host for public, so it would allow what is denied here.
    v.check((inside) => !('url' in inside && inside.url.public), 'not of public hosts'),
  ),
  condition: negated,
  boundsSink: never, // All other destinations stay.
  listedValues: none,
  numberRange: none,
};

function allowsWholeType(inside: SimpleConstraint): boolean {
  if ('exact' in inside) return inside.exact === null;
  const range = ('number' in inside && inside.number) || ('integer' in inside && inside.integer);
  return range !== false && range.min === undefined && range.max === undefined;
}

function negated(inside: SimpleConstraint, block: DatalogWriter): Condition {
  const condition = simpleCondition(inside, block);
  const comparesBytes = condition.tests.some(({ fact }) => fact === 'arg');
  const isText = condition.types.length === 1 && condition.types[0] === 'string';
  const isPlainText = isText && comparesBytes && condition.form === undefined;
  return { ...condition, ...(isPlainText && { form: 'text' }), negated: true };
}
