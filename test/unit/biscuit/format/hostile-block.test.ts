import { describe, expect, test } from 'vitest';
import { printBlock } from '../../../../src/biscuit/datalog/index.ts';
import { EMPTY_TABLES, readTables, writeBlock } from '../../../../src/biscuit/format/index.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../../src/biscuit/limits.ts';
import { concatBytes, fromHex } from '../../../../src/encoding.ts';
import {
  type BlockParts,
  block,
  check,
  op,
  predicate,
  rule,
  term,
  UNARY,
} from '../../../forge/index.ts';
import { good, refusal } from '../answers.ts';
import { factOf, forged, parse, read } from './reading.ts';

describe('rejects input that is not a block', () => {
  const junk = (hex: string) =>
    concatBytes(block({ symbols: ['a'] }), fromHex(hex) ?? new Uint8Array());
  test.each([
    ['a variable in a fact', factOf(term.variable(1024))],
    ['a variable in an array of a fact', factOf(term.array(term.variable(1024)))],
    [
      'a variable in a set',
      {
        ...factOf(),
        rules: [rule(predicate(0), { body: [predicate(0, term.set(term.variable(1024)))] })],
      },
    ],
    ['a set in a set', factOf(term.set(term.set(term.integer(1))))],
    ['a set of two types', factOf(term.set(term.integer(1), term.bool(true)))],
    [
      'a map with one key twice',
      factOf(term.map([term.mapInteger(1), term.null()], [term.mapInteger(1), term.bool(true)])),
    ],
    [
      'a map with one key twice, spelled with two symbols',
      {
        ...factOf(
          term.map([term.mapString(1024), term.null()], [term.mapString(1025), term.null()]),
        ),
        symbols: ['a', 'a'],
      },
    ],
    ['a term of two kinds', factOf(concatBytes(term.integer(1), term.bool(true)))],
    ['an empty term', factOf(new Uint8Array())],
    [
      'an extern function without a name',
      { ...factOf(), checks: [check([{ expressions: [[op.unary(UNARY.extern)]] }])] },
    ],
    ['an unknown operator', { ...factOf(), checks: [check([{ expressions: [[op.binary(30)]] }])] }],
    [
      'an empty instruction',
      { ...factOf(), checks: [check([{ expressions: [[new Uint8Array()]] }])] },
    ],
    ['an unknown kind of check', { ...factOf(), checks: [check([{}], 3)] }],
    ['an empty scope', { ...factOf(), scopes: [new Uint8Array()] }],
    ['an unknown scope', { ...factOf(), scopes: [Uint8Array.of(8, 2)] }],
    ['a fact without a predicate', { ...factOf(), checks: [], facts: [] }, '2200'],
    ['a predicate without a name', factOf(), '22020a00'],
    ['a rule without a head', factOf(), '2a00'],
    ['two versions', factOf(), '1806'],
    ['a field 0', factOf(), '0000'],
    ['an end inside a field', factOf(), '0a05'],
    ['broken UTF-8', { ...factOf(), symbols: ['a', 'b', Uint8Array.of(0xff)] }],
  ] as readonly [string, BlockParts, string?][])('%s', (_, parts, tail = '') => {
    const payload = concatBytes(block(parts), fromHex(tail) ?? new Uint8Array());
    expect(refusal(read(payload, { blockId: 3 }))).toMatchObject({
      code: 'block_malformed',
      blockId: 3,
    });
  });

  test('unknown fields are skipped', () => {
    expect(read(junk('7a00 5801'.replace(' ', ''))).ok).toBe(true);
  });
});

describe('limits', () => {
  const nested = (depth: number): Uint8Array<ArrayBuffer> =>
    depth === 0 ? term.integer(1) : term.array(nested(depth - 1));
  const tower = (depth: number): Uint8Array<ArrayBuffer> =>
    depth === 0 ? op.value(term.integer(1)) : op.closure([], tower(depth - 1));
  const CASES: readonly [keyof Limits, number, (size: number) => BlockParts][] = [
    ['symbolsMax', 4, (size) => ({ symbols: Array.from({ length: size }, (_, i) => `s${i}`) })],
    [
      'publicKeysMax',
      4,
      (size) => ({
        publicKeys: Array.from({ length: size }, (_, i) => new Uint8Array(32).fill(i + 2)),
      }),
    ],
    ['termDepthMax', 4, (size) => factOf(nested(size))],
    [
      'closureDepthMax',
      4,
      (size) => ({ version: 6, checks: [check([{ expressions: [[tower(size)]] }])] }),
    ],
    [
      'collectionItemsMax',
      4,
      (size) => factOf(term.set(...Array.from({ length: size }, (_, i) => term.integer(i)))),
    ],
    [
      'collectionItemsMax',
      4,
      (size) =>
        factOf(
          term.map(
            ...Array.from({ length: size }, (_, i) => [term.mapInteger(i), term.null()] as const),
          ),
        ),
    ],
    [
      'collectionItemsMax',
      4,
      (size) => factOf(...Array.from({ length: size }, (_, i) => term.integer(i))),
    ],
  ];
  test.each(CASES)('%s', (limit, maximum, parts) => {
    const limits = { [limit]: maximum };
    expect(read(block(parts(maximum)), { limits }).ok).toBe(true);
    expect(refusal(read(block(parts(maximum + 1)), { limits }))).toEqual({
      code: 'limit_exceeded',
      limit,
      maximum,
    });
  });

  test("what two blocks declare is counted together, a third party's as well", () => {
    const limits = { ...DEFAULT_LIMITS, symbolsMax: 3 };
    const third = readTables(
      { payload: block({ symbols: ['a', 'b'] }), blockId: 1, isThirdParty: true },
      EMPTY_TABLES,
      limits,
    );
    expect(
      refusal(read(block({ symbols: ['c', 'd'] }), { before: good(third).next, limits })),
    ).toMatchObject({ limit: 'symbolsMax' });
  });

  test('a tower of 5,000 arrays or closures is refused without filling the stack', () => {
    expect(refusal(forged(factOf(nested(5_000)))).code).toBe('limit_exceeded');
    expect(
      refusal(forged({ version: 6, checks: [check([{ expressions: [[tower(3_000)]] }])] })).code,
    ).toBe('limit_exceeded');
  });
});

test('changing any byte of a block never causes an exception', () => {
  const payload = writeBlock(
    parse(
      'a([1, {"k": null}], {1}, hex:00); h($x) <- a($x), $x.any($p -> $p == 1) trusting previous; reject if b();',
    ),
    EMPTY_TABLES,
  );
  let accepted = 0;
  for (let bit = 0; bit < payload.length * 8; bit++) {
    const copy = payload.slice();
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const answer = read(copy);
    if (answer.ok) accepted++;
    expect(answer.ok ? printBlock(answer.value) : answer.error.code).toBeTypeOf('string');
  }
  expect(accepted).toBeGreaterThan(0);
  for (let length = 0; length < payload.length; length++) read(payload.subarray(0, length));
});
