/** Tokens whose form alone is costly: depth, numbers, sizes, and malformed messages. */
import { concatBytes } from '../../src/encoding.ts';
import {
  type Bytes,
  block,
  bytes,
  check,
  DEFAULT_SYMBOL,
  forgeToken,
  int,
  op,
  predicate,
  scope,
  term,
  UNARY,
  varint,
} from '../forge/index.ts';
import { type HostileToken, ROOT_SEED } from './hostile.ts';

const NAME = DEFAULT_SYMBOL.right;
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const fact = (...terms: readonly Bytes[]) =>
  block({ version: 6, facts: [predicate(NAME, ...terms)] });
const holder = (data: Bytes) => [{ data, signatureVersion: 1 }];

function nest(depth: number, wrap: (inner: Bytes) => Bytes, inner: Bytes): Bytes {
  let nested = inner;
  for (let level = 0; level < depth; level++) nested = wrap(nested);
  return nested;
}

const MALFORMED = { codes: ['block_malformed', 'token_malformed'] as const };
const DEEP = { limits: ['termDepthMax', 'closureDepthMax'] as const, ...MALFORMED };
const MANY = { limits: ['collectionItemsMax', 'tokenBytesMax', 'factsMax'] as const };
const UNKNOWN = { codes: ['symbol_unknown', 'block_malformed', 'public_key_unknown'] as const };

const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
/** Two characters each, so that thousands of them fit into one token. */
const shortSymbols = (count: number): string[] =>
  range(count).map((i) => `${ALPHABET[Math.floor(i / 62)] ?? ''}${ALPHABET[i % 62] ?? ''}`);

const value = (item: Bytes) =>
  block({ version: 6, checks: [check([{ expressions: [[op.value(item)]] }], 0)] });

const DEPTH: readonly HostileToken[] = [
  {
    name: 'nested arrays',
    blocks: holder(fact(nest(1_200, (inner) => term.array(inner), term.integer(1)))),
    denied: DEEP,
  },
  {
    name: 'nested maps',
    blocks: holder(
      fact(nest(600, (inner) => term.map([term.mapInteger(1), inner]), term.integer(1))),
    ),
    denied: DEEP,
  },
  {
    name: 'nested arrays in an expression',
    blocks: holder(value(nest(1_200, (inner) => term.array(inner), term.integer(1)))),
    denied: DEEP,
  },
  {
    name: 'nested closures',
    blocks: holder(
      block({
        version: 6,
        checks: [
          check(
            [
              {
                expressions: [
                  [nest(1_000, (inner) => op.closure([], inner), op.value(term.bool(true)))],
                ],
              },
            ],
            0,
          ),
        ],
      }),
    ),
    denied: DEEP,
  },
  {
    name: 'four thousand parentheses',
    blocks: holder(
      block({
        version: 6,
        checks: [
          check(
            [
              {
                expressions: [
                  [op.value(term.integer(1)), ...range(2_500).map(() => op.unary(UNARY.parens))],
                ],
              },
            ],
            0,
          ),
        ],
      }),
    ),
    denied: { codes: ['type_invalid'] },
  },
];

const SIZE: readonly HostileToken[] = [
  {
    name: 'a huge set',
    blocks: holder(fact(term.set(...range(2_500).map((i) => term.integer(i))))),
    denied: MANY,
  },
  {
    name: 'a huge set of equal items',
    blocks: holder(fact(term.set(...range(3_000).map(() => term.integer(1))))),
    denied: MANY,
  },
  {
    name: 'a huge array',
    blocks: holder(fact(term.array(...range(3_000).map(() => term.null())))),
    denied: MANY,
  },
  {
    name: 'a huge map',
    blocks: holder(
      fact(term.map(...range(1_400).map((i) => [term.mapInteger(i), term.null()] as const))),
    ),
    denied: MANY,
  },
  {
    name: 'a predicate of thousands of terms',
    blocks: holder(fact(...range(3_000).map(() => term.null()))),
    denied: MANY,
  },
  {
    name: 'thousands of symbols',
    blocks: holder(block({ symbols: shortSymbols(3_500) })),
    denied: { limits: ['symbolsMax'] },
  },
  {
    name: 'a token larger than the limit',
    blocks: holder(block({ context: 'x'.repeat(20_000) })),
    denied: { limits: ['tokenBytesMax'] },
  },
  {
    name: 'more blocks than the limit',
    blocks: range(80).map(() => ({ data: block({}) })),
    denied: { limits: ['blocksMax'] },
  },
];

const NUMBERS: readonly HostileToken[] = [
  {
    name: 'a string whose number is 2^63 - 1',
    blocks: holder(fact(term.string(2n ** 63n - 1n))),
    denied: UNKNOWN,
  },
  {
    name: 'a string whose number is 2^64 - 1',
    blocks: holder(fact(term.string(2n ** 64n - 1n))),
    denied: UNKNOWN,
  },
  {
    name: 'a string whose number is 2^53 + 1',
    blocks: holder(fact(term.string(2n ** 53n + 1n))),
    denied: UNKNOWN,
  },
  {
    name: 'a string of the reserved range',
    blocks: holder(fact(term.string(28))),
    denied: UNKNOWN,
  },
  {
    name: 'a predicate whose name is 2^63',
    blocks: holder(block({ facts: [predicate(2n ** 63n, term.integer(1))] })),
    denied: UNKNOWN,
  },
  {
    name: 'a variable whose name is 2^32 - 1',
    blocks: holder(
      block({ checks: [check([{ body: [predicate(NAME, term.variable(4_294_967_295))] }])] }),
    ),
    denied: UNKNOWN,
  },
  {
    name: 'a scope whose key is -1',
    blocks: holder(block({ version: 4, scopes: [scope.key(-1)] })),
    denied: UNKNOWN,
  },
  {
    name: 'a scope whose key is 2^63 - 1',
    blocks: holder(block({ version: 4, scopes: [scope.key(2n ** 63n - 1n)] })),
    denied: UNKNOWN,
  },
  {
    name: 'a block of version 2^32 - 1',
    blocks: holder(block({ version: 4_294_967_295 })),
    denied: { codes: ['block_version_unsupported'] },
  },
  {
    name: 'a block of signature version 2^32 - 1',
    blocks: [{ data: block({}), signatureVersion: 4_294_967_295 }],
    denied: { codes: ['signature_version_unsupported'] },
  },
  {
    name: 'a symbol that is not UTF-8',
    blocks: holder(block({ symbols: [Uint8Array.of(0xff, 0xfe)] })),
    denied: MALFORMED,
  },
];

const raw = (name: string, change: (token: Bytes) => Bytes): HostileToken => ({
  name,
  bytes: async () =>
    change(await forgeToken({ rootSeed: ROOT_SEED, blocks: [{ data: block({}) }] })),
  denied: MALFORMED,
});

const append =
  (...parts: readonly Uint8Array[]) =>
  (token: Bytes) =>
    concatBytes(token, ...parts);

const MESSAGES: readonly HostileToken[] = [
  raw('a varint of eleven bytes', append(Uint8Array.of(8, ...range(10).map(() => 0xff), 1))),
  raw('a field with the number 0', append(Uint8Array.of(0, 1))),
  raw('a group', append(Uint8Array.of(0x0b, 0x0c))),
  raw('a length beyond the end', append(Uint8Array.of(0x1a, 0x7f))),
  raw('a length of 2^31', append(concatBytes(Uint8Array.of(0x1a), varint(2n ** 31n)))),
  raw('a length of 2^63', append(concatBytes(Uint8Array.of(0x1a), varint(2n ** 63n)))),
  raw('a second authority block', append(bytes(2, bytes(1, block({}))))),
  raw('a second proof', append(bytes(4, bytes(1, new Uint8Array(32))))),
  raw('a root key id beyond 32 bits', append(int(1, 2n ** 32n))),
  raw('nothing', () => new Uint8Array()),
  raw('a thousand empty blocks', append(...range(1_000).map(() => bytes(3)))),
];

export const HOSTILE_ENVELOPES: readonly HostileToken[] = [
  ...DEPTH,
  ...SIZE,
  ...NUMBERS,
  ...MESSAGES,
];
