import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/canonical-json.ts';
import type { Constraint } from '../../../../src/capability/index.ts';
import { releasedVerifier } from '../../../releases/released-verifier.ts';
import { CALL, fixedFeed } from '../../fixtures/feed.ts';
import { AUDIENCE, at, ISSUER, issuerKey, mintToken, narrowed } from '../../fixtures/issuer.ts';
import { code, denial } from '../denial.ts';

const granted = (constraint: Constraint, name = 'to'): string =>
  mintToken({
    grants: [
      {
        tool: 'crm.search',
        action: 'read',
        dataset: 'crm/contacts',
        constraints: { arguments: [name, 'note'], constraints: { [`/${name}`]: constraint } },
      },
    ],
  });

const VALUES: readonly Constraint[] = [
  { from: ['=a', 'own:iban'] },
  { optional: { from: ['=a'] } },
  { anyOf: [{ from: ['=a'] }, { prefix: 'ab' }] },
  { allOf: [{ from: ['=a', 'prompt'] }, { length: { max: 3 } }] },
];
const LISTS: readonly Constraint[] = [
  { every: { from: ['=a', 'own:iban'] } },
  { every: { anyOf: [{ from: ['=a'] }, { exact: 'b' }] } },
  { every: { allOf: [{ from: ['=a'] }, { length: { max: 3 } }] } },
  { allOf: [{ every: { from: ['=a'] } }, { count: { max: 2 } }] },
  { optional: { every: { from: ['=a'] } } },
  { any: { from: ['=a'] } },
];

describe('a value that is its own origin', () => {
  test.each(VALUES)('is allowed where the grant states it, and no other is: %j', async (one) => {
    expect(await code(granted(one), { args: { to: 'a' } })).toBe('allowed');
    for (const to of ['b', 'A', 'a ', '=a', true, null, ['a'], { a: 'a' }] as const) {
      expect(await code(granted(one), { args: { to } }), String(to)).toBe('constraint_failed');
    }
  });

  test.each(LISTS)('is allowed as an element, and no other is: %j', async (one) => {
    expect(await code(granted(one), { args: { to: ['a'] } })).toBe('allowed');
    for (const to of [['c'], ['c', 'c'], [true], [['a']], [{ a: 'a' }], 'a'] as const) {
      const args = { to } as JsonObject;
      expect(await code(granted(one), { args }), String(to)).toBe('constraint_failed');
    }
  });

  test('is allowed as a member of objects in a list', async () => {
    const each = granted({ each: { id: { from: ['#7'] }, name: { optional: { from: ['=x'] } } } });
    expect(await code(each, { args: { to: [{ id: 7 }, { id: 7, name: 'x' }] } })).toBe('allowed');
    for (const item of [{ id: 8 }, { id: '7' }, { id: 7, name: 'y' }, { name: 'x' }] as const) {
      expect(await code(each, { args: { to: [item] } })).toBe('constraint_failed');
    }
  });

  test('a number is not its text, in either direction', async () => {
    expect(await code(granted({ from: ['#7'] }), { args: { to: 7 } })).toBe('allowed');
    expect(await code(granted({ from: ['#7'] }), { args: { to: '7' } })).toBe('constraint_failed');
    expect(await code(granted({ from: ['=7'] }), { args: { to: '7' } })).toBe('allowed');
    expect(await code(granted({ from: ['=7'] }), { args: { to: 7 } })).toBe('constraint_failed');
    expect(await code(granted({ from: ['#7.5'] }), { args: { to: 7.5 } })).toBe('allowed');
  });

  test('no words of an argument stand for an origin', async () => {
    const token = granted({ from: ['prompt', 'approved', 'own:iban', 'self'] });
    for (const to of ['prompt', 'approved', 'own:iban', 'self', '=prompt', '#prompt']) {
      expect(await code(token, { args: { to } })).toBe('constraint_failed');
    }
  });
});

test('content comes from nowhere', async () => {
  const call = { args: { to: 'a' }, content: ['/to'] };
  expect(await code(granted({ from: ['=a'] }), call)).toBe('constraint_failed');
});

test('a holder narrows to origins, and one more holder cannot widen it', async () => {
  const whole = granted({ optional: { present: true } });
  const step = await narrowed(whole, { constraints: { '/to': { every: { from: ['=a'] } } } });
  expect(await code(step, { args: { to: ['a'] } })).toBe('allowed');
  expect(await code(step, { args: { to: ['b'] } })).toBe('caveat_failed');
  const wider = await narrowed(step, { constraints: { '/to': { every: { from: ['=b'] } } } });
  expect(await code(wider, { args: { to: ['b'] } })).toBe('caveat_failed');
});

test('the denial says where the value must come from', async () => {
  const denied = await denial(granted({ from: ['own:iban', 'prompt'] }), { args: { to: 'x' } });
  expect(denied).toMatchObject({ code: 'constraint_failed', pointer: '/to' });
});

describe('a verifier of 0.3.0, which knows no origins,', async () => {
  const createVerifier = await releasedVerifier('0.3.0');
  const verifier = createVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: [issuerKey],
    feed: fixedFeed(1),
    now: () => at(1),
  });
  const isAllowed = async (token: string, args: JsonObject): Promise<boolean> =>
    (await verifier.verify(token, { ...CALL, args })).allowed;

  test('allows what it understands', async () => {
    expect(await isAllowed(granted({ exact: 'a' }), { to: 'a' })).toBe(true);
    expect(await isAllowed(granted({ every: { exact: 'a' } }), { to: ['a'] })).toBe(true);
  });

  test.each([...VALUES, ...LISTS])(
    'denies every call whose value must come from somewhere: %j',
    async (one) => {
      const token = granted(one);
      for (const to of ['a', 'b', ['a'], ['b'], []] as const) {
        expect(await isAllowed(token, { to })).toBe(false);
      }
    },
  );

  test('denies a list of objects whose members must come from somewhere', async () => {
    const token = granted({ each: { id: { from: ['=a'] } } });
    for (const to of [[], [{ id: 'a' }], [{ id: 'b' }]]) {
      expect(await isAllowed(token, { to })).toBe(false);
    }
  });

  test("denies by a holder's block, too", async () => {
    const whole = granted({ optional: { present: true } });
    const step = await narrowed(whole, { constraints: { '/to': { every: { from: ['=a'] } } } });
    expect(await isAllowed(whole, { to: ['b'] })).toBe(true);
    expect(await isAllowed(step, { to: ['b'] })).toBe(false);
  });

  test('still allows the other tools of the token', async () => {
    const token = mintToken({
      grants: [
        {
          tool: 'mail.send',
          action: 'write',
          dataset: 'mail',
          constraints: { arguments: ['to'], constraints: { '/to': { every: { from: ['=a'] } } } },
        },
        { tool: 'crm.search', action: 'read', dataset: 'crm/contacts' },
      ],
    });
    expect(await isAllowed(token, {})).toBe(true);
  });
});
