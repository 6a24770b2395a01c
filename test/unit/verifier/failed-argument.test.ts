import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/canonical-json.ts';
import type { Constraint } from '../../../src/capability/index.ts';
import { toWire } from '../../../src/verifier/index.ts';
import { mintToken, narrowed } from '../fixtures/issuer.ts';
import { code, denial } from './denial.ts';

describe('a denial names the argument and the owner of the rule:', () => {
  const constraints = {
    arguments: ['to', 'amount', 'options', 'note'],
    constraints: {
      '/to': { every: { suffix: '@acme.example' } },
      '/amount': { number: { max: 50 } },
      '/options/mode': { oneOf: ['fast', 'safe'] },
      '/note': { optional: { length: { max: 3 } } },
    },
  } as const;
  const bounded = mintToken({
    grants: [{ tool: 'crm.search', action: 'read', dataset: 'crm/contacts', constraints }],
  });
  const good = { to: ['a@acme.example'], amount: 5, options: { mode: 'fast' } };

  test('a call within the policy is allowed', async () => {
    expect(await code(bounded, { args: good })).toBe('allowed');
    expect(await code(bounded, { args: { ...good, note: 'abc' } })).toBe('allowed');
  });

  test.each([
    ['an element', { ...good, to: ['a@acme.example', 'thief@evil.example'] }, '/to'],
    ['another type', { ...good, to: 'a@acme.example' }, '/to'],
    ['an absence', { to: good.to, options: good.options }, '/amount'],
    ['a number', { ...good, amount: 51 }, '/amount'],
    ['a nested member', { ...good, options: { mode: 'odd' } }, '/options/mode'],
    ['an unlisted member', { ...good, options: { mode: 'fast', proxy: 'x' } }, '/options/proxy'],
    ['an unlisted argument', { ...good, bcc: ['thief@evil.example'] }, '/bcc'],
    ['an optional one', { ...good, note: 'abcd' }, '/note'],
  ] as const)("a policy's own constraint is not reported as a caveat: %s", async (_, args, at) => {
    const denied = await denial(bounded, { args });
    expect(denied).toMatchObject({
      code: 'constraint_failed',
      tool: 'crm.search',
      pointer: at,
      block: 0,
      source: expect.stringMatching(/^(?:check|reject) if arg_?/),
    });
    // The holder's caveat on these exact arguments is not at fault.
    const step = await narrowed(bounded, { tool: 'crm.search', args });
    expect(await denial(step, { args })).toEqual(denied);
  });

  test.each<[string, Constraint, JsonObject, string]>([
    ['exact', { exact: 'x' }, { a: 'y' }, "it must be 'x'"],
    ['exact number', { exact: 1.5 }, { a: 2 }, 'it must be 1.5'],
    ['oneOf', { oneOf: ['GB1', 'GB2'] }, { a: 'GB3' }, "it must be one of 'GB1', 'GB2'"],
    ['oneOf numbers', { oneOf: [1, 2.5] }, { a: 3 }, 'it must be one of 1, 2.5'],
    ['prefix', { prefix: 'INV-' }, { a: 'x' }, "it must start with 'INV-'"],
    ['suffix', { suffix: '@a.example' }, { a: 'x' }, "it must end with '@a.example'"],
    [
      'number',
      { number: { min: 0, max: 50 } },
      { a: 51 },
      'it must be at least 0 and be at most 50',
    ],
    ['matches', { matches: '[a-z.]+@a\\.b' }, { a: 'x' }, 'it must match a pattern of the policy'],
    ['glob', { glob: 'a/*' }, { a: 'x' }, 'it must match a pattern of the policy'],
    ['length', { length: { max: 3 } }, { a: 'abcd' }, 'it must have at most 3 characters'],
    ['count', { count: { max: 1 } }, { a: [1, 2] }, 'it must have at most 1 elements'],
    ['from', { from: ['own:iban'] }, { a: 'x' }, "it must come from 'own:iban'"],
    [
      'from several',
      { every: { from: ['prompt', 'own:iban'] } },
      { a: ['x'] },
      "each of its elements must come from one of 'own:iban', 'prompt'",
    ],
    ['absent', { absent: true }, { a: 1 }, 'it must be left out'],
    ['optional', { optional: { exact: 'x' } }, { a: 'y' }, "it must be 'x'"],
    [
      'every',
      { every: { suffix: '@a.example' } },
      { a: ['x'] },
      "each of its elements must end with '@a.example'",
    ],
    [
      'url',
      { url: { schemes: ['https'], host: 'a.example' } },
      { a: 'https://b.example/' },
      "it must have the host 'a.example'",
    ],
    ['unlisted', { exact: 'x' }, { a: 'x', b: 1 }, 'the policy lists no such argument'],
  ])('says in plain words what the rule requires: %s', async (_, constraint, args, words) => {
    const grant = { tool: 'crm.search', action: 'read', dataset: 'crm/contacts' } as const;
    const constraints = { arguments: ['a'], constraints: { '/a': constraint } };
    const denied = await denial(mintToken({ grants: [{ ...grant, constraints }] }), { args });
    if (denied === 'allowed') throw new Error('allowed');
    const { message } = toWire(denied);
    expect(message).toContain('The policy does not allow ');
    expect(message).toContain(words);
  });

  test("the block tells a holder's caveat from the policy's rule", async () => {
    const once = await narrowed(bounded, { tool: 'crm.search' });
    const twice = await narrowed(once, { constraints: { '/amount': { number: { max: 4 } } } });
    expect(await denial(twice, { args: good })).toMatchObject({
      code: 'caveat_failed',
      block: 2,
      pointer: '/amount',
    });
    const worse = { ...good, amount: 51 };
    expect(await denial(twice, { args: worse })).toMatchObject({ code: 'constraint_failed' });
    expect(await denial(await narrowed(bounded, { action: 'write' }), { args: good })).toEqual(
      expect.not.objectContaining({ pointer: expect.anything() }),
    );
  });
});
