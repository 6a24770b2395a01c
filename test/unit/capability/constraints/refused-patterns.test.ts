import { expect, test } from 'vitest';
import { callFacts, checkCall, parseConstraint } from '../../../../src/capability/index.ts';
import { AUDIENCE, appendSource, at, mintToken, opened, unwrap } from '../../fixtures/issuer.ts';

const UNSUPPORTED = ['(?x)a', '\\p{Greek}', '[a&&b]', '\\b{start}a', '(?P<é>a)', '(?<\u{10940}>a)'];

const passes = async (source: string): Promise<boolean> => {
  const token = await opened(appendSource(mintToken(), source));
  const call = unwrap(
    await checkCall({ tool: 'crm.search', action: 'read', dataset: ['crm/contacts/eu'] }),
  );
  const failed = token.failedChecks(callFacts(new Date(at(1)), AUDIENCE, call));
  return failed.ok && failed.value.length === 0;
};

test.each(UNSUPPORTED)(
  'a pattern that engines read differently is refused at mint and denied by the verifier: %s',
  async (pattern) => {
    expect(parseConstraint({ matches: pattern }).ok).toBe(false);
    const text = JSON.stringify(pattern);
    // An error denies in either case: it must not count as a pattern that does not match.
    expect(await passes(`check if "a".matches(${text})`)).toBe(false);
    expect(await passes(`check if !"a".matches(${text})`)).toBe(false);
    expect(await passes(`reject if "a".matches(${text})`)).toBe(false);
    expect(await passes('check if "a".matches("a")')).toBe(true);
  },
);
