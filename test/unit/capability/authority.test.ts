import { describe, expect, test } from 'vitest';
import {
  type Authority,
  openToken,
  trustIssuer,
  writeAuthority,
} from '../../../src/capability/index.ts';
import {
  AUTHORITY,
  AUTHORITY_LINES,
  at,
  issuerKey,
  mintSource,
  mintToken,
  opened,
  printBlock,
  unordered,
  unwrap,
} from '../fixtures/issuer.ts';

const openLines = (lines: readonly string[]) =>
  openToken(mintSource(`${lines.join(';\n')};`), trustIssuer([issuerKey]));
const without = (fact: string) => AUTHORITY_LINES.filter((line) => !line.startsWith(`${fact}(`));
const write = (changes: Partial<Authority>, seconds = 300) =>
  writeAuthority({ ...AUTHORITY, ...changes }, new Date(at(seconds)));

describe('a minted authority', () => {
  test('is read back completely', async () => {
    const holder = 'a'.repeat(43);
    const catalogue = 'a1'.repeat(32);
    const ancestors = ['wf_root', 'wf_parent'];
    const authority = { ...AUTHORITY, ancestors, holder, catalogue, gen: 3 };
    const token = await opened(mintToken(authority));
    expect(unordered(token.authority)).toEqual(unordered(authority));
    expect(token.revocationIds).toEqual([expect.stringMatching(/^[0-9a-f]{128}$/)]);
  });

  test('is written as one fact for each member', () => {
    const printed = printBlock(mintToken(), 0);
    for (const line of AUTHORITY_LINES) expect(printed).toContain(`${line};\n`);
  });

  test('keeps names that look like Datalog as names', async () => {
    const tool = 'x"); allow if true; //';
    const grants = [{ tool, action: 'read', dataset: 'crm' }] as const;
    const token = await opened(mintToken({ grants, task: tool, owner: tool }));
    expect(token.authority).toMatchObject({ grants, task: tool, owner: tool });
  });
});

describe('an authority block', () => {
  test('may have facts that this version does not know', async () => {
    // A verifier of 0.2.0 accepts the fact `catalogue` in the same way.
    const later = await openLines([...AUTHORITY_LINES, 'later("a", hex:a1, 7)']);
    expect(later).toMatchObject({ ok: true });
  });

  const single = ['issuer', 'workflow', 'agent', 'subject', 'owner', 'task', 'audience'];

  test.each([...single, 'gen', 'issued_at'])('without %s is refused', async (fact) => {
    expect(await openLines(without(fact))).toMatchObject({
      ok: false,
      error: { code: 'authority_invalid', fact },
    });
  });

  test.each([...single, 'gen', 'issued_at', 'holder', 'ancestor', 'shard', 'catalogue', 'grant'])(
    'with a %s of a wrong number of terms is refused, and not read as if it were missing',
    async (fact) => {
      const odd = `${fact}("a", "b", "c", "d")`;
      expect(await openLines([...AUTHORITY_LINES, odd])).toMatchObject({
        ok: false,
        error: { code: 'authority_invalid', fact },
      });
    },
  );

  test.each(single)('with two %s facts is refused', async (fact) => {
    expect(await openLines([...AUTHORITY_LINES, `${fact}("other")`])).toMatchObject({
      error: { code: 'authority_invalid', fact },
    });
  });

  test.each([
    ['gen', 'gen(2)'],
    ['issued_at', 'issued_at(2027-01-01T00:00:00Z)'],
  ])('with a second %s is refused', async (fact, line) => {
    const two = await openLines([...AUTHORITY_LINES, line]);
    expect(two).toMatchObject({ error: { fact } });
  });

  test.each([
    ['holder', `holder("${'a'.repeat(43)}")`, `holder("${'b'.repeat(43)}")`],
    ['shard', 'shard(1)', 'shard(2)'],
    ['catalogue', `catalogue(hex:${'a1'.repeat(32)})`, `catalogue(hex:${'b2'.repeat(32)})`],
  ])('with two %s facts is refused, and not read as if it had none', async (fact, one, other) => {
    expect(await openLines([...AUTHORITY_LINES, one, other])).toMatchObject({
      ok: false,
      error: { code: 'authority_invalid', fact },
    });
    expect(await openLines([...AUTHORITY_LINES, one])).toMatchObject({ ok: true });
  });

  test.each([
    ['workflow', 'workflow(7)'],
    ['catalogue', 'catalogue("a1")'],
    ['catalogue', 'catalogue(hex:a1)'],
    ['catalogue', `catalogue("${'a1'.repeat(32)}")`],
    ['gen', 'gen("1")'],
    ['gen', 'gen(0)'],
    ['gen', 'gen(-1)'],
    ['gen', 'gen(9223372036854775807)'],
    ['issued_at', 'issued_at("2026-11-23T10:00:00Z")'],
    ['issued_at', 'issued_at(1)'],
    ['audience', 'audience("not a URL")'],
    ['grant', 'grant(1, "read", "crm")'],
    ['grant', 'grant("crm.search", "read", true)'],
  ])('with a %s of the wrong type is refused: %s', async (fact, line) => {
    expect(await openLines([...without(fact), line])).toMatchObject({
      error: { code: 'authority_invalid', fact },
    });
  });

  test.each([
    ['an ancestor that is a number', 'ancestor(5)', 'ancestor'],
    ['a holder that is a number', 'holder(5)', 'holder'],
    ['a holder that is not a thumbprint', 'holder("me")', 'holder'],
    ['a grant of an unknown action', 'grant("crm.search", "admin", "crm")', 'action'],
    ['a grant of an invalid dataset', 'grant("crm.search", "read", "../etc")', 'dataset'],
  ])('with %s is refused', async (_, line, fact) => {
    expect(await openLines([...AUTHORITY_LINES, line])).toMatchObject({
      error: { code: 'authority_invalid', fact },
    });
  });

  test('without a grant is refused', async () => {
    expect(await openLines(without('grant'))).toMatchObject({ error: { fact: 'grant' } });
  });
});

describe('the issuer refuses to write', () => {
  test.each([0, -1, 3_601, Number.NaN])('a lifetime of %d s', (seconds) => {
    expect(write({}, seconds)).toMatchObject({ ok: false, error: { fact: 'time' } });
  });

  test('but not a lifetime of one hour', () => expect(write({}, 3_600).ok).toBe(true));

  test.each([
    ['issuer', { issuer: '' }],
    ['workflow', { workflow: 'w'.repeat(65) }],
    ['workflow', { workflow: 'wf\n1' }],
    ['ancestor', { ancestors: ['w'.repeat(65)] }],
    ['ancestor', { ancestors: Array(9).fill('wf') }],
    ['agent', { agent: 'a'.repeat(2_049) }],
    ['subject', { subject: 'user:\u200Balice' }],
    ['owner', { owner: 'team\uD800' }],
    ['task', { task: 'é'.repeat(129) }],
    ['gen', { gen: 1.5 }],
    ['issued_at', { issuedAt: new Date(Number.NaN) }],
    ['issued_at', { issuedAt: new Date(8.64e15) }],
    ['holder', { holder: 'a'.repeat(42) }],
  ] satisfies [string, Partial<Authority>][])('an invalid %s: %j', (fact, changes) => {
    expect(write(changes)).toMatchObject({ error: { code: 'authority_invalid', fact } });
  });

  test('more than 32 grants', () => {
    const grants = (count: number) =>
      Array.from({ length: count }, (_, i) => ({
        ...({ tool: `tool.${i}`, action: 'write', dataset: 'crm' } as const),
      }));
    expect(write({ grants: grants(33) })).toMatchObject({ error: { code: 'grants_count' } });
    expect(unwrap(write({ grants: grants(32) })).source).not.toBe('');
  });
});
