/**
 * Where Hewn and the reference answer differently on purpose. docs/reference/biscuit.md has the
 * reason of each under its name. The test next to this file verifies both sides.
 */

import {
  BINARY,
  type Bytes,
  block,
  check,
  DEFAULT_SYMBOL,
  int,
  op,
  predicate,
  scope,
  symbol,
  term,
} from '../forge/index.ts';
import { ALICE, forged, minted, type VectorCase } from './cases/case.ts';

export type DifferenceCase = {
  /** The anchor in docs/reference/biscuit.md. */
  readonly name: string;
  readonly token: VectorCase;
  /** The verdict of each, as `verdictOf` names it. Every validation of the token has the same. */
  readonly reference: string;
  readonly hewn: string;
};

const RIGHT = DEFAULT_SYMBOL.right;
const one = predicate(RIGHT, term.integer(1));
const bool = (value: boolean): Bytes => op.value(term.bool(value));

const difference = (
  name: string,
  reference: string,
  hewn: string,
  token: VectorCase,
): DifferenceCase => ({ name, token, reference, hewn });

const code = (name: string, authorizer: string, reference: string, hewn: string) =>
  difference(name, reference, hewn, minted(name, name, ['n(1); n(2);'], { '': authorizer }));

const raw = (name: string, data: Bytes, reference: string, hewn: string) =>
  difference(
    name,
    reference,
    hewn,
    forged(name, name, { blocks: [{ data, signatureVersion: 1 }] }),
  );

const MALFORMED = 'Format.BlockDeserializationError';
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const DECISIONS: readonly DifferenceCase[] = [
  code('reject-if-or', 'reject if n(1) or n(9); allow if true;', 'Ok', 'FailedLogic.Unauthorized'),
  code('reject-if-or', 'reject if n(9) or n(1); allow if true;', 'Ok', 'FailedLogic.Unauthorized'),
  code('regex-subset', 'allow if "a".matches("(?x) a ");', 'Ok', 'Hewn.regex_unsupported'),
  difference(
    'limits',
    'Ok',
    'RunLimit.TooManyFacts',
    minted('limits', 'limits', [
      range(1_100)
        .map((i) => `n(${i});`)
        .join(''),
    ]),
  ),
  difference(
    'limits',
    'Ok',
    'Hewn.limit_exceeded expressionStepsMax',
    minted('limits', 'limits', [
      `${range(60)
        .map((i) => `n(${i});`)
        .join('')}
       check if n($a), n($b), n($c), $a + $b + $c === 177;`,
    ]),
  ),
];

const READING: readonly DifferenceCase[] = [
  difference(
    'later-symbols',
    'Ok',
    'Format.UnknownSymbol',
    forged('later-symbols', 'a symbol that a later block declares', {
      blocks: [
        { data: block({ facts: [predicate(symbol(0), term.integer(1))] }) },
        { data: block({ symbols: ['later'] }) },
      ],
    }),
  ),
  raw('strict-messages', block({ facts: [new Uint8Array()] }), 'Ok', MALFORMED),
  raw('strict-messages', new Uint8Array([...block({ version: 3 }), ...int(3, 3)]), 'Ok', MALFORMED),
  raw(
    'strict-messages',
    block({ facts: [predicate(RIGHT, new Uint8Array([...term.integer(1), ...term.integer(2)]))] }),
    'Ok',
    MALFORMED,
  ),
  raw('strict-messages', block({ facts: [predicate(RIGHT, int(6, 2))] }), 'Ok', MALFORMED),
  raw(
    'strict-messages',
    block({ symbols: ['x'], facts: [predicate(RIGHT, term.variable(symbol(0)))] }),
    'Ok',
    MALFORMED,
  ),
  raw(
    'strict-messages',
    block({
      version: 6,
      facts: [
        predicate(
          RIGHT,
          term.map([term.mapInteger(1), term.null()], [term.mapInteger(1), term.null()]),
        ),
      ],
    }),
    'Ok',
    MALFORMED,
  ),
  raw(
    'block-versions',
    block({ version: 3, facts: [predicate(RIGHT, term.null())] }),
    'Ok',
    'Format.DeserializationError',
  ),
  raw(
    'scope-keys',
    block({ version: 4, publicKeys: [new Uint8Array(32).fill(2)], scopes: [scope.key(0)] }),
    'Format.InvalidKey',
    'Ok',
  ),
];

const TEXT: readonly DifferenceCase[] = [
  code('text-grammar', 'f({true}); allow if f({true});', 'Language', 'Ok'),
  code('text-grammar', 'allow  if true;', 'Language', 'Ok'),
  code('text-grammar', 'allow if 2020-01-01T00:00:00Z.type() === "date";', 'Language', 'Ok'),
  code('text-grammar', 'f({}); allow if f({});', 'Language', 'Ok'),
  code('text-grammar', 'f(); allow if f();', 'Language', 'Ok'),
  code('text-grammar', 'f(hex:); allow if f(hex:);', 'Language', 'Ok'),
  code('text-grammar', '\u00e9t\u00e9(1); allow if \u00e9t\u00e9(1);', 'Language', 'Ok'),
  code('text-grammar', `trusting ${ALICE.key}; allow if true;`, 'Language', 'Ok'),
];

/** The same decision, with another text or at another point of refusal. */
export type PrintedCase = { readonly name: string; readonly token: VectorCase };

export const PRINTED: readonly PrintedCase[] = [
  {
    name: 'printing',
    token: minted('printing', 'escapes', ['s("a\\"b"); s("a\\\\b"); s("a\\nb");']),
  },
  {
    name: 'printing',
    token: forged('printing', 'the eager and, or of datalog 3.0', {
      blocks: [
        {
          data: block({
            checks: [
              check([{ expressions: [[bool(true), bool(false), op.binary(BINARY.or)]] }]),
              check([{ expressions: [[bool(true), bool(true), op.binary(BINARY.and)]] }]),
            ],
          }),
        },
      ],
    }),
  },
  {
    name: 'printing',
    token: forged('printing', 'an expression that leaves two values', {
      blocks: [{ data: block({ checks: [check([{ expressions: [[bool(true), bool(true)]] }])] }) }],
    }),
  },
  {
    name: 'printing',
    token: forged('printing', 'the scope of a block', {
      blocks: [
        { data: block({ facts: [one] }) },
        {
          data: block({
            version: 4,
            scopes: [scope.previous()],
            checks: [check([{ body: [one] }], 0)],
          }),
        },
      ],
    }),
  },
  {
    name: 'blocks-read-at-once',
    token: forged('blocks-read-at-once', 'an unknown version', {
      blocks: [{ data: block({ version: 7 }) }],
    }),
  },
  {
    name: 'blocks-read-at-once',
    token: forged('blocks-read-at-once', 'an unknown symbol', {
      blocks: [{ data: block({ facts: [predicate(500, term.integer(1))] }) }],
    }),
  },
  {
    name: 'blocks-read-at-once',
    token: forged('blocks-read-at-once', 'a check kind in datalog 3.0', {
      blocks: [{ data: block({ checks: [check([{ body: [one] }], 0)] }) }],
    }),
  },
  {
    name: 'world-after-refusal',
    token: minted('world-after-refusal', 'a thousand facts, one of them derived', [
      `${range(999)
        .map((i) => `n(${i});`)
        .join('')} p($x) <- n($x), $x === 0;`,
    ]),
  },
  {
    name: 'world-after-refusal',
    token: minted('world-after-refusal', 'too many facts', [
      `${range(33)
        .map((i) => `n(${i});`)
        .join('')} p($x, $y) <- n($x), n($y);`,
    ]),
  },
];

export const DIFFERENCES: readonly DifferenceCase[] = [...DECISIONS, ...READING, ...TEXT];
