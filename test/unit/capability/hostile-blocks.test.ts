import { describe, expect, test } from 'vitest';
import { callFacts, checkCall, openToken, trustIssuer } from '../../../src/capability/index.ts';
import {
  AUDIENCE,
  AUTHORITY,
  appendSource,
  at,
  issuerKey,
  mintToken,
  narrowed,
  opened,
  unordered,
  unwrap,
} from '../fixtures/issuer.ts';

/**
 * A holder appends facts, rules and permissive checks. None of them is read as authority, and none
 * of them cancels a check of another block.
 */
const HOSTILE: readonly (readonly [string, string])[] = [
  ['another issuer', 'issuer("https://evil.example")'],
  ['another workflow', 'workflow("wf_other")'],
  ['another subject', 'subject("user:root")'],
  ['a later generation', 'gen(99)'],
  ['a later time of issue', 'issued_at(2099-01-01T00:00:00Z)'],
  ['another audience', 'audience("https://other.example")'],
  ['another holder', `holder("${'b'.repeat(43)}")`],
  ['a larger grant', 'grant("crm.search", "delete", "crm")'],
  ['a grant of everything by a rule', 'grant($t, $a, $d) <- tool($t), action($a), dataset($d)'],
  ['a grant by a rule over authority facts', 'grant($t, "delete", $d) <- grant($t, "read", $d)'],
  ['a later expiry', 'check if time($t), $t < 2099-01-01T00:00:00Z'],
  ['a permissive check', 'check if true'],
  ['the facts of an allowed call', 'tool("crm.search"); dataset("crm/contacts/eu")'],
  ['a time of its own', 'time(2026-11-23T10:00:01Z)'],
];

const facts = async (dataset: string, seconds = 1) =>
  callFacts(
    new Date(at(seconds)),
    AUDIENCE,
    unwrap(await checkCall({ tool: 'crm.search', action: 'read', dataset: [dataset] })),
  );

describe('a holder who appends', () => {
  test.each(HOSTILE)('%s does not change the authority', async (_, source) => {
    const token = await opened(appendSource(mintToken(), source));
    expect(unordered(token.authority)).toEqual(unordered(AUTHORITY));
  });

  test.each(HOSTILE)('%s cancels no check of an earlier block', async (_, source) => {
    const cut = await narrowed(mintToken(), { dataset: 'crm/contacts/eu' });
    const token = await opened(appendSource(cut, source));
    expect(unwrap(token.failedChecks(await facts('crm/contacts/us')))).toMatchObject([
      { block: 1, facts: ['dataset'] },
    ]);
    expect(unwrap(token.failedChecks(await facts('crm/contacts/eu')))).toEqual([]);
  });

  test.each(HOSTILE)('%s does not extend the expiry', async (_, source) => {
    const token = await opened(appendSource(mintToken(), source));
    const failed = unwrap(token.failedChecks(await facts('crm/contacts/eu', 300)));
    expect(failed).toContainEqual(expect.objectContaining({ block: 0, facts: ['time'] }));
  });

  test('endless rules is stopped by a count, not by a clock', async () => {
    const source = [...Array(40).keys()].map((i) => `n(${i})`).join('; ');
    const token = appendSource(mintToken(), `${source}; p($a, $b, $c) <- n($a), n($b), n($c)`);
    const result = await openToken(token, trustIssuer([issuerKey]));
    const evaluated = result.ok ? result.value.failedChecks(await facts('crm/contacts')) : result;
    expect(evaluated).toMatchObject({ ok: false, error: { code: 'token_over_limit' } });
  });

  test('a check that fails with an error is denied', async () => {
    const token = await opened(appendSource(mintToken(), 'check if 1 / 0 == 1'));
    expect(token.failedChecks(await facts('crm/contacts'))).toMatchObject({
      ok: false,
      error: { code: 'token_execution' },
    });
  });
});
