/** Tokens that a holder can extend to cost a verifier time or memory: Datalog bombs. */
import {
  BINARY,
  type Bytes,
  block,
  check,
  DEFAULT_SYMBOL,
  op,
  predicate,
  rule,
  symbol,
  term,
  UNARY,
} from '../forge/index.ts';
import type { HostileToken } from './hostile.ts';

/** Not `right`: the honest block has a fact of that name with a string. */
const NAME = DEFAULT_SYMBOL.operation;
const variable = (i: number): Bytes => term.variable(symbol(i));
const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `v${i}`);
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const numbers = (count: number): Bytes[] =>
  range(count).map((i) => predicate(NAME, term.integer(i)));

/** `operation($0), …, operation($n)`, and a test of the last variable that is never true. */
const product = (width: number) => ({
  body: range(width).map((i) => predicate(NAME, variable(i))),
  expressions: [
    [op.value(variable(width - 1)), op.value(term.integer(-1)), op.binary(BINARY.equal)],
  ],
});

/** The check `{0, …, n}.any($0 -> {0, …, n}.any($1 -> … false))`, `depth` deep. */
function nestedAny(depth: number, items: number): Bytes {
  const set = op.value(term.set(...range(items).map((i) => term.integer(i))));
  let body: Bytes[] = [op.value(term.bool(false))];
  for (let level = depth - 1; level >= 0; level--) {
    body = [set, op.closure([symbol(level)], ...body), op.binary(BINARY.any)];
  }
  return check([{ expressions: [body] }], 0);
}

const v6 = (parts: Parameters<typeof block>[0]) => ({
  data: block({ ...parts, version: 6 }),
  signatureVersion: 1,
});

/** A check that `matches` a text against a pattern. */
const regexCheck = (text: string, pattern: string) => ({
  data: block({
    symbols: [text, pattern],
    checks: [
      check([
        {
          expressions: [
            [
              op.value(term.string(symbol(0))),
              op.value(term.string(symbol(1))),
              op.binary(BINARY.regex),
            ],
          ],
        },
      ]),
    ],
  }),
});

/** A long text, appended to itself as often as there is room for instructions. */
function longConcatenation(textChars: number, additions: number): Bytes {
  const text = op.value(term.string(symbol(0)));
  const sum = [text, ...range(additions).flatMap(() => [text, op.binary(BINARY.add)])];
  return block({
    symbols: ['a'.repeat(textChars)],
    checks: [
      check([
        {
          expressions: [
            [...sum, op.unary(UNARY.length), op.value(term.integer(0)), op.binary(BINARY.lessThan)],
          ],
        },
      ]),
    ],
  });
}

export const DATALOG_BOMBS: readonly HostileToken[] = [
  {
    name: 'join bomb: a product of four times sixty facts',
    blocks: [
      { data: block({ symbols: names(4), facts: numbers(60), checks: [check([product(4)])] }) },
    ],
    denied: { limits: ['joinStepsMax', 'expressionStepsMax'] },
  },
  {
    name: 'join bomb in a rule',
    blocks: [
      {
        data: block({
          symbols: names(4),
          facts: numbers(60),
          rules: [rule(predicate(DEFAULT_SYMBOL.read, variable(0)), product(4))],
        }),
      },
    ],
    denied: { limits: ['joinStepsMax', 'expressionStepsMax'] },
  },
  {
    name: 'a hundred joins, each of them small',
    blocks: [
      {
        data: block({
          symbols: names(2),
          facts: numbers(60),
          checks: range(100).map(() => check([product(2)])),
        }),
      },
    ],
    denied: { limits: ['joinStepsMax', 'expressionStepsMax'] },
  },
  {
    name: 'a rule that derives a product of more facts than the limit',
    blocks: [
      {
        data: block({
          symbols: names(2),
          facts: numbers(60),
          rules: [
            rule(predicate(DEFAULT_SYMBOL.read, variable(0), variable(1)), {
              body: [predicate(NAME, variable(0)), predicate(NAME, variable(1))],
            }),
          ],
        }),
      },
    ],
    denied: { limits: ['factsMax'] },
  },
  {
    name: 'a chain of more rounds than the limit',
    blocks: [
      {
        data: block({
          symbols: names(2),
          facts: [
            predicate(DEFAULT_SYMBOL.read, term.integer(0)),
            ...range(200).map((i) => predicate(NAME, term.integer(i), term.integer(i + 1))),
          ],
          rules: [
            rule(predicate(DEFAULT_SYMBOL.read, variable(1)), {
              body: [
                predicate(DEFAULT_SYMBOL.read, variable(0)),
                predicate(NAME, variable(0), variable(1)),
              ],
            }),
          ],
        }),
      },
    ],
    denied: { limits: ['iterationsMax', 'joinStepsMax'] },
  },
  {
    name: 'more facts than the limit, without a rule',
    blocks: [{ data: block({ facts: numbers(1_300) }) }],
    denied: { limits: ['factsMax'] },
  },
  {
    name: 'nested closures over sets',
    blocks: [v6({ symbols: names(5), checks: [nestedAny(5, 100)] })],
    denied: { limits: ['expressionStepsMax'] },
  },
  {
    name: 'closures nested deeper than the limit',
    blocks: [v6({ symbols: names(200), checks: [nestedAny(200, 1)] })],
    denied: { limits: ['closureDepthMax', 'expressionStepsMax'], codes: ['block_malformed'] },
  },
  {
    name: 'a long text appended to itself',
    blocks: [{ data: longConcatenation(6_000, 600) }],
    denied: { limits: ['stringUnitsMax', 'expressionStepsMax'] },
  },
  {
    name: 'the regex bomb (a+)+$',
    blocks: [regexCheck(`${'a'.repeat(4_000)}!`, '^(a+)+$')],
    denied: { codes: ['unauthorized', 'limit_exceeded'] },
  },
  {
    name: 'the regex bomb (a?){n}a{n}',
    blocks: [regexCheck('a'.repeat(200), `^${'(a?)'.repeat(200)}${'a'.repeat(201)}$`)],
    denied: { codes: ['unauthorized', 'limit_exceeded'] },
  },
  {
    name: 'a regular expression with a short text and a large program',
    blocks: [regexCheck('a', '((((a{99}){99}){99}){99}){99}')],
    denied: { limits: ['regexProgramMax', 'regexStepsMax'] },
  },
  {
    name: 'a regular expression nested a thousand times',
    blocks: [regexCheck('a', `${'('.repeat(1_000)}b${')'.repeat(1_000)}`)],
    denied: { codes: ['limit_exceeded', 'regex_unsupported', 'unauthorized'] },
  },
  {
    name: 'many alternatives against a long text',
    blocks: [
      regexCheck(
        'b'.repeat(8_000),
        `(${range(60)
          .map((i) => `b*a${i}`)
          .join('|')})$`,
      ),
    ],
    denied: { codes: ['limit_exceeded', 'unauthorized'] },
  },
];
