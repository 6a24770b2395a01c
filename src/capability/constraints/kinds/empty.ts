import * as v from 'valibot';
import type { DatalogWriter } from '../../datalog.ts';
import type { Alternatives } from '../condition.ts';
import { always, none, type ValueKind } from './kind.ts';

/** Frameworks send null, "" or [] for an argument that a model left out. */
export const empty: ValueKind<true> = {
  schema: v.literal(true),
  condition: emptyValues,
  boundsSink: always,
  listedValues: none,
  numberRange: none,
};

function emptyValues(_: true, block: DatalogWriter): Alternatives {
  const none = block.parameter('');
  return [
    { types: ['null'], tests: [{ fact: 'arg', expression: '$v == null', only: 'null' }] },
    { types: ['string'], tests: [{ fact: 'arg', expression: `$v == ${none}`, only: none }] },
    { types: ['array'], tests: [{ fact: 'arg_count', expression: '$c == 0', only: '0' }] },
    { types: ['object'], tests: [{ fact: 'arg_members', expression: '$n.length() == 0' }] },
  ];
}
