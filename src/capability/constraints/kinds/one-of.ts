import type { DatalogWriter } from '../../datalog.ts';
import { type Condition, micros, NUMBERS } from '../condition.ts';
import { always, none, type SimpleKind } from './kind.ts';
import { type ValueList, valueList } from './scalar-schemas.ts';

export const oneOf: SimpleKind<ValueList> = {
  schema: valueList,
  condition: listed,
  boundsSink: always,
  listedValues: (values) => values,
  numberRange: none,
};

/** Compiled to an array, because `contains` of a set fails with an error for null. */
function listed(values: ValueList, block: DatalogWriter): Condition {
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length > 0) {
    const list = block.parameter(numbers.map(micros));
    return { types: NUMBERS, tests: [{ fact: 'arg_micros', expression: `${list}.contains($m)` }] };
  }
  const list = block.parameter(values.map(String));
  return { types: ['string'], tests: [{ fact: 'arg', expression: `${list}.contains($v)` }] };
}
