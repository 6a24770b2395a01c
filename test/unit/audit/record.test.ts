import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type DecisionRecord,
  linkInput,
  readVerifierRecord,
  toDecisionRecord,
} from '../../../src/audit/index.ts';
import type { Grant } from '../../../src/capability/index.ts';
import { RECORD_BYTES_MAX } from '../../../src/limits.ts';
import type { Denial, Evidence } from '../../../src/verifier/index.ts';
import { CALL, verifierWith } from '../fixtures/feed.ts';
import { appendSource, mintToken, narrowed } from '../fixtures/issuer.ts';

const STAMP = { verifier: 'v1', n: 1, at: 1_763_892_000_000 };
const roundTrip = (record: DecisionRecord) =>
  readVerifierRecord(JSON.parse(JSON.stringify(record)));
const valid: DecisionRecord = {
  event: 'decision',
  id: 'v1.1',
  ...STAMP,
  blocks: ['ab'],
  allowed: true,
  stale: false,
};

describe('a decision record', () => {
  test('of an allowed call names the parties, the call and the blocks', async () => {
    const decision = await verifierWith().verify(mintToken(), CALL);
    const record = toDecisionRecord(decision, { ...STAMP, method: 'tools/call' });
    expect(record).toEqual({
      event: 'decision',
      id: 'v1.1',
      verifier: 'v1',
      n: 1,
      at: STAMP.at,
      workflow: 'wf_1',
      agent: 'spiffe://acme.example/agents/analyst',
      subject: 'user:alice@acme.example',
      owner: 'team:growth',
      task: 'quarterly churn report',
      blocks: decision.evidence.revocationIds,
      method: 'tools/call',
      tool: 'crm.search',
      action: 'read',
      datasets: ['crm/contacts/eu'],
      tier: 1,
      head: { epoch: 1, seq: 7, ageSeconds: 0 },
      allowed: true,
      stale: false,
    });
    expect(roundTrip(record)).toEqual(record);
  });

  test('of a denied call contains the code and its data', async () => {
    const token = await narrowed(mintToken(), { tool: 'other' });
    const record = toDecisionRecord(await verifierWith().verify(token, CALL), STAMP);
    expect(record).toMatchObject({
      allowed: false,
      code: 'caveat_failed',
      detail: { fact: 'tool', block: 1, check: 0 },
    });
    expect(record.blocks).toHaveLength(2);
  });

  test('says where the arguments came from, within bounds and without a value', async () => {
    const constraints = { arguments: ['to'], constraints: { '/to': { from: ['=a', 'prompt'] } } };
    const [grant] = [{ tool: 'crm.search', action: 'read', dataset: 'crm/contacts', constraints }];
    const token = mintToken({ grants: [grant as Grant] });
    const attached = { prompt: { text: 'a', salt: '' } };
    const call = { ...CALL, args: { to: 'a' }, attached };
    const decision = await verifierWith().verify(token, call);
    const record = toDecisionRecord(decision, STAMP);
    expect(record.provenance).toEqual({
      used: [],
      ignored: [{ part: 'prompt', why: 'the token has no digest of a request' }],
    });
    expect(roundTrip(record)).toEqual(record);
    const many = Array.from({ length: 40 }, () => ({
      pointer: `/${'x\n'.repeat(400)}`,
      origin: 'é',
    }));
    const ignored = many.map(({ pointer }) => ({ part: pointer, why: pointer }));
    const long = { ...decision.evidence, provenance: { used: many, ignored } };
    const cut = toDecisionRecord({ ...decision, evidence: long }, STAMP);
    expect(cut.provenance?.used).toHaveLength(16);
    expect(cut.provenance?.ignored).toHaveLength(16);
    for (const { part, why } of cut.provenance?.ignored ?? []) {
      expect([part.length, why.length]).toEqual([128, 128]);
    }
    expect(cut.provenance?.used[0]?.pointer).toHaveLength(128);
    expect(roundTrip(cut)).toEqual(cut);
  });

  test('never contains a byte of the token', async () => {
    const token = await narrowed(mintToken(), { args: { password: 'hunter2' } });
    const call = { ...CALL, args: { password: 'hunter3' } };
    const record = JSON.stringify(
      toDecisionRecord(await verifierWith().verify(token, call), STAMP),
    );
    expect(record).not.toMatch(/hunter[23]/);
    for (let i = 0; i + 16 <= token.length; i += 8) {
      expect(record).not.toContain(token.slice(i, i + 16));
    }
  });

  test.each<[string, Record<string, unknown>]>([
    ['an unknown member', { token: 'x' }],
    ['another event', { event: 'mint' }],
    ['no id', { id: undefined }],
    ['number 0', { n: 0 }],
    ['a number with a fraction', { n: 1.5 }],
    ['a long workflow', { workflow: 'w'.repeat(65) }],
    ['a workflow that is a number', { workflow: 1 }],
    ['33 blocks', { blocks: Array(33).fill('ab') }],
    ['17 datasets', { datasets: Array(17).fill('ab') }],
    ['a lone surrogate', { tool: 'x\uD800' }],
    ['tier 4', { tier: 4 }],
    ['allowed as a text', { allowed: 'true' }],
    ['an unknown member of the head', { head: { epoch: 1, seq: 1, ageSeconds: 0, chain: '' } }],
    ['an object in its detail', { detail: { a: { b: 1 } } }],
    ['an outcome of another kind', { outcome: { status: 200, result: 'fine' } }],
  ])('with %s is refused', (_, changes) => {
    expect(readVerifierRecord(valid)).toEqual(valid);
    expect(readVerifierRecord({ ...valid, ...changes })).toBeUndefined();
  });

  test.each([null, 1, 'decision', [], [valid]])("%j is not a verifier's record", (value) => {
    expect(readVerifierRecord(value)).toBeUndefined();
  });
});

describe('a record can be written whatever names the caller chose:', () => {
  const HOSTILE = ['\uD800', '\0', '"', '\\', '\u{1F600}', '\n', '\u001b[2J', '\u2028', 'é'];
  const DATA = { limit: 1, error: 1, fact: 1, why: 1, issuer: 1, source: 1, pointer: 1, id: 1 };

  const hashable = (record: DecisionRecord) => {
    expect(roundTrip(record)).toEqual(JSON.parse(JSON.stringify(record)));
    expect(() => linkInput('0'.repeat(64), 1, record)).not.toThrow();
    expect(JSON.stringify(record).length).toBeLessThanOrEqual(RECORD_BYTES_MAX);
  };

  test.each(HOSTILE)('%j repeated in every member', (sign) => {
    const long = `x${sign.repeat(10_000)}`;
    const who = `"\\`.repeat(1_024); // The worst identity that an authority block may contain.
    const evidence: Evidence = {
      revocationIds: Array(16).fill('a'.repeat(144)),
      workflow: 'w'.repeat(64),
      agent: who,
      subject: who,
      owner: who,
      task: 't'.repeat(256),
      tool: long,
      action: long,
      datasets: Array(1_000).fill(long),
      tier: 3,
      head: { epoch: 1, seq: 1, ageSeconds: 0 },
    };
    const data = Object.fromEntries(Object.keys(DATA).map((name) => [name, long]));
    for (const [name, text] of Object.entries(data)) {
      const denial = { code: 'caveat_failed', fact: 'tool', [name]: text } as unknown as Denial;
      hashable(toDecisionRecord({ allowed: false, denial, evidence }, { ...STAMP, method: long }));
    }
  });

  test('any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        const evidence = { revocationIds: [], tool: text, datasets: [text] };
        const denial = { code: 'no_grant', tool: text, dataset: text } as unknown as Denial;
        hashable(toDecisionRecord({ allowed: false, denial, evidence }, STAMP));
      }),
      { numRuns: 300 },
    );
  });

  test('a long check that a holder wrote to fill the log', async () => {
    const token = appendSource(mintToken(), `check if tool("${'😀'.repeat(1_200)}")`);
    const record = toDecisionRecord(await verifierWith().verify(token, CALL), STAMP);
    expect(record.code).toBe('caveat_failed');
    hashable(record);
  });
});

test.each([[5], [null], [{}], [[['crm']]], [Symbol('crm')]])(
  'a call with %o instead of names is denied and recorded',
  async (odd) => {
    const described = { ...CALL, tool: odd, action: odd, dataset: odd } as unknown as typeof CALL;
    const decision = await verifierWith().verify(mintToken(), described);
    expect(decision).toMatchObject({ allowed: false, denial: { code: 'name_invalid' } });
    const record = toDecisionRecord(decision, STAMP);
    expect(readVerifierRecord(JSON.parse(JSON.stringify(record)))).toMatchObject({
      workflow: 'wf_1',
      allowed: false,
    });
  },
);
