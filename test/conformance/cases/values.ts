/** Terms: equality, containment and printing. */

import {
  BINARY,
  block,
  check,
  DEFAULT_SYMBOL,
  op,
  predicate,
  symbol,
  term,
} from '../../forge/index.ts';
import { forged, minted, type VectorCase } from './case.ts';

/** One check per line, so that the data says which of them fails. */
const checks = (...lines: readonly string[]): string =>
  lines.map((line) => `check if ${line};`).join('\n');

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

export const VALUES: readonly VectorCase[] = [
  minted('values_dates', 'dates', [
    'd(1970-01-01T00:00:00Z); d(2038-01-19T03:14:08Z); d(9999-12-31T23:59:59Z);',
    checks(
      'd(1970-01-01T00:00:00Z)',
      'd($d), $d < 1970-01-01T00:00:01Z',
      '2020-02-29T12:00:00Z <= 2020-02-29T12:00:00Z',
      '2020-02-29T12:00:00Z < 2020-02-29T12:00:00Z',
      '2020-01-01T02:00:00+02:00 === 2020-01-01T00:00:00Z',
      '2019-12-31T19:30:00-04:30 === 2020-01-01T00:00:00Z',
      '2020-01-01T00:00:00.999Z === 2020-01-01T00:00:00Z',
      '2020-01-01T00:00:00Z !== 2020-01-01T00:00:01Z',
      '2020-01-01T00:00:01Z > 2020-01-01T00:00:00Z',
      '2020-01-01T00:00:00Z == 1577836800',
      '{2020-01-01T00:00:00Z, 2021-01-01T00:00:00Z}.contains(2021-01-01T00:00:00Z)',
    ),
  ]),
  minted('values_dates_type_error', 'a date is no integer', ['d(2020-01-01T00:00:00Z);'], {
    strict: 'check if d($d), $d === 1577836800; allow if true;',
    order: 'check if d($d), $d < 1577836800; allow if true;',
    add: 'check if d($d), $d + 1 == $d; allow if true;',
  }),
  minted('values_bytes', 'byte strings', [
    'b(hex:00); b(hex:00ff); b(hex:ABCDEF);',
    checks(
      'b(hex:abcdef)',
      'hex:00.length() === 1',
      'hex:00ff === hex:00FF',
      'hex:00 !== hex:0000',
      'hex:00 == "00"',
      '{hex:00, hex:01}.contains(hex:01)',
      '{hex:01, hex:00, hex:0001} === {hex:0001, hex:00, hex:01}',
    ),
  ]),
  minted('values_sets', 'sets', [
    's({,}); s({3, 1, 2, 1}); s({"b", "a", "read"}); s({true, false}); s({null, null});',
    checks(
      's({,})',
      's({1, 2, 3})',
      's({"read", "a", "b"})',
      '{1, 2} === {2, 1}',
      '{1, 2} !== {1, 2, 3}',
      '{1, 2, 3}.contains({3, 1})',
      '{1, 2}.contains({1, 3})',
      '{1}.contains({,})',
      '{1, 2}.union({2, 3}) === {1, 2, 3}',
      '{1, 2}.intersection({2, 3}) === {2}',
      '{1}.intersection({2}) === {,}',
      '{1, 1, 1}.length() === 1',
      '{,}.length() === 0',
      '{1, 2} == {"1", "2"}',
      '{1, 2}.union({"a"}).length() === 3',
    ),
  ]),
  minted('values_set_order', 'the order in which a set prints', [
    's({10, -1, 9, 100}); s({"zeta", "read", "alpha", "write"}); s({hex:ff, hex:0f, hex:00ff});',
    's({"omega", "alpha", "nonce", "read"}); s({2030-01-01T00:00:00Z, 2020-01-01T00:00:00Z});',
  ]),
  minted('values_arrays', 'arrays', [
    'a([]); a([1, "two", [3, null], {4}, {"five": 5}]);',
    checks(
      'a([])',
      'a([1, "two", [3, null], {4}, {"five": 5}])',
      '[1, 2] === [1, 2]',
      '[1, 2] === [2, 1]',
      '[1, "a"].contains("a")',
      '[1, [2]].contains([2])',
      '[1, [2]].contains(2)',
      '[null].contains(null)',
      '[1, 2, 3].starts_with([1, 2])',
      '[1, 2, 3].starts_with([2])',
      '[1, 2, 3].ends_with([3])',
      '[1].starts_with([])',
      '[1, 2].get(0) === 1',
      '[1, 2].get(2) == null',
      '[1, 2].get(-1) == null',
      '[1, 2].get(9223372036854775807) == null',
      '[1, [2, 3]].get(1).get(1) === 3',
      '[].length() === 0',
      '[1, 2] == {1, 2}',
      '[1, 2] != 1',
    ),
  ]),
  minted('values_maps', 'maps', [
    'm({"z": 0}); m({"b": 1, "a": [2], 10: "x", 2: {"y": null}});',
    checks(
      'm({2: {"y": null}, 10: "x", "a": [2], "b": 1})',
      '{"a": 1, "b": 2} === {"b": 2, "a": 1}',
      '{"a": 1} === {"a": 2}',
      '{"a": 1, "a": 2} === {"a": 2}',
      '{"a": 1}.get("a") === 1',
      '{"a": 1}.get("b") == null',
      '{1: "x"}.get(1) === "x"',
      '{1: "x"}.get("1") == null',
      '{"a": 1}.contains("a")',
      '{"a": 1}.contains(1)',
      '{"a": 1}.contains([1])',
      '{"a": 1}.length() === 1',
      '{"a": 1}.any($kv -> $kv.get(0) === "a" && $kv.get(1) === 1)',
      '{"a": 1, "b": 2}.all($kv -> $kv.get(1) > 0)',
    ),
  ]),
  minted('values_null', 'null', [
    'n(null); n([null]);',
    checks(
      'n(null)',
      'n([null])',
      'null === null',
      'null == null',
      'null != null',
      'null == 0',
      'null == false',
      'null != "null"',
      'n($x), $x == null',
    ),
  ]),
  minted('values_strict_types', 'strict comparison of two types is an error', ['v(1);'], {
    equal: 'check if 1 === "1"; allow if true;',
    'not equal': 'check if 1 !== "1"; allow if true;',
    'null and integer': 'check if null === 1; allow if true;',
    'set and array': 'check if {1} === [1]; allow if true;',
    'boolean and integer': 'check if true === 1; allow if true;',
    lenient: 'check if 1 != "1", {1} != [1], true != 1, null != 1; allow if true;',
  }),
  minted('values_matching', 'what a predicate matches', [
    'p(1); p(1, 2); p("1"); p(2, 2); p([1, [2]]); p({"k": {1, 2}}); p({3, 4}); p(hex:01); p(true);',
    checks(
      'p($x, $x)',
      'p(1, $x), p($x, $x)',
      'p($x), $x == "1"',
      'p([1, [2]])',
      'p([1, 2])',
      'p({"k": {2, 1}})',
      'p({4, 3})',
      'p({3})',
      'p($x, $y, $z)',
      'p(true), p(hex:01)',
    ),
  ]),
  minted('values_nested', 'arrays inside arrays', [
    `deep(${nested(12)}); check if deep(${nested(12)}); check if deep(${nested(11)});`,
  ]),
  minted('values_version_of_arrays', 'arrays and maps that the reference writes as datalog 3.0', [
    'right([1]); right({"a": 1});',
    'check if right([1]), [1].get(0) === 1; check if {"a": 1}.get("a") === 1;',
  ]),
  forged('values_set_duplicates', 'equal items of a set on the wire are one', {
    blocks: [
      {
        data: block({
          facts: [
            predicate(
              DEFAULT_SYMBOL.right,
              term.set(term.integer(1), term.integer(2), term.integer(2)),
            ),
          ],
          checks: [
            check([
              {
                body: [predicate(DEFAULT_SYMBOL.right, term.set(term.integer(1), term.integer(2)))],
              },
            ]),
          ],
        }),
      },
    ],
  }),
  forged('values_variable_in_array', 'a variable inside an array matches nothing', {
    blocks: [
      {
        data: block({
          version: 6,
          symbols: ['x'],
          facts: [predicate(DEFAULT_SYMBOL.right, term.array(term.integer(1)))],
          checks: [
            check([
              { body: [predicate(DEFAULT_SYMBOL.right, term.array(term.variable(symbol(0))))] },
            ]),
            check([
              {
                body: [predicate(DEFAULT_SYMBOL.right, term.variable(symbol(0)))],
                expressions: [
                  [
                    op.value(term.variable(symbol(0))),
                    op.value(term.array(term.integer(1))),
                    op.binary(BINARY.equal),
                  ],
                ],
              },
            ]),
          ],
        }),
        signatureVersion: 1,
      },
    ],
  }),
];
