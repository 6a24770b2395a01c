import { describe, expect, test } from 'vitest';
import {
  appendThirdPartyBlock,
  createThirdPartyRequest,
  parseBlock,
  parseToken,
  signThirdPartyBlock,
} from '../../../src/biscuit/index.ts';
import {
  type ApprovedCall,
  appendApproval,
  approveCalls,
  readApprovals,
} from '../../../src/capability/index.ts';
import { APPROVED_CALL_SECONDS_MAX, APPROVED_CALLS_MAX } from '../../../src/limits.ts';
import {
  approved,
  approver,
  PERSON,
  signedFor,
  VERSION,
  withApproval,
} from '../fixtures/approval.ts';
import { appendSource, at, mintToken, narrowed, opened, unwrap } from '../fixtures/issuer.ts';

/** The block that approves single calls: how it is built, bound to one token and read. */
const token = mintToken();
const step = await narrowed(token, { tool: 'crm.update', args: { amount: 120 } });
const one = await approved();
const many = (count: number): Promise<readonly ApprovedCall[]> =>
  Promise.all(
    Array.from({ length: count }, (_, n) => approved({ id: `ap_${String(n).padStart(22, 'x')}` })),
  );
const readOf = async (text: string) => readApprovals((await opened(text)).signedBlocks);

/** A block of arbitrary Datalog that the approver has signed. */
async function signedSource(source: string): Promise<string> {
  const parsed = unwrap(parseToken(step));
  const request = unwrap(createThirdPartyRequest(parsed));
  const contents = await signThirdPartyBlock(request, approver, unwrap(parseBlock(source)));
  return unwrap(await appendThirdPartyBlock(parsed, unwrap(contents))).text;
}

describe('an approval of calls', () => {
  test('says which calls, who approved them, under which version and until when', async () => {
    const [block, ...others] = await readOf(await withApproval(step, [one]));
    expect(others).toEqual([]);
    expect(block).toMatchObject({ calls: [one], until: at(60) / 1000 });
    expect(block?.signature).toMatch(/^[0-9a-f]{128}$/);
  });

  test('is read in a token that was narrowed after it', async () => {
    const narrower = await narrowed(await withApproval(step, [one]), { action: 'write' });
    expect(await readOf(narrower)).toMatchObject([{ calls: [one] }]);
  });

  test('has the same signature however often it is appended', async () => {
    const signed = await signedFor(step, [one]);
    const [first, second] = [
      unwrap(await appendApproval(step, signed)),
      unwrap(await appendApproval(step, signed)),
    ];
    expect(first).not.toBe(second);
    expect((await readOf(first))[0]?.signature).toBe((await readOf(second))[0]?.signature);
  });

  test('fits no token but the one that it was signed for', async () => {
    const signed = await signedFor(step, [one]);
    const sibling = await narrowed(token, { tool: 'crm.update', args: { amount: 120 } });
    for (const other of [token, sibling, await narrowed(step, { action: 'write' })]) {
      expect(await appendApproval(other, signed)).toMatchObject({
        ok: false,
        error: { code: 'signature_invalid', why: 'external_signature_invalid' },
      });
    }
  });

  test('is refused if one byte of it differs', async () => {
    const contents = await signedFor(step, [one]);
    for (let index = 4; index < contents.length; index += 37) {
      const letter = contents[index] === 'A' ? 'B' : 'A';
      const altered = contents.slice(0, index) + letter + contents.slice(index + 1);
      expect(await appendApproval(step, altered), String(index)).toMatchObject({ ok: false });
    }
  });

  test('of 32 calls is one block, and of 33 is refused', async () => {
    const calls = await many(APPROVED_CALLS_MAX);
    expect((await readOf(await withApproval(step, calls)))[0]?.calls).toHaveLength(32);
    const tooMany = await many(APPROVED_CALLS_MAX + 1);
    const until = { until: new Date(at(60)), now: new Date(at(0)) };
    expect(await approveCalls(step, approver, tooMany, until)).toMatchObject({
      error: { code: 'approval_invalid', why: 'an approval is for 1 to 32 calls' },
    });
    expect(await approveCalls(step, approver, [], until)).toMatchObject({ ok: false });
  });

  test('is signed for a minute at most, and never for the past', async () => {
    const now = new Date(at(0));
    for (const seconds of [APPROVED_CALL_SECONDS_MAX + 1, 0, -5, Number.NaN]) {
      const until = new Date(at(seconds));
      expect(await approveCalls(step, approver, [one], { until, now })).toMatchObject({
        error: { code: 'approval_invalid' },
      });
    }
  });

  test.each<[string, Partial<ApprovedCall>]>([
    ['an id of another form', { id: 'apr_1' }],
    ['a digest of another length', { args: 'ff' }],
    ['an empty version', { version: '' }],
    ['no tool', { tool: '' }],
    ['a person without a name', { by: '' }],
    ['a person whose name hides a character', { by: 'olga\u200b' }],
    ['a person with a long name', { by: 'o'.repeat(257) }],
  ])('is not signed with %s', async (_, changes) => {
    const until = { until: new Date(at(60)), now: new Date(at(0)) };
    const call = await approved(changes);
    expect(await approveCalls(step, approver, [call], until)).toMatchObject({
      error: { code: 'approval_invalid' },
    });
  });

  test('is not signed twice under one id', async () => {
    const until = { until: new Date(at(60)), now: new Date(at(0)) };
    expect(await approveCalls(step, approver, [one, one], until)).toMatchObject({
      error: { why: 'two calls have the same id' },
    });
  });
});

const FACT = `approved("${one.id}", "crm.update", hex:${one.args}, "${PERSON}", hex:${VERSION})`;
const END = 'check if time($t), $t < 2026-11-23T10:01:00Z';

describe('a block that says the same', () => {
  test('approves nothing if a holder wrote it', async () => {
    expect(await readOf(appendSource(step, `${FACT}; ${END};`))).toEqual([]);
  });

  test('approves its calls if the approver signed it', async () => {
    expect(await readOf(await signedSource(`${FACT}; ${END};`))).toMatchObject([{ calls: [one] }]);
  });

  test.each([
    ['has no end', `${FACT};`],
    ['has a second check', `${FACT}; ${END}; check if true;`],
    ['has an end of another form', `${FACT}; check if time($t), $t <= 2026-11-23T10:01:00Z;`],
    ['has a rule', `${FACT}; ${END}; tool("a") <- tool("b");`],
    ['has another fact', `${FACT}; ${END}; tool("crm.update");`],
    ['has no approval', `${END};`],
    ['has an approval of four terms', `approved("${one.id}", "t", hex:${one.args}, "o"); ${END};`],
    ['has a digest that is a text', `${FACT.replace(`hex:${one.args}`, `"${one.args}"`)}; ${END};`],
  ])('approves nothing if it %s', async (_, source) => {
    expect(await readOf(await signedSource(source))).toEqual([]);
  });
});
