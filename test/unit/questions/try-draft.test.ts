import { expect, test } from 'vitest';
import { tryDraft } from '../../../src/questions/index.ts';
import { AT, grant, mint, names, policyOf, refusal, seenOf } from './scene.ts';

/** What a draft of a policy would change for recorded requests. */
const READS = 'allow if tool("read"), under("files");';
const seen = seenOf(mint(), mint(), refusal({ grants: [grant('write', 'mail')] }));
const trying = (active: readonly string[], draft: readonly string[]) =>
  tryDraft(policyOf(...active), policyOf(...draft), seen.requests(), names);

test('the same policy changes nothing', () => {
  expect(trying([READS], [READS])).toEqual({
    requests: 3,
    unchanged: 3,
    unreproducible: 0,
    changed: [],
    isComplete: true,
  });
});

test('a grant that a draft refuses closes, for all requests with the same change', () => {
  const { changed, unchanged } = trying([READS], [READS, 'deny if under("files/reports");']);
  expect(unchanged).toBe(1);
  expect(changed).toMatchObject([
    {
      opens: false,
      count: 2,
      was: { outcome: { verdict: 'granted', rule: 'test.datalog:2' } },
      now: { outcome: { verdict: 'denied', rule: 'test.datalog:3' } },
      example: { at: seen.requests().find(({ count }) => count === 2)?.at },
    },
  ]);
});

test('a grant that a draft gives opens, and comes first', () => {
  const { changed } = trying([READS], ['allow if tool("write");']);
  expect(changed.map(({ opens, count }) => [opens, count])).toEqual([
    [true, 1],
    [false, 2],
  ]);
});

test.each([
  ['a longer lifetime', READS, 'max_lifetime(10);', READS, '', true],
  ['a shorter lifetime', READS, '', READS, 'max_lifetime(10);', false],
  ['an approval that is needed', READS, '', READS, 'approval(true);', false],
  ['an approval that is not needed', READS, 'approval(true);', READS, '', true],
  ['a constraint more', READS, '', READS, 'require_constraint("/path", {"exact": "a"});', false],
  ['a constraint less', READS, 'require_constraint("/path", {"exact": "a"});', READS, '', true],
])('%s is a change of the terms', (_, activeRule, activeTerm, draftRule, draftTerm, opens) => {
  const effect = tryDraft(
    policyOf(activeRule, activeTerm),
    policyOf(draftRule, draftTerm),
    seenOf(mint()).requests(),
    names,
  );
  expect(effect.changed).toMatchObject([{ opens, count: 1 }]);
});

test('a difference that claims could explain is counted and not listed', () => {
  const claims = 'allow if tool("read"), user_claim("groups", "finance");';
  expect(trying([claims], [READS])).toMatchObject({ unreproducible: 2, changed: [] });
  const helper = 'finance(true) <- user_claim("groups", "finance");';
  expect(trying([helper, 'allow if finance(true);'], [READS])).toMatchObject({
    unreproducible: 2,
  });
});

test('a request of an issuer that is no longer configured is counted and not compared', () => {
  const foreign = seenOf(mint({ agent: 'https://gone.example#agent' }));
  const effect = tryDraft(policyOf(READS), policyOf(READS), foreign.requests(), names);
  expect(effect).toMatchObject({ requests: 0, unreproducible: 1 });
});

test('the decisions of one answer are bounded', () => {
  const many = seenOf();
  const grants = Array.from({ length: 10 }, (_, n) => grant('read', `files/${n}`));
  for (let n = 0; n < 210; n++) many.take(mint({ task: `task ${n}`, at: AT + n, grants }));
  const effect = tryDraft(policyOf(READS), policyOf(READS), many.requests(), names);
  expect(effect).toMatchObject({ requests: 200, unchanged: 200, isComplete: false });
});
