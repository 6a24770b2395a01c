import { describe, expect, test } from 'vitest';
import {
  authorizeChecks,
  createChainCache,
  parseAuthorizer,
  verifyToken,
} from '../../../../src/biscuit/index.ts';
import { good } from '../answers.ts';
import { allow, root, tokenOf } from './scene.ts';

const PLAIN = 'name("abc")';

const CALLS = [
  ['a check of the authority block', [`${PLAIN}; check if name($n), $n.matches("^a")`]],
  ['a check of a later block', [PLAIN, 'check if name($n), $n.matches("^a")']],
  ['the second query of a check', [PLAIN, 'check if false or name($n), $n.matches("^a")']],
  ['a rule', [`${PLAIN}; is_a($n) <- name($n), $n.matches("^a"); check if is_a($n)`]],
  ['a closure', [PLAIN, 'check if name($n), ["^a"].all($p -> $n.matches($p))']],
  [
    'a closure in a closure',
    [PLAIN, 'check if name($n), [["^a"]].any($l -> $l.any($p -> $n.matches($p)))'],
  ],
] as const;

describe.each(CALLS)('where %s calls `matches`', (_, blocks) => {
  const [authority, ...later] = blocks;

  test('the regex engine is loaded with the token, and decides', async () => {
    const token = good(await verifyToken(await tokenOf(authority, ...later), root.publicKey));
    expect(token.regex).toBeDefined();
    expect(good(authorizeChecks(token, allow)).policyIndex).toBe(0);
  });

  test('a text that does not match is denied', async () => {
    const [other = '', ...rest] = blocks.map((source) => source.replace('"abc"', '"xbc"'));
    const token = good(await verifyToken(await tokenOf(other, ...rest), root.publicKey));
    expect(authorizeChecks(token, allow)).toMatchObject({ error: { code: 'unauthorized' } });
  });
});

test('a token without `matches` is verified without the regex engine', async () => {
  const token = await tokenOf(PLAIN, 'check if name($n), $n.starts_with("a")');
  const verified = good(await verifyToken(token, root.publicKey));
  expect(verified.regex).toBeUndefined();
  expect(authorizeChecks(verified, allow).ok).toBe(true);
});

test('a cached chain brings the regex engine to a token whose last block does not need it', async () => {
  const cache = createChainCache();
  const blocks = [`${PLAIN}; check if name($n), $n.matches("^a")`, 'check if true'] as const;
  for (let time = 0; time < 3; time++) {
    const token = good(await verifyToken(await tokenOf(...blocks), root.publicKey, { cache }));
    expect(good(authorizeChecks(token, allow)).policyIndex).toBe(0);
  }
});

test('without the regex engine `matches` is an error and never false', async () => {
  const token = good(await verifyToken(await tokenOf(PLAIN), root.publicKey));
  const authorizer = good(parseAuthorizer('allow if !"abc".matches("x"); allow if true;'));
  expect(authorizeChecks(token, { authorizer })).toMatchObject({
    error: { code: 'regex_unsupported', detail: 'not loaded' },
  });
});
