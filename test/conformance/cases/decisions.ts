/** Checks, policies and rules: what is decided, in which order, and how it is reported. */
import {
  block,
  CHECK_KIND,
  check,
  DEFAULT_SYMBOL,
  predicate,
  rule,
  symbol,
  term,
} from '../../forge/index.ts';
import { ALLOW, forged, minted, type VectorCase } from './case.ts';

const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

/**
 * Rules that follow from one another: one round for each of `steps`, with little work per round.
 */
const chain = (steps: number): string =>
  `r0(1); ${lines(steps, (i) => `r${i + 1}($x) <- r${i}($x);`)}`;

export const DECISIONS: readonly VectorCase[] = [
  minted('policies', 'policies are tried in order', ['right("read"); role("admin");'], {
    'no policy': '',
    'none matches': 'allow if right("write"); deny if right("delete");',
    'second allows': 'allow if right("write"); allow if right("read");',
    'deny comes first': 'deny if role("admin"); allow if true;',
    'allow comes first': 'allow if role("admin"); deny if true;',
    'third denies': 'allow if false; deny if false; deny if true; allow if true;',
    'one of several queries': 'allow if right("write") or right("read") or right("delete");',
    'no query of several': 'allow if right("write") or right("delete"); deny if true;',
  }),
  minted(
    'policies_and_checks',
    'policies are evaluated also where checks failed',
    ['check if operation("read");', 'check if resource("file1"); check if resource("file2");'],
    {
      'all fail, allowed': 'allow if true;',
      'all fail, denied': 'check if false; deny if true;',
      'all fail, no policy': 'check if false;',
      'all fail, none matches': 'check if true; check if resource("x"); allow if resource("x");',
      'some pass': 'operation("read"); resource("file2"); allow if true;',
      'all pass': 'operation("read"); resource("file1"); resource("file2"); allow if true;',
      'all pass, denied': 'operation("read"); resource("file1"); resource("file2"); deny if true;',
      'all pass, no policy': 'operation("read"); resource("file1"); resource("file2");',
    },
  ),
  minted(
    'check_if_or',
    'alternatives of a check',
    [
      'check if resource("a") or resource("b") or resource("c");',
      'check if operation($o), $o === "x" or operation($o), $o === "y";',
    ],
    {
      first: 'resource("a"); operation("x"); allow if true;',
      last: 'resource("c"); operation("y"); allow if true;',
      none: 'resource("d"); operation("z"); allow if true;',
    },
  ),
  minted(
    'check_all',
    'check all needs a match, and every match to pass',
    [
      'check all operation($o), {"read", "list"}.contains($o);',
      'check all resource($r), operation($o), $r.starts_with("/a/") && $o !== "delete";',
    ],
    {
      'one passes': 'operation("read"); resource("/a/1"); allow if true;',
      'all pass': 'operation("read"); operation("list"); resource("/a/1"); allow if true;',
      'one of several fails':
        'operation("read"); operation("delete"); resource("/a/1"); allow if true;',
      'a product fails': 'operation("read"); resource("/a/1"); resource("/b"); allow if true;',
      'nothing matches': 'allow if true;',
      'in the authorizer': `operation("read"); resource("/a/1");
        check all resource($r), $r === "/a/1"; check all absent($r); allow if true;`,
      alternatives: `operation("read"); resource("/a/1"); resource("/a/2");
        check all resource($r), $r === "/a/1" or resource($r), $r.starts_with("/a/");
        allow if true;`,
    },
  ),
  minted(
    'reject_if',
    'reject if, one query each',
    ['reject if operation("delete");', 'reject if resource($r), $r.starts_with("/secret");'],
    {
      'nothing matches': 'operation("read"); resource("/a"); allow if true;',
      'no facts': 'allow if true;',
      'authority rejects': 'operation("delete"); resource("/a"); allow if true;',
      'both reject': 'operation("delete"); resource("/secret/1"); allow if true;',
      'one of several resources': 'resource("/a"); resource("/secret/1"); allow if true;',
      'in the authorizer': 'resource("/a"); reject if resource("/a"); allow if true;',
      always: 'reject if true; allow if true;',
      never: 'reject if false; allow if true;',
    },
  ),
  minted('rules_recursive', 'a transitive closure', [
    `parent("a", "b"); parent("b", "c"); parent("c", "d"); parent("d", "e"); parent("e", "a");
     ancestor($x, $y) <- parent($x, $y);
     ancestor($x, $z) <- parent($x, $y), ancestor($y, $z);`,
    'check if ancestor("a", "e"); check if ancestor("e", "e"); check if ancestor("a", "x");',
  ]),
  minted('rules_constants', 'constants and expressions in rules', [
    'n(1); n(2); n(3);',
    `big($x, "big") <- n($x), $x > 1; any(true) <- n($x); none(1) <- n($x), $x > 9;
     pair($x, $y) <- n($x), n($y), $x + $y === 4;
     check if big(3, "big"); check if any(true); check if none(1); check if pair(2, 2);
     check if pair(1, $y), $y === 3;`,
  ]),
  minted('rules_no_body_facts', 'a rule whose body is an expression', [
    'always(1) <- true; never(1) <- false; check if always(1); check if never(1);',
  ]),
  minted(
    'rules_errors',
    'an error in a rule ends the authorization',
    ['n(0); n(1);', 'q($x) <- n($x), 1 / $x > 0;'],
    { ...ALLOW, 'even with a denial': 'deny if true;' },
  ),
  minted(
    'checks_errors',
    'an error in a check of a holder ends the authorization',
    ['n(0);', 'check if n($x), 1 / $x > 0;'],
    { ...ALLOW, denied: 'deny if true;', 'no policy': '' },
  ),
  minted('iterations_ok', 'ninety-nine rounds', [chain(99), 'check if r99(1);'], {
    '': 'allow if r99(1);',
  }),
  minted('iterations_too_many', 'a hundred rounds', [chain(100)], { '': 'allow if r100(1);' }),
  minted('facts_just_few_enough', 'one derived fact, 999 in all', [
    `${lines(998, (i) => `n(${i});`)} p($x) <- n($x), $x === 0;`,
  ]),
  minted('facts_many', 'a product that stays below', [
    `${lines(30, (i) => `n(${i});`)} p($x, $y) <- n($x), n($y);`,
    'check if p(29, 29);',
  ]),
  minted(
    'blocks_many',
    'twelve blocks',
    [
      'right("read");',
      ...Array.from({ length: 11 }, (_, i) => `block(${i + 1}); check if resource("r${i % 3}");`),
    ] as [string, ...string[]],
    {
      'all resources': 'resource("r0"); resource("r1"); resource("r2"); allow if right("read");',
      'one missing': 'resource("r0"); resource("r2"); allow if right("read");',
    },
  ),
  minted(
    'facts_repeated',
    'a fact that is given twice is one',
    ['a(1); a(1); a(1);', 'a(1); a(1); check if a(1);'],
    { '': 'a(1); a(1); allow if a(1);' },
  ),
  minted('empty', 'a token that says nothing', [''], { ...ALLOW, denied: 'deny if true;' }),
  minted('empty_blocks', 'blocks that say nothing', ['a(1);', '', '']),
  forged('rule_unbound', 'a variable of the head that no predicate binds', {
    blocks: [
      {
        data: block({
          symbols: ['x', 'y'],
          rules: [
            rule(predicate(DEFAULT_SYMBOL.right, term.variable(symbol(0))), {
              body: [predicate(DEFAULT_SYMBOL.read, term.variable(symbol(1)))],
            }),
          ],
        }),
      },
    ],
  }),
  forged('rule_unbound_in_array', 'a variable inside an array binds nothing', {
    blocks: [
      {
        data: block({
          version: 6,
          symbols: ['x'],
          rules: [
            rule(predicate(DEFAULT_SYMBOL.right, term.variable(symbol(0))), {
              body: [predicate(DEFAULT_SYMBOL.read, term.array(term.variable(symbol(0))))],
            }),
          ],
        }),
        signatureVersion: 1,
      },
    ],
  }),
  forged('check_without_queries', 'a check of no queries fails, whatever its kind', {
    blocks: [
      {
        data: block({
          version: 6,
          checks: [
            check([], CHECK_KIND.if),
            check([], CHECK_KIND.all),
            check([], CHECK_KIND.reject),
          ],
        }),
        signatureVersion: 1,
      },
    ],
  }),
];
