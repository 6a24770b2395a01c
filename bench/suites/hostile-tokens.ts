/**
 * Families of tokens that grow with a number. Each family spends one limit as fully as possible.
 */
import {
  BINARY,
  type BlockParts,
  type Bytes,
  block,
  check,
  DEFAULT_SYMBOL,
  type ForgedBlock,
  op,
  predicate,
  rule,
  symbol,
  term,
} from '../../test/forge/index.ts';

export type Family = {
  readonly name: string;
  /** Larger ones do not fit in a token, or add nothing. */
  readonly sizeMax: number;
  /** The blocks that a holder appends. */
  blocks(size: number): readonly ForgedBlock[];
};

const NAME = DEFAULT_SYMBOL.operation;
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
/** The names of default symbols serve as variables, so that blocks can be combined. */
const variable = (i: number): Bytes => term.variable(i);
const facts = (count: number): Bytes[] => range(count).map((i) => predicate(NAME, term.integer(i)));

const v6 = (parts: BlockParts): ForgedBlock => ({
  data: block({ ...parts, version: 6 }),
  signatureVersion: 1,
});

const never = op.value(term.bool(false));
const LARGE = 2n ** 62n;

const join: Family = {
  name: 'a join of three predicates',
  sizeMax: 200,
  blocks: (size) => [
    v6({
      facts: facts(size),
      checks: [
        check(
          [{ body: range(3).map((i) => predicate(NAME, variable(i))), expressions: [[never]] }],
          0,
        ),
      ],
    }),
  ],
};

/** `{0, …}.any($0 -> {0, …}.any($1 -> …))` */
const arithmetic: Family = {
  name: 'arithmetic of 64 bits in nested closures',
  sizeMax: 200,
  blocks: (size) => {
    const set = op.value(term.set(...range(size).map((i) => term.integer(i))));
    const sum = [
      op.value(term.integer(LARGE)),
      op.value(variable(1)),
      op.binary(BINARY.add),
      op.value(term.integer(LARGE)),
      op.binary(BINARY.bitwiseAnd),
      op.value(term.integer(0)),
      op.binary(BINARY.equal),
    ];
    const inner = [set, op.closure([1], ...sum), op.binary(BINARY.any)];
    const outer = [set, op.closure([0], ...inner), op.binary(BINARY.any)];
    return [v6({ checks: [check([{ expressions: [outer] }], 0)] })];
  },
};

/** A text of `chars` characters, declared as the token's symbol `declared`. */
const concatenate = (size: number, declared: number, chars: number): ForgedBlock => {
  const text = op.value(term.string(symbol(declared)));
  const equal = [text, text, op.binary(BINARY.add), text, op.binary(BINARY.equal)];
  return v6({
    symbols: ['x'.repeat(chars)],
    checks: range(size).map(() => check([{ expressions: [equal] }], 0)),
  });
};

const text: Family = {
  name: 'concatenation of long text',
  sizeMax: 300,
  blocks: (size) => [concatenate(size, 0, 2_000)],
};

/** The symbols `declared` and the next one. */
const match = (size: number, declared: number): ForgedBlock => {
  const test = [
    op.value(term.string(symbol(declared))),
    op.value(term.string(symbol(declared + 1))),
    op.binary(BINARY.regex),
  ];
  return v6({
    symbols: ['b'.repeat(size), '(b|bb|bbb)*(b?b?b?){9}a$'],
    checks: [check([{ expressions: [test] }], 0)],
  });
};

const regex: Family = {
  name: 'a regular expression of many states',
  sizeMax: 3_000,
  blocks: (size) => [match(size, 0)],
};

const derived: Family = {
  name: 'a rule that derives a product',
  sizeMax: 40,
  blocks: (size) => [
    v6({
      facts: facts(size),
      rules: [
        rule(predicate(DEFAULT_SYMBOL.read, variable(0), variable(1)), {
          body: [predicate(NAME, variable(0)), predicate(NAME, variable(1))],
        }),
      ],
    }),
  ],
};

const rounds: Family = {
  name: 'a chain of rounds',
  sizeMax: 200,
  blocks: (size) => [
    v6({
      facts: [
        predicate(DEFAULT_SYMBOL.read, term.integer(0)),
        ...range(size).map((i) => predicate(NAME, term.integer(i), term.integer(i + 1))),
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
  ],
};

const form: Family = {
  name: 'small facts',
  sizeMax: 1_400,
  blocks: (size) => [v6({ facts: facts(size) })],
};

const chain: Family = {
  name: 'empty blocks',
  sizeMax: 60,
  blocks: (size) => range(size).map(() => v6({})),
};

/** Percent of what each limit admits by itself, all in one token. */
const everything: Family = {
  name: 'every limit at once',
  sizeMax: 100,
  blocks: (size) => {
    const share = (most: number): number => Math.floor((most * size) / 100);
    return [
      ...join.blocks(share(44)),
      ...arithmetic.blocks(share(110)),
      concatenate(share(60), 0, 2_000),
      match(share(1_500), 1),
      ...chain.blocks(share(19)),
    ];
  },
};

export const FAMILIES: readonly Family[] = [
  join,
  arithmetic,
  text,
  regex,
  derived,
  rounds,
  form,
  chain,
  everything,
];
