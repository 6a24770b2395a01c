/** Whose facts a rule, a check or a policy sees. */
import { ALICE, BOB, by, CAROL, minted, type VectorCase } from './case.ts';

export const SCOPES: readonly VectorCase[] = [
  minted('scope_previous', 'a check that trusts the previous blocks', [
    'a(0);',
    'b(1);',
    'check if a($x), b($y) trusting previous; check if b(1);',
  ]),
  minted('scope_previous_not_later', 'previous does not reach the blocks that follow', [
    'a(0);',
    'check if c($x) trusting previous;',
    'c(2);',
  ]),
  minted('scope_key_without_authority', 'trusting a key alone leaves the authority block out', [
    `a(0); check if b(1) trusting ${ALICE.key}; check if a(0), b(1) trusting ${ALICE.key};`,
    by(ALICE, 'b(1);'),
    `check if a(0) trusting ${ALICE.key}; check if a(0) trusting authority, ${ALICE.key};`,
  ]),
  minted('scope_two_keys', 'a query that needs facts of two third parties', [
    `check if a(1), b(2) trusting ${ALICE.key}, ${BOB.key};
     check if a(1), b(2) trusting ${ALICE.key};
     check if a(1) trusting ${BOB.key};`,
    by(ALICE, 'a(1);'),
    by(BOB, 'b(2);'),
  ]),
  minted('scope_one_key_two_blocks', 'a key stands for every block that it signed', [
    `check if a(1), b(2) trusting ${ALICE.key};`,
    by(ALICE, 'a(1);'),
    'nothing(0);',
    by(ALICE, 'b(2);'),
  ]),
  minted('scope_unknown_key', 'a key that signed no block adds nothing', [
    `a(0); check if true trusting ${BOB.key}; check if a(0) trusting ${BOB.key};`,
    by(ALICE, 'b(1);'),
  ]),
  minted('scope_of_block', 'the scope of a block is the default of its rules and checks', [
    'a(0);',
    'b(1);',
    `trusting previous;
     c($x, $y) <- a($x), b($y);
     check if b(1);
     check if c(0, 1);
     check if b(1) trusting authority;`,
  ]),
  minted(
    'scope_of_block_key',
    'a key as the scope of a block, and rules with scopes of their own',
    [
      'a(0);',
      by(ALICE, 'b(1);'),
      `trusting ${ALICE.key};
     check if b(1);
     check if a(0);
     check if a(0) trusting authority;
     d($x) <- a($x), b($y) trusting authority, ${ALICE.key};
     check if d(0);`,
    ],
  ),
  minted(
    'scope_origins_of_derived',
    'a derived fact comes from its rule and from all that it matched',
    [
      'a(0); ad($x, $y) <- a($x), ambient($y);',
      'b(1); bd($x, $y, $z) <- a($x), ambient($y), b($z); bb($x) <- ad($x, $y);',
      'check if bd($x, $y, $z) trusting previous; check if bd($x, $y, $z); check if ad(0, 9);',
    ],
    { '': 'ambient(9); allow if ad(0, 9);', 'not widened': 'ambient(9); allow if bd(0, 9, 1);' },
  ),
  minted(
    'scope_same_fact_many_origins',
    'one fact of several origins is several entries',
    ['f(1); g($x) <- f($x);', 'f(1); g($x) <- f($x);', 'check if g(1);'],
    { '': 'f(1); g($x) <- f($x); allow if g(1);' },
  ),
  minted(
    'scope_authorizer_rules',
    'a rule of the authorizer sees a third party only by its key',
    ['a(0);', by(ALICE, 'b(1);')],
    {
      trusting: `seen($x) <- b($x) trusting ${ALICE.key};
        check if seen(1) trusting ${ALICE.key};
        allow if b(1), seen(1) trusting ${ALICE.key};`,
      'not trusting': 'seen($x) <- b($x); allow if seen(1);',
      'the policy does not trust what the rule did': `seen($x) <- b($x) trusting ${ALICE.key};
        allow if seen(1);`,
    },
  ),
  minted(
    'scope_holder_facts_ignored',
    'facts and rules of a holder change nothing for the authorizer',
    ['right("file1", "read");', 'right("file2", "read"); right($f, "read") <- resource($f);'],
    {
      granted: 'resource("file1"); allow if resource($f), right($f, "read");',
      widened: 'resource("file2"); allow if resource($f), right($f, "read");',
    },
  ),
  minted('scope_third_party_trusts_third_party', 'third parties that trust each other', [
    `check if both(1, 2) trusting ${BOB.key};
     check if both(1, 2) trusting ${ALICE.key}, ${BOB.key};`,
    by(ALICE, 'a(1);'),
    by(BOB, `b(2); both($x, $y) <- a($x), b($y) trusting ${ALICE.key};`),
  ]),
  minted('scope_third_party_previous', 'previous of a third-party block', [
    'a(0);',
    'b(1);',
    by(ALICE, 'check if a(0), b(1) trusting previous; check if b(1);'),
    by(BOB, `check if b(1) trusting previous; check if c(2) trusting previous;`),
  ]),
  minted('scope_previous_and_key', 'scopes add up', [
    'a(0);',
    'b(1);',
    `check if b(1), c(2) trusting previous, ${ALICE.key};
     check if a(0), c(2) trusting authority, ${ALICE.key};
     check if b(1), c(2) trusting authority, ${ALICE.key};`,
    by(ALICE, 'c(2);'),
  ]),
  minted(
    'scope_three_third_parties',
    'three third parties, one of them with a P-256 key',
    [
      `check if a(1), b(2), c(3) trusting ${ALICE.key}, ${BOB.key}, ${CAROL.key};`,
      by(ALICE, 'a(1);'),
      by(BOB, 'b(2);'),
      by(CAROL, 'c(3);'),
    ],
    {
      '': 'allow if true;',
      policy: `deny if a(1); allow if a(1), c(3) trusting ${CAROL.key}, ${ALICE.key};`,
    },
  ),
];
