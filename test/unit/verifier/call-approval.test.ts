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
    ['a list in another order of its elements', { args: { ...ARGUMENTS, to: [] } }],
    ['another tool', { tool: 'crm.search' }],
  ])('does not count for %s', async (_, call) => {
    expect(await find(token, {}, call)).toEqual({ ignored: ['approval_of_another_call'] });
  });

  test('counts for the same arguments in another order of their members', async () => {
    const { to, amount } = ARGUMENTS;
    expect(await find(token, {}, { args: { amount, to } })).toMatchObject({ ignored: [] });
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
