import { describe, expect, test } from 'vitest';
import { parseCatalogue } from '../../../../src/catalogue/index.ts';
import { toHex } from '../../../../src/encoding.ts';
import { PROMPT_BYTES_MAX } from '../../../../src/limits.ts';
import {
  type AttachedPrompt,
  newPromptSalt,
  promptDigest,
} from '../../../../src/provenance/index.ts';
import type { VerifyRequest } from '../../../../src/verifier/index.ts';
import { CALL, verifierWith } from '../../fixtures/feed.ts';
import { mintToken, unwrap } from '../../fixtures/issuer.ts';

const TEXT = 'Pay 40 to GB29NWBK60161331926819 for the meeting at 4 pm';
const prompt: AttachedPrompt = { text: TEXT, salt: newPromptSalt() };
const signed = toHex((await promptDigest(prompt)) ?? new Uint8Array());

const grants = [
  {
    tool: 'crm.search',
    action: 'read',
    dataset: 'crm/contacts',
    constraints: {
      arguments: ['to', 'amount', 'id'],
      constraints: {
        '/to': { from: ['prompt'] },
        '/amount': { optional: { from: ['prompt'] } },
        '/id': { optional: { from: ['prompt'] } },
      },
    },
  },
] as const;
const token = mintToken({ grants, prompt: signed });

const catalogue = unwrap(
  parseCatalogue(`[[tool]]
name = "crm.search"
action = "read"
tier = 1
arguments = ["to", "amount", "id"]
datasets = [{ fixed = "crm/contacts" }]
[[tool.sink]]
argument = "/amount"
kind = "amount"
[[tool.sink]]
argument = "/id"
kind = "meeting"
`),
);

const decide = (of: string, more: Partial<VerifyRequest>) =>
  verifierWith().verify(of, { ...CALL, catalogue, ...more });
const to = 'GB29NWBK60161331926819';

test('a value that the request names is allowed, and the record says where it came from', async () => {
  const decision = await decide(token, { args: { to }, attached: { prompt } });
  expect(decision.allowed).toBe(true);
  expect(decision.evidence.provenance).toEqual({
    used: [{ pointer: '/to', origin: 'prompt' }],
    ignored: [],
  });
});

test('a value that the request does not name is denied', async () => {
  const args = { to: 'GB29NWBK6016133192681' };
  expect((await decide(token, { args, attached: { prompt } })).allowed).toBe(false);
});

test('a number counts only where the sink takes numbers', async () => {
  const allows = async (args: object) =>
    (await decide(token, { args: { to, ...args }, attached: { prompt } })).allowed;
  expect(await allows({ amount: 40 })).toBe(true);
  expect(await allows({ amount: 4 })).toBe(true);
  expect(await allows({ amount: 41 })).toBe(false);
  expect(await allows({ id: 4 })).toBe(false);
  expect(await allows({ id: '4' })).toBe(false);
  // Attested as an amount, 4 is still no id.
  expect(await allows({ amount: 4, id: 4 })).toBe(false);
});

describe('a text that the issuer did not sign at the begin', () => {
  test.each<[string, unknown, string]>([
    ['is restated', { ...prompt, text: `${TEXT} x` }, 'not the signed request'],
    ['has another salt', { ...prompt, salt: newPromptSalt() }, 'not the signed request'],
    ['has no salt', { text: TEXT }, 'not the signed request'],
    ['has a long salt', { ...prompt, salt: 'A'.repeat(10_000) }, 'not the signed request'],
    ['is no text', { ...prompt, text: 7 }, 'not the signed request'],
    [
      'is too long',
      { ...prompt, text: 'x'.repeat(PROMPT_BYTES_MAX + 1) },
      'not the signed request',
    ],
    ['is nothing', null, 'not the signed request'],
  ])('%s, and is ignored', async (_, given, why) => {
    const attached = { prompt: given as AttachedPrompt };
    const decision = await decide(token, { args: { to }, attached });
    expect(decision).toMatchObject({ allowed: false, denial: { code: 'constraint_failed' } });
    expect(decision.evidence.provenance).toEqual({ used: [], ignored: [{ part: 'prompt', why }] });
  });

  test('is attached to a token without a digest, and is ignored', async () => {
    const decision = await decide(mintToken({ grants }), { args: { to }, attached: { prompt } });
    expect(decision).toMatchObject({ allowed: false });
    expect(decision.evidence.provenance?.ignored).toEqual([
      { part: 'prompt', why: 'the token has no digest of a request' },
    ]);
  });
});

test('a token that asks for no origin reads nothing that is attached', async () => {
  const decision = await decide(mintToken({ prompt: signed }), { attached: { prompt } });
  expect(decision.allowed).toBe(true);
  expect(decision.evidence.provenance).toBeUndefined();
});

test('the longest request is digested, and nothing longer', async () => {
  const salt = newPromptSalt();
  expect(await promptDigest({ text: 'x'.repeat(PROMPT_BYTES_MAX), salt })).toHaveLength(32);
  expect(await promptDigest({ text: 'é'.repeat(PROMPT_BYTES_MAX), salt })).toBeUndefined();
  expect(await promptDigest({ text: ' \n', salt })).toBeUndefined();
  expect(await promptDigest({ text: '\ud800', salt })).toBeUndefined();
});

test('a record names at most 16 origins and 16 parts that were ignored', async () => {
  const names = Array.from({ length: 17 }, (_, i) => `to${i}`);
  const constraints = {
    arguments: names,
    constraints: Object.fromEntries(names.map((name) => [`/${name}`, { from: ['prompt'] }])),
  };
  const wide = mintToken({ grants: [{ ...grants[0], constraints }] as never, prompt: signed });
  const leaf = { receipt: 'x.y', index: 0, pointer: '', value: 'x', salt: '' };
  const args = Object.fromEntries(names.map((name) => [name, to]));
  const attached = { prompt, leaves: Array(17).fill(leaf) };
  const { allowed, evidence } = await verifierWith().verify(wide, { ...CALL, args, attached });
  expect(allowed).toBe(true);
  expect(evidence.provenance?.used).toHaveLength(16);
  expect(evidence.provenance?.ignored).toHaveLength(16);
});
