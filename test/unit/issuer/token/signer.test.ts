import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { readEnvelope } from '../../../../src/biscuit/format/index.ts';
import { DEFAULT_LIMITS } from '../../../../src/biscuit/limits.ts';
import { findMintFault, mint as mintByReference } from '../../../../src/biscuit-wasm/index.ts';
import {
  type Authority,
  type AuthorityBlock,
  type Constraint,
  type Grant,
  writeAuthority,
} from '../../../../src/capability/index.ts';
import { fromBase64Url } from '../../../../src/encoding.ts';
import { publicHex } from '../../../../src/signing-keys.ts';
import { Signer } from '../../../../workers/issuer/token/signer.ts';
import { KINDS } from '../../../fuzz/constraints/kinds/index.ts';
import { AUTHORITY, appendSource, at, otherKey, ROOT_KEY, unwrap } from '../../fixtures/issuer.ts';

const KEYS = { mintKey: ROOT_KEY, mintKeyId: 7, mintCheckEvery: 4 };

const written = (changes: Partial<Authority> = {}): AuthorityBlock =>
  unwrap(writeAuthority({ ...AUTHORITY, ...changes }, new Date(at(300))));

const order = async (authority: AuthorityBlock, rootKeyId = KEYS.mintKeyId) => ({
  authority,
  rootKey: await publicHex(ROOT_KEY),
  rootKeyId,
});

/** The message of the authority block, without the version of Datalog that it states. */
function blockOf(token: string) {
  const bytes = fromBase64Url(token) ?? new Uint8Array();
  const [block] = unwrap(readEnvelope(bytes, DEFAULT_LIMITS)).blocks;
  const hex = Buffer.from(block?.payload ?? []).toString('hex');
  const version = /(?<=18)0[3-6](?=22)/; // Field 3, before the facts.
  return { version: Number(version.exec(hex)?.[0]), rest: hex.replace(version, '') };
}

async function expectAgreement(authority: AuthorityBlock): Promise<void> {
  const ours = await new Signer(KEYS).sign(authority);
  const theirs = mintByReference(authority, ROOT_KEY, KEYS.mintKeyId);
  expect(findMintFault(ours, await order(authority))).toBeUndefined();
  const [own, reference] = [blockOf(ours.token), blockOf(theirs.token)];
  expect(own.rest).toBe(reference.rest);
  // The reference states too low a version for arrays (src/biscuit/format/versions.ts).
  expect(own.version).toBeGreaterThanOrEqual(reference.version);
}

const constrained = fc.oneof(...Object.values(KINDS)).map(({ constraint }) => constraint);
const GRANT: Grant = { tool: 'bank.pay', action: 'write', dataset: 'bank/accounts' };
const bounded = (constraints: Readonly<Record<string, Constraint>>): Grant => ({
  ...GRANT,
  constraints: { arguments: ['to', 'n'], constraints },
});

describe('our engine signs the same authority block as the reference', () => {
  const cases: Readonly<Record<string, Partial<Authority>>> = {
    'of a root': {},
    'of a child in another shard': { ancestors: ['wf3_a', 'wf3_a.b'], shard: 3 },
    'bound to a key, with a catalogue': { holder: 'h'.repeat(43), catalogue: 'ab'.repeat(32) },
    'with Datalog in its texts': { task: 'x"); allow if true; //', agent: '{p0}; é' },
    'with many reads of one dataset': {
      grants: ['b', 'a', 'c'].map((tool) => ({ tool, action: 'read', dataset: 'd/e' })),
    },
    'with constraints': {
      grants: [bounded({ '/to': { oneOf: ['a', 'b'] }, '/n': { number: { max: 5 } } })],
    },
    // A token orders a set by when its texts first appear in the block, a builder by the alphabet.
    'with a set of texts of which the last was named first': {
      grants: [bounded({ '/n': { from: ['own:b'] }, '/to': { from: ['own:a', 'own:b'] } })],
    },
  };
  test.each(Object.entries(cases))('%s', async (_, changes) => {
    await expectAgreement(written(changes));
  });

  test('with any texts and any constraints', { timeout: 60_000 }, async () => {
    const text = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' });
    await fc.assert(
      fc.asyncProperty(text, text, constrained, async (task, agent, constraint) => {
        const grants = [bounded({ '/to': constraint })];
        const authority = writeAuthority({ ...AUTHORITY, task, agent, grants }, new Date(at(300)));
        fc.pre(authority.ok);
        await expectAgreement(unwrap(authority));
      }),
      { numRuns: 60 },
    );
  });
});

describe('the check of the reference', () => {
  test('accepts a token that was signed with the order', async () => {
    const authority = written();
    expect(
      findMintFault(await new Signer(KEYS).sign(authority), await order(authority)),
    ).toBeUndefined();
  });

  test('finds another authority, root key, key id, revocation id and a further block', async () => {
    const authority = written();
    const minted = await new Signer(KEYS).sign(authority);
    const honest = await order(authority);
    const find = (one: Partial<typeof minted>, other: Partial<typeof honest>) =>
      findMintFault({ ...minted, ...one }, { ...honest, ...other });
    expect(find({}, { authority: written({ gen: 2 }) })).toBe('another authority');
    expect(find({}, { rootKey: otherKey.publicKey })).toMatch(/signature/i);
    expect(find({}, { rootKeyId: 8 })).toBe('another root key id');
    expect(find({ revocationId: 'ab' }, {})).toBe('another revocation id');
    const narrowed = appendSource(minted.token, 'check if true');
    expect(find({ token: narrowed }, {})).toBe('not one block');
  });
});

describe('the signer of an isolate', () => {
  test('has the first token and every n-th one checked', async () => {
    const findFault = vi.fn(findMintFault);
    const signer = new Signer(KEYS, findFault);
    for (let count = 0; count < 9; count++) await signer.sign(written());
    expect(findFault).toHaveBeenCalledTimes(3);
  });

  test('signs with the reference from the first fault on, and reports it', async () => {
    const lines = vi.spyOn(console, 'error').mockImplementation(() => {});
    const findFault = vi.fn(() => 'another authority');
    const signer = new Signer(KEYS, findFault);
    const authority = written();
    for (let count = 0; count < 9; count++) {
      const minted = await signer.sign(authority);
      expect(findMintFault(minted, await order(authority))).toBeUndefined();
    }
    expect(findFault).toHaveBeenCalledTimes(1);
    expect(lines).toHaveBeenCalledWith(expect.objectContaining({ event: 'mint.fault' }));
    lines.mockRestore();
  });
});
