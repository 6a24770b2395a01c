import * as v from 'valibot';
import { readPointer } from '../../../json-pointer.ts';
import {
  type FieldPlace,
  originText,
  readOrigin,
  type ValueOrigin,
} from '../../../provenance/index.ts';
import type { DatalogWriter } from '../../datalog.ts';
import { checkDataset, checkTool } from '../../names.ts';
import { type Condition, VARIABLES } from '../condition.ts';
import { CONSTRAINT_ORIGINS_MAX, CONSTRAINT_TEXT_BYTES_MAX } from '../limits.ts';
import { none, type ValueKind } from './kind.ts';
import { text } from './scalar-schemas.ts';

const NO_ORIGIN =
  'not own:iban, own:iban named, prompt, approved, self, =text, #7 or { tool, pointer }';
const isOneText = v.is.bind(undefined, text(CONSTRAINT_TEXT_BYTES_MAX + '='.length));

const origin = v.pipe(
  v.custom<ValueOrigin>((one) => readOrigin(one) !== undefined, NO_ORIGIN),
  v.check((one) => (typeof one === 'object' ? isPlace(one) : isOneText(one)), NO_ORIGIN),
);

const isPlace = ({ tool, pointer, dataset }: FieldPlace): boolean =>
  checkTool(tool).ok &&
  (pointer === '' || readPointer(pointer) !== undefined) &&
  (dataset === undefined || checkDataset(dataset).ok);

/**
 * A text or a number that comes from one of these. `not` does not take it: a verifier knows where a
 * value comes from, and never where it does not.
 */
export const from: ValueKind<readonly ValueOrigin[]> = {
  schema: v.pipe(
    v.array(origin),
    v.minLength(1),
    v.maxLength(CONSTRAINT_ORIGINS_MAX),
    v.check((all) => new Set(all.map(originText)).size === all.length, 'an origin twice'),
  ),
  condition: comesFrom,
  // Whether a sink takes the origins is in the catalogue; only a policy may go without it.
  boundsSink: (_, author) => author === 'policy',
  listedValues: none,
  numberRange: none,
};

function comesFrom(origins: readonly ValueOrigin[], block: DatalogWriter): Condition {
  const known = VARIABLES.arg_origins;
  const wanted = origins.map(originText);
  const [first = '', ...others] = wanted;
  const expression =
    others.length === 0
      ? `${known}.contains(${block.parameter(first)})`
      : `${known}.intersection(${block.parameter(new Set(wanted))}).length() > 0`;
  return {
    types: ['string', 'integer', 'number'],
    tests: [{ fact: 'arg_origins', expression }],
  };
}
