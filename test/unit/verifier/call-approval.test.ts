import { describe, expect, test } from 'vitest';
import { openToken, trustIssuer } from '../../../src/capability/index.ts';
import type { ApprovalContext } from '../../../src/verifier/provenance/call-approval.ts';
import { findApproval } from '../../../src/verifier/provenance/call-approval.ts';
import {
  ARGUMENTS,
  approved,
  approver,
  PERSON,
  publicHexOf,
  stranger,
  VERSION,
  withApproval,
} from '../fixtures/approval.ts';
import { at, issuerKey, mintToken, narrowed, unwrap } from '../fixtures/issuer.ts';

/** What a verifier makes of the approvals in a token. */
const CALL = { tool: 'crm.update', dataset: ['crm/contacts/eu'], args: ARGUMENTS };
const KEY = {
  id: 1,
  public_key: await publicHexOf(approver),
  until: null,
  approver: 'https://issuer.example',
  datasets: null,
};
const CONTEXT: ApprovalContext = {
  keys: [KEY],
  feed: { find: () => undefined },
  now: at(1),
  tier: 3,
  spendsApprovals: true,
};
const step = await narrowed(mintToken(), { tool: 'crm.update', args: ARGUMENTS });
const one = await approved();
const token = await withApproval(step, [one]);

const find = async (
  text: string,
  context: Partial<ApprovalContext> = {},
  call: Partial<typeof CALL> = {},
) => {
  const opened = unwrap(await openToken(text, trustIssuer([issuerKey])));
  return findApproval(opened, { ...CALL, ...call }, { ...CONTEXT, ...context });
};

/** Finds the approval of the arguments in one text for a call with those in another. */
async function findFor(shown: string, sent: string) {
  const wide = await narrowed(mintToken(), { tool: 'crm.update' });
  const text = await withApproval(wide, [await approved({}, JSON.parse(shown))]);
  return find(text, {}, { args: JSON.parse(sent) });
}

describe('the approval of a call', () => {
  test('is found with who gave it, until when, and that it is good for one call', async () => {
    expect(await find(token)).toEqual({
      approval: {
        id: one.id,
        by: PERSON,
        version: VERSION,
        until: at(60) / 1000,
        once: true,
      },
      ignored: [],
    });
  });

  test('is found among those of a batch', async () => {
    const other = await approved({ id: `ap_${'b'.repeat(22)}` }, { amount: 1 });
    const batch = await withApproval(step, [other, one]);
    expect(await find(batch)).toMatchObject({ approval: { id: one.id } });
    expect(await find(batch, {}, { args: { amount: 1 } as never })).toMatchObject({
      approval: { id: other.id },
    });
  });

  test.each([
    ['other arguments', { args: { ...ARGUMENTS, amount: 121 } }],
    ['an argument more', { args: { ...ARGUMENTS, note: 'x' } }],
    ['an empty list', { args: { ...ARGUMENTS, to: [] } }],
    ['another tool', { tool: 'crm.search' }],
  ])('does not count for %s', async (_, call) => {
    expect(await find(token, {}, call)).toEqual({ ignored: ['approval_of_another_call'] });
  });

  test('counts for the same arguments in another order of their members', async () => {
    const { to, amount } = ARGUMENTS;
    expect(await find(token, {}, { args: { amount, to } })).toMatchObject({ ignored: [] });
  });

  // What a hijacked agent may try: each text is the arguments as it would send them.
  const SHOWN = '{"to":["ann@acme.example"],"amount":1,"note":"x"}';
  test.each([
    ['in another order', '{"note":"x","amount":1,"to":["ann@acme.example"]}'],
    ['with a number as 1.0', '{"to":["ann@acme.example"],"amount":1.0,"note":"x"}'],
    ['with a number as 1e0', '{"to":["ann@acme.example"],"amount":1e0,"note":"x"}'],
    ['with escapes', '{"to":["\\u0061nn@acme.example"],"amount":1,"no\\u0074e":"x"}'],
    ['with spaces between', ' { "to" : ["ann@acme.example"], "amount" : 1 , "note" : "x" } '],
  ])('counts for the same values written %s', async (_, sent) => {
    expect(await findFor(SHOWN, sent)).toMatchObject({ approval: { id: one.id } });
  });

  test.each([
    ['a number as a text', SHOWN.replace('1', '"1"')],
    ['another number', SHOWN.replace('1', '1.000001')],
    ['the same amount the other way', SHOWN.replace('1', '-1')],
    ['true for 1', SHOWN.replace('1', 'true')],
    ['null for a value', SHOWN.replace('"x"', 'null')],
    ['an empty text for a value', SHOWN.replace('"x"', '""')],
    ['no value', SHOWN.replace(',"note":"x"', '')],
    ['a value more that is null', SHOWN.replace('"x"', '"x","bcc":null')],
    ['a value more that is an empty list', SHOWN.replace('"x"', '"x","bcc":[]')],
    ['a text for a list of one', SHOWN.replace('["ann@acme.example"]', '"ann@acme.example"')],
    ['a list in a list', SHOWN.replace('["ann', '[["ann').replace('"]', '"]]')],
    ['a second recipient', SHOWN.replace('"]', '","eve@evil.example"]')],
    ['the same recipient twice', SHOWN.replace('"]', '","ann@acme.example"]')],
    ['a Cyrillic letter', SHOWN.replace('ann', '\u0430nn')],
    ['a full-width letter', SHOWN.replace('ann', '\uff41nn')],
    ['a combining accent', SHOWN.replace('ann', 'a\u0301nn')],
    ['a hidden character', SHOWN.replace('ann', 'ann\u200b')],
    ['another case', SHOWN.replace('ann', 'Ann')],
    ['a space after it', SHOWN.replace('example', 'example ')],
    ['a member named __proto__', SHOWN.replace('"x"', '"x","__proto__":{"to":["eve"]}')],
    ['a member of another case', SHOWN.replace('"to"', '"To"')],
    ['a member twice, of which readers take the last', SHOWN.replace('"x"', '"x","note":"y"')],
  ])('does not count for %s', async (_, sent) => {
    expect(sent).not.toBe(SHOWN);
    expect(await findFor(SHOWN, sent)).toEqual({ ignored: ['approval_of_another_call'] });
  });

  test('of two spellings of one letter counts for the one that the person saw', async () => {
    const [composed, combined] = ['{"to":["\u00e9"]}', '{"to":["e\u0301"]}'];
    expect(await findFor(composed, composed)).toMatchObject({ ignored: [] });
    expect(await findFor(composed, combined)).toEqual({ ignored: ['approval_of_another_call'] });
    expect(await findFor(combined, composed)).toEqual({ ignored: ['approval_of_another_call'] });
  });

  test('does not count if no head lists the key that signed it', async () => {
    const forged = await withApproval(step, [one], { key: stranger });
    expect(await find(forged)).toEqual({ ignored: ['approver_unknown'] });
    expect(await find(token, { keys: [] })).toEqual({ ignored: ['approver_unknown'] });
  });

  test('does not count from the time on until which its key was listed', async () => {
    const until = at(1) / 1000;
    expect(await find(token, { keys: [{ ...KEY, until }] })).toMatchObject({
      ignored: ['approver_unknown'],
    });
    expect(await find(token, { keys: [{ ...KEY, until: until + 1 }] })).toMatchObject({
      ignored: [],
    });
  });

  test('does not count on a dataset that its key may not approve', async () => {
    const limited = { keys: [{ ...KEY, datasets: ['crm/contacts'] }] };
    expect(await find(token, limited)).toMatchObject({ ignored: [] });
    expect(await find(token, limited, { dataset: ['crm/contacts/eu', 'hr'] })).toEqual({
      ignored: ['approver_dataset'],
    });
  });

  test('does not count if it would be valid for longer than any approval is', async () => {
    expect(await find(token, { now: at(-60) })).toMatchObject({ ignored: [] });
    expect(await find(token, { now: at(-61) })).toEqual({ ignored: ['approval_too_long'] });
  });

  test('does not count once the feed has its signature, however it was appended', async () => {
    const again = await withApproval(step, [one]);
    const asked: string[] = [];
    const feed: ApprovalContext['feed'] = {
      find: ({ blocks }) => {
        asked.push(...blocks);
        return { by: 'block', id: blocks[0] ?? '' };
      },
    };
    for (const text of [token, again]) {
      expect(await find(text, { feed })).toEqual({ ignored: ['approval_withdrawn'] });
    }
    expect(new Set(asked).size).toBe(1);
  });

  test('counts in no call of tier 3 where nothing counts calls', async () => {
    const offline = { spendsApprovals: false };
    expect(await find(token, { ...offline, tier: 3 })).toEqual({ ignored: ['approval_uncounted'] });
    for (const tier of [0, 1, 2] as const) {
      expect(await find(token, { ...offline, tier })).toMatchObject({ approval: { once: false } });
    }
  });

  test('says that it can be used until its end where calls are not charged', async () => {
    expect(await find(token, { tier: 1 })).toMatchObject({ approval: { once: false } });
    expect(await find(token, { tier: 2 })).toMatchObject({ approval: { once: true } });
  });

  test('counts if another block of the token does not fit', async () => {
    const both = await withApproval(await withApproval(step, [one], { key: stranger }), [one]);
    expect(await find(both)).toMatchObject({
      approval: { id: one.id },
      ignored: ['approver_unknown'],
    });
  });

  test('is not looked for in a token that no third party has signed', async () => {
    expect(await find(step)).toEqual({ ignored: [] });
  });
});
