import { expect, test } from 'vitest';
import { callFacts, checkCall, parseConstraint } from '../../../../src/capability/index.ts';
import { AUDIENCE, appendSource, at, mintToken, must, opened } from '../../fixtures/issuer.ts';

const UNSUPPORTED = ['(?x)a', '\\p{Greek}', '[a&&b]', '\\b{start}a', '(?P<é>a)', '(?<\u{10940}>a)'];

const passes = async (source: string): Promise<boolean> => {
  const token = await opened(appendSource(mintToken(), source));
  const call = must(
    await checkCall({ tool: 'crm.search', action: 'read', dataset: ['crm/contacts/eu'] }),
  );
  const failed = token.failedChecks(callFacts(new Date(at(1)), AUDIENCE, call));
  return failed.ok && failed.value.length === 0;
};

test.each(UNSUPPORTED)(
  'a pattern that not every engine reads alike is refused at mint and denies at verify: %s',
  async (pattern) => {
    expect(parseConstraint({ matches: pattern }).ok).toBe(false);
    const text = JSON.stringify(pattern);
    // Whatever the answer would be used for: it denies, and does not count as one that matches not.
    expect(await passes(`check if "a".matches(${text})`)).toBe(false);
    expect(await passes(`check if !"a".matches(${text})`)).toBe(false);
    expect(await passes(`reject if "a".matches(${text})`)).toBe(false);
    expect(await passes('check if "a".matches("a")')).toBe(true);
  },
);
