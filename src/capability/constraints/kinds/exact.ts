import * as v from 'valibot';
import type { JsonScalar } from '../../../canonical-json.ts';
import type { DatalogWriter, Parameter } from '../../datalog.ts';
import { type Condition, type Fact, micros, NUMBERS, type Test, VARIABLES } from '../condition.ts';
import { always, none, type SimpleKind } from './kind.ts';
import { number, text } from './scalar-schemas.ts';

export const exact: SimpleKind<JsonScalar> = {
  schema: v.union([text(), number, v.boolean(), v.null()]),
  condition: exactly,
  boundsSink: always,
  listedValues: (value) => [value],
  numberRange: none,
};

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
