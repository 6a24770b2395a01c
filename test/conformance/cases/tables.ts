/** Symbols and keys: which block's table a number refers to. */

import { fromHex } from '../../../src/encoding.ts';
import { block, check, DEFAULT_SYMBOL, predicate, scope, symbol, term } from '../../forge/index.ts';
import { ALICE, BOB, by, forged, minted, type VectorCase } from './case.ts';

const forgedKey = fromHex(ALICE.key.replace('ed25519/', '')) ?? new Uint8Array();
const fact = (name: number, ...terms: Parameters<typeof predicate>[1][]) =>
  predicate(name, ...terms);

const manySymbols = Array.from({ length: 200 }, (_, i) => `symbol_${i}`);

export const TABLES: readonly VectorCase[] = [
  minted('tables_third_party_symbols', 'a third-party block has a table of its own', [
    'shared("one"); owner("first");',
    by(ALICE, 'shared("one"); own("second"); check if owner("first");'),
    'shared("one"); own("second"); check if shared("one"), own("second");',
  ]),
  minted('tables_third_party_keys', 'key tables of third-party blocks are their own', [
    `a(0); check if a(0) trusting authority, ${BOB.key};`,
    by(ALICE, `b(1); check if c(2) trusting ${BOB.key}; check if b(1) trusting ${ALICE.key};`),
    by(BOB, `c(2); check if b(1) trusting ${ALICE.key};`),
    `check if b(1) trusting ${ALICE.key}; check if c(2) trusting ${BOB.key};`,
  ]),
  minted('tables_default_symbols', 'default symbols as names, variables and strings', [
    'read("write"); right($time, "query") <- read($time); check if right("write", "query");',
    'client_ip("nonce"); check if client_ip($resource), $resource == "nonce";',
  ]),
  minted('tables_growing', 'every block adds to one table', [
    'a("x1");',
    'a("x2"); check if a($v1);',
    'a("x1"); a("x3"); check if a($v1), a($v2);',
    'check if a("x1"); check if a("x2") trusting previous; check if a("x3") trusting previous;',
  ]),
  forged('tables_duplicate_symbols', 'equal symbols inside one block are one string', {
    blocks: [
      {
        data: block({
          symbols: ['name', 'twice', 'twice'],
          facts: [fact(symbol(0), term.string(symbol(1)))],
          checks: [
            check([{ body: [fact(symbol(0), term.string(symbol(2)))] }]),
            check([{ body: [fact(symbol(0), term.variable(symbol(2)))] }]),
          ],
        }),
      },
    ],
  }),
  forged('tables_duplicate_names', 'a predicate by two numbers of one name', {
    blocks: [
      {
        data: block({
          symbols: ['name', 'name'],
          facts: [fact(symbol(0), term.integer(1)), fact(symbol(1), term.integer(2))],
          checks: [
            check([{ body: [fact(symbol(1), term.integer(1))] }]),
            check([{ body: [fact(symbol(0), term.integer(2))] }]),
          ],
        }),
      },
    ],
  }),
  forged('tables_overlap_default', 'a symbol that is a default symbol', {
    blocks: [{ data: block({ symbols: ['read'] }) }],
  }),
  forged('tables_overlap_blocks', 'two blocks that declare one symbol', {
    blocks: [{ data: block({ symbols: ['once'] }) }, { data: block({ symbols: ['x', 'once'] }) }],
  }),
  forged('tables_key_overlap', 'two blocks that declare one key', {
    blocks: [
      { data: block({ version: 4, publicKeys: [forgedKey] }) },
      { data: block({ version: 4, publicKeys: [forgedKey] }) },
    ],
  }),
  forged('tables_unused_key', 'a key that nothing refers to', {
    blocks: [{ data: block({ version: 4, publicKeys: [forgedKey] }) }],
  }),
  forged('tables_key_of_earlier_block', 'a block refers to a key that an earlier one declared', {
    blocks: [
      { data: block({ version: 4, publicKeys: [forgedKey] }) },
      {
        data: block({
          version: 4,
          facts: [fact(DEFAULT_SYMBOL.read, term.integer(1))],
          checks: [
            check(
              [
                {
                  body: [fact(DEFAULT_SYMBOL.read, term.integer(1))],
                  scopes: [scope.key(0)],
                },
              ],
              0,
            ),
          ],
        }),
      },
    ],
  }),
  forged('tables_bom', 'a leading U+FEFF is part of a symbol', {
    blocks: [
      {
        data: block({
          symbols: ['\uFEFFread'],
          facts: [fact(DEFAULT_SYMBOL.right, term.string(symbol(0)))],
          checks: [
            check([{ body: [fact(DEFAULT_SYMBOL.right, term.string(DEFAULT_SYMBOL.read))] }]),
            check([{ body: [fact(DEFAULT_SYMBOL.right, term.string(symbol(0)))] }]),
          ],
        }),
      },
    ],
  }),
  forged('tables_normal_forms', 'strings are compared by code points, not by normal form', {
    blocks: [
      {
        data: block({
          symbols: ['\u00e9', 'e\u0301'],
          facts: [fact(DEFAULT_SYMBOL.right, term.string(symbol(0)))],
          checks: [check([{ body: [fact(DEFAULT_SYMBOL.right, term.string(symbol(1)))] }])],
        }),
      },
    ],
  }),
  forged('tables_many_symbols', 'two hundred symbols', {
    blocks: [
      {
        data: block({
          symbols: manySymbols,
          facts: manySymbols.map((_, i) => fact(DEFAULT_SYMBOL.right, term.string(symbol(i)))),
          checks: [check([{ body: [fact(DEFAULT_SYMBOL.right, term.string(symbol(199)))] }])],
        }),
      },
    ],
  }),
  forged('tables_no_terms', 'a predicate without terms', {
    blocks: [
      {
        data: block({
          symbols: ['flag'],
          facts: [fact(symbol(0))],
          checks: [check([{ body: [fact(symbol(0))] }])],
        }),
      },
    ],
  }),
];
