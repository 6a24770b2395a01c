import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decide,
  describeWorld,
  evaluate,
  fact,
  integer,
  loadWorld,
  type PublicKey,
  parseRule,
  printFact,
  query,
  queryAll,
  string,
} from '../../../../src/biscuit/datalog/index.ts';
import { answer, good, inputOf, outcome } from './scene.ts';

const key = (byte: number, algorithm: PublicKey['algorithm'] = 'ed25519'): PublicKey => ({
  algorithm,
  bytes: new Uint8Array(algorithm === 'ed25519' ? 32 : 33).fill(byte),
});
const keyText = (byte: number) => `ed25519/${byte.toString(16).padStart(2, '0').repeat(32)}`;

describe('checks', () => {
  test('check if: one query that matches is enough', () => {
    expect(answer({ blocks: ['check if a(1) or b(1)'], facts: [fact('b', integer(1))] })).toBe(
      'allowed',
    );
    expect(answer({ blocks: ['check if a(1) or b(1)'] })).toBe('0/0');
  });

  test('check all: every match passes, and there is one', () => {
    const blocks = ['check all op($op), {"A", "B"}.contains($op)'];
    const ops = (...names: string[]) => names.map((name) => fact('op', string(name)));
    expect(answer({ blocks, facts: ops('A', 'B') })).toBe('allowed');
    expect(answer({ blocks, facts: ops('A', 'C') })).toBe('0/0');
    expect(answer({ blocks })).toBe('0/0');
  });

  test('reject if: any query that matches rejects', () => {
    const blocks = ['reject if r("1") or r("2")'];
    expect(answer({ blocks })).toBe('allowed');
    for (const name of ['1', '2'])
      expect(answer({ blocks, facts: [fact('r', string(name))] })).toBe('0/0');
  });

  test.each(['if', 'all', 'reject'] as const)('a check without a query fails: %s', (kind) => {
    const { authorizer } = inputOf({});
    const empty = { facts: [], rules: [], checks: [{ kind, queries: [] }], scopes: [] };
    const result = evaluate({ blocks: [{ block: empty }], authorizer });
    expect(result).toMatchObject({ ok: false, error: { code: 'unauthorized' } });
  });

  test('lists all failed checks, the authorizer first, then by block', () => {
    const blocks = [
      'check if true; check if a(0)',
      'check if a(1)',
      'check if a(2); check if true',
    ];
    const result = outcome({ blocks, authorizer: 'check if a(9); allow if true' });
    expect(result).toEqual({
      code: 'unauthorized',
      policy: { kind: 'allow', index: 0 },
      checks: [
        { origin: 'authorizer', checkId: 0, rule: 'check if a(9)' },
        { origin: 0, checkId: 1, rule: 'check if a(0)' },
        { origin: 1, checkId: 0, rule: 'check if a(1)' },
        { origin: 2, checkId: 0, rule: 'check if a(2)' },
      ],
    });
  });
});

describe('policies', () => {
  test('the first matching policy decides', () => {
    expect(outcome({ authorizer: 'deny if a(1); allow if true; deny if true' })).toBe(1);
    expect(outcome({ authorizer: 'deny if true; allow if true' })).toMatchObject({
      code: 'unauthorized',
      policy: { kind: 'deny', index: 0 },
      checks: [],
    });
  });

  test('denies if no policy matches, even if every check passes', () => {
    expect(outcome({ authorizer: 'allow if a(1)' })).toEqual({
      code: 'no_matching_policy',
      checks: [],
    });
    expect(outcome({ authorizer: '' })).toEqual({ code: 'no_matching_policy', checks: [] });
    expect(outcome({ authorizer: '', blocks: ['check if a(1)'] })).toMatchObject({
      code: 'no_matching_policy',
      checks: [{ origin: 0, checkId: 0 }],
    });
  });
});

describe('scopes', () => {
  const blocks = ['a(0)', 'a(1)', ['a(2)', key(2)], 'a(3)'] as const;
  const sees = (origin: string, check: string) => {
    const decided = answer({
      blocks: blocks.map((source, i) =>
        String(i) === origin ? `${source}; ${check}` : source,
      ) as never,
      authorizer: origin === 'authorizer' ? `a(9); ${check}; allow if true` : 'a(9); allow if true',
    });
    return decided === 'allowed';
  };
  const visible = (origin: string, scope: string) =>
    [0, 1, 2, 3, 9].filter((n) => sees(origin, `check if a(${n})${scope}`));

  test.each([
    ['authorizer', '', [0, 9]],
    ['authorizer', ' trusting previous', [9]],
    ['authorizer', ` trusting ${keyText(2)}`, [2, 9]],
    ['authorizer', ` trusting authority, ${keyText(2)}`, [0, 2, 9]],
    ['authorizer', ` trusting ${keyText(3)}`, [9]],
    ['0', '', [0, 9]],
    ['0', ' trusting previous', [0, 9]],
    ['1', '', [0, 1, 9]],
    ['1', ` trusting ${keyText(2)}`, [1, 2, 9]],
    ['3', '', [0, 3, 9]],
    ['3', ' trusting previous', [0, 1, 2, 3, 9]],
    ['3', ' trusting authority', [0, 3, 9]],
  ] as const)('a check of %s%s sees %j', (origin, scope, seen) => {
    expect(visible(origin, scope)).toEqual(seen);
  });

  test('a key of another algorithm with the same bytes is a different key', () => {
    const p256 = `secp256r1/${'02'.repeat(33)}`;
    expect(
      answer({ blocks: ['', ['a(2)', key(2)]], authorizer: `allow if a(2) trusting ${p256}` }),
    ).toBe('no_matching_policy');
  });

  test("a block's own scopes are the default of its rules and checks", () => {
    expect(answer({ blocks: ['', 'a(1)', 'trusting previous; check if a(1)'] })).toBe('allowed');
    const authorizer = 'trusting previous; a(9); check if a(0); allow if true';
    expect(answer({ blocks: ['a(0)'], authorizer })).toBe('authorizer/0');
  });

  test('a derived fact has the origins of all facts it was derived from', () => {
    const source = ['a(0)', 'b(1); c($x, $y) <- a($x), b($y)', 'check if c(0, 1)'];
    expect(answer({ blocks: source })).toBe('2/0');
    expect(answer({ blocks: [...source.slice(0, 2), 'check if c(0, 1) trusting previous'] })).toBe(
      'allowed',
    );
    const forged = ['allowed(1) <- user($u)', 'user("mallory")'];
    expect(answer({ blocks: forged, authorizer: 'allow if allowed(1)' })).toBe(
      'no_matching_policy',
    );
  });
});

describe('rules', () => {
  test('are applied until nothing new is derived', () => {
    const edges = Array.from({ length: 20 }, (_, i) => `edge(${i}, ${i + 1});`).join('');
    const rules = 'path($a, $b) <- edge($a, $b); path($a, $c) <- path($a, $b), edge($b, $c);';
    expect(answer({ blocks: [edges + rules], authorizer: 'allow if path(0, 20)' })).toBe('allowed');
  });

  test('with an unbound head variable are rejected, with the block named', () => {
    const { blocks, authorizer } = inputOf({ blocks: ['', 'a($x) <- b($x)'] });
    const [rule] = blocks[1]?.block.rules ?? [];
    const unbound = { ...rule, head: { name: 'a', terms: [{ kind: 'variable', value: 'y' }] } };
    const bad = { facts: [], rules: [unbound as never], checks: [], scopes: [] };
    expect(evaluate({ blocks: [{ block: bad }, { block: bad }], authorizer })).toEqual({
      ok: false,
      error: { code: 'rule_unbound', blockId: 0, rule: 'a($y) <- b($x)' },
    });
  });

  test('an error in a rule of an attenuation block denies the whole authorization', () => {
    expect(answer({ blocks: ['n(0)', 'x(1) <- n($n), 1 / $n > 0'] })).toBe('division_by_zero');
  });

  test('a fact with a variable in it matches nothing', () => {
    const { authorizer } = inputOf({ authorizer: 'allow if a($x) or a(1)' });
    const facts = [{ name: 'a', terms: [{ kind: 'variable', value: 'x' } as const] }];
    expect(evaluate({ blocks: [], authorizer, facts })).toMatchObject({ ok: false });
  });

  test('a variable that occurs twice must be the same value', () => {
    const blocks = ['a(1, 2); a(3, 3)'];
    expect(answer({ blocks, authorizer: 'allow if a($x, $x), $x === 3' })).toBe('allowed');
    expect(answer({ blocks, authorizer: 'allow if a($x, $x), $x === 1' })).toBe(
      'no_matching_policy',
    );
  });
});

test('an error in any combination denies, whatever the order of the facts', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 8 }), { minLength: 1 }),
      fc.constantFrom('allow if', 'deny if', 'check if', 'check all', 'reject if'),
      (numbers, word) => {
        const blocks = [numbers.map((n) => `n(${n});`).join('')];
        const statement = `${word} n($x), 10 / $x > 0`;
        const authorizer =
          word.endsWith('w if') || word === 'deny if' ? statement : `${statement}; allow if true`;
        const wanted = numbers.includes(0)
          ? 'division_by_zero'
          : word === 'deny if'
            ? 'unauthorized'
            : word === 'reject if'
              ? 'authorizer/0'
              : 'allowed';
        expect(answer({ blocks, authorizer })).toBe(wanted);
      },
    ),
  );
});

describe('queries', () => {
  const world = () =>
    good(
      loadWorld(
        inputOf({
          blocks: ['a(0); b($x) <- a($x)', 'a(1); a(0)'],
          authorizer: 'a(9); allow if true',
        }),
      ),
    );
  const rule = (text: string) => good(parseRule(text));
  const facts = (found: ReturnType<typeof query>) => good(found).map(printFact).sort();

  test('see the authorizer and the authority block', () => {
    expect(facts(query(world(), rule('f($x) <- a($x)')))).toEqual(['f(0)', 'f(9)']);
    expect(facts(query(world(), rule('f($x) <- b($x)')))).toEqual(['f(0)', 'f(9)']);
  });

  test('over all blocks see each fact once, unless the rule has scopes', () => {
    expect(facts(queryAll(world(), rule('f($x) <- a($x)')))).toEqual(['f(0)', 'f(1)', 'f(9)']);
    expect(facts(queryAll(world(), rule('f($x) <- a($x) trusting authority')))).toEqual([
      'f(0)',
      'f(9)',
    ]);
  });

  test('work after a refusal, and report their own errors', () => {
    const refused = good(
      loadWorld(inputOf({ blocks: ['a(1)'], authorizer: 'check if 1 / 0 === 1' })),
    );
    expect(decide(refused)).toMatchObject({ ok: false, error: { code: 'division_by_zero' } });
    expect(facts(query(refused, rule('f($x) <- a($x)')))).toEqual(['f(1)']);
    expect(query(refused, rule('f($x) <- a($x), $x + "" === ""'))).toMatchObject({
      ok: false,
      error: { code: 'type_invalid' },
    });
  });
});

test('the world is described with the origins of its facts', () => {
  const input = inputOf({
    blocks: ['a(0); b($x) <- a($x)', ['c($x) <- b($x); check if true', key(1)]],
    authorizer: 'a(9); allow if true',
  });
  const { world } = good(evaluate(input));
  const { facts, ...rest } = describeWorld(world);
  expect(new Map(facts.map(({ origin, facts: texts }) => [origin.join(), texts]))).toEqual(
    new Map([
      ['0', ['a(0)', 'b(0)']],
      ['0,1', ['c(0)']],
      ['authorizer', ['a(9)']],
      ['authorizer,0', ['b(9)']],
      ['authorizer,0,1', ['c(9)']],
    ]),
  );
  expect(rest).toEqual({
    rules: [
      { origin: 0, rules: ['b($x) <- a($x)'] },
      { origin: 1, rules: ['c($x) <- b($x)'] },
    ],
    checks: [{ origin: 1, checks: ['check if true'] }],
    policies: ['allow if true'],
  });
});
