import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Call,
  callFacts,
  checkCall,
  type Grant,
  type Narrowing,
  uncoveredDataset,
} from '../../../src/capability/index.ts';
import {
  AUDIENCE,
  appendSource,
  at,
  mintToken,
  narrowed,
  narrowing,
  opened,
} from '../fixtures/issuer.ts';
import { NARROWINGS } from '../fixtures/narrowing.ts';

/** Whether the token's grants, expiry and caveats allow the call, without a feed or a route. */
async function allows(token: string, call: Call, seconds = 1, audience = AUDIENCE) {
  const verified = await opened(token);
  const checked = await checkCall(call);
  if (!checked.ok || uncoveredDataset(verified.authority.grants, call) !== undefined) return false;
  const failed = verified.failedChecks(callFacts(new Date(at(seconds)), audience, checked.value));
  return failed.ok && failed.value.length === 0;
}

const tool = fc.constantFrom('crm.search', 'crm.update', 'x"); allow if true; //');
const action = fc.constantFrom('read', 'write', 'delete');
const dataset = fc.constantFrom('crm', 'crm/contacts', 'crm/contacts/eu', 'crm/contacts-archive');
const value = fc.oneof(
  fc.constantFrom(0, 1, 1.5, '1', 'GB1', null, true),
  fc.constantFrom([], {}, ['GB1']),
);
const args = fc.dictionary(fc.constantFrom('a', 'b', 'a/b'), value, { maxKeys: 3 });
const pointer = fc.constantFrom('/a', '/b', '/a~1b', '/a/0');
const constraint = fc.oneof(
  fc.record({ exact: fc.constantFrom(0, 1, '1', null, true) }),
  fc.record({ oneOf: fc.subarray(['GB1', '1', 'x'], { minLength: 1 }) }),
  fc.record({
    number: fc.record({
      min: fc.integer({ min: -1, max: 0 }),
      max: fc.integer({ min: 0, max: 3 }),
    }),
  }),
);
const grants: fc.Arbitrary<Grant[]> = fc.array(fc.record({ tool, action, dataset }), {
  minLength: 1,
  maxLength: 4,
});
type Values = {
  readonly [Name in keyof Narrowing]-?: fc.Arbitrary<Exclude<Narrowing[Name], undefined>>;
};
/** Values that often limit the calls below, instead of the examples of the fixture. */
const LIMITING: Partial<Values> = {
  tool: fc.oneof(tool, fc.array(tool, { minLength: 1, maxLength: 2 })),
  action,
  args,
  dataset: fc.oneof(dataset, fc.array(dataset, { minLength: 1, maxLength: 2 })),
  constraints: fc.dictionary(pointer, constraint, { minKeys: 1, maxKeys: 2 }),
  expires: fc.integer({ min: 1, max: 600 }).map((seconds) => new Date(at(seconds))),
  audience: fc.constantFrom(AUDIENCE, 'https://other.example'),
};
const examples = Object.fromEntries(
  (Object.keys(NARROWINGS) as (keyof Narrowing)[]).map((name) => [
    name,
    fc.constantFrom(...NARROWINGS[name].map(([, narrowing]) => narrowing[name])),
  ]),
);
const cut = fc.record(
  { ...examples, ...LIMITING },
  { requiredKeys: [] },
) as fc.Arbitrary<Narrowing>;
const datasets = fc.uniqueArray(dataset, { minLength: 1, maxLength: 2 });
const call: fc.Arbitrary<Call> = fc.record(
  {
    tool,
    action,
    dataset: fc.oneof(dataset, datasets),
    args,
    method: fc.constantFrom('GET'),
    path: fc.constantFrom('/v1/x'),
  },
  { requiredKeys: ['tool', 'action', 'dataset'] },
) as fc.Arbitrary<Call>;

/** A narrowing that allows the call; it limits some of what the call states. */
const fitting = (wanted: Call): fc.Arbitrary<Narrowing> => {
  const { tool, action, dataset, args = {} } = wanted;
  const fit: Narrowing = { tool, action, dataset, args, expires: new Date(at(30)) };
  return fc
    .subarray(Object.keys(fit) as (keyof Narrowing)[], { minLength: 1 })
    .map((kept) => Object.fromEntries(kept.map((member) => [member, fit[member]])));
};

/** Grants that often allow the call, and one or two narrowings that often allow it too. */
const attempt = fc
  .tuple(grants, call, fc.boolean())
  .map(([held, random, meant]) => {
    const [first] = held;
    const named = meant && first && { tool: first.tool, action: first.action };
    return { held, wanted: { ...random, ...named, ...(named && { dataset: [first.dataset] }) } };
  })
  .chain(({ held, wanted }) =>
    fc
      .array(fc.oneof(cut, { weight: 2, arbitrary: fitting(wanted) }), {
        minLength: 1,
        maxLength: 2,
      })
      .map((cuts) => ({ held, wanted, cuts })),
  );

describe('invariant 1: narrowing only narrows', () => {
  test('a token allows every call that it allows with a block of caveats', async () => {
    let passed = 0;
    const seconds = fc.constantFrom(0, 1, 29, 299);
    await fc.assert(
      fc.asyncProperty(attempt, seconds, async ({ held, wanted, cuts }, now) => {
        let token = mintToken({ grants: held });
        let before = await allows(token, wanted, now);
        for (const next of cuts) {
          const step = await narrowing(token, next);
          if (!step.ok) continue; // The narrowing limits nothing.
          const after = await allows(step.value, wanted, now);
          if (after) expect(before).toBe(true);
          if (after) passed++;
          [token, before] = [step.value, after];
        }
      }),
      { numRuns: 150, seed: 1 },
    );
    expect(passed).toBeGreaterThan(30); // Denying everything does not pass.
  });

  test('a token allows every call that it allows with a hostile block', async () => {
    const fact = fc.constantFrom(
      'grant("crm.search", "delete", "crm")',
      'tool("crm.search")',
      'dataset("crm")',
      'time(2026-01-01T00:00:00Z)',
      'args_sha256(hex:00)',
      'grant($t, $a, $d) <- tool($t), action($a), dataset($d)',
      'tool($t) <- grant($t, $a, $d)',
      'check if true',
      'check if tool("crm.search") or true',
      'check all dataset($d), $d.starts_with("crm")',
      'check if arg($p, $v) or time($t)',
    );
    const block = fc.array(fact, { minLength: 1, maxLength: 4 }).map((lines) => lines.join('; '));
    await fc.assert(
      fc.asyncProperty(attempt, block, async ({ held, wanted, cuts: [first = {}] }, source) => {
        const step = await narrowing(mintToken({ grants: held }), first);
        if (!step.ok) return;
        const hostile = appendSource(step.value, source);
        if (await allows(hostile, wanted)) expect(await allows(step.value, wanted)).toBe(true);
      }),
      { numRuns: 150, seed: 2 },
    );
  });
});

describe('a narrowed token denies a call that differs in one thing:', () => {
  const honest = {
    tool: 'crm.search',
    action: 'read',
    dataset: ['crm/contacts/eu'],
    args: { query: 'churn', limit: 5 },
    method: 'POST',
    path: '/v1/search',
  } as const satisfies Call;
  const wide = () =>
    mintToken({
      grants: ['crm.search', 'crm.export'].flatMap((name) =>
        (['read', 'write'] as const).map((act) => ({ tool: name, action: act, dataset: 'crm' })),
      ),
    });
  const step = {
    tool: 'crm.search',
    action: 'read',
    dataset: 'crm/contacts/eu',
    args: honest.args,
    method: 'POST',
    path: '/v1/search',
    expires: new Date(at(30)),
    audience: AUDIENCE,
    constraints: { '/limit': { integer: { max: 5 } } },
  } as const satisfies Narrowing;

  test('and allows one that differs in nothing', async () => {
    expect(await allows(await narrowed(wide(), step), honest, 29)).toBe(true);
  });

  const { args: _args, method: _method, path: _path, ...bare } = honest;
  test.each<[string, Call, keyof Narrowing]>([
    ['the tool', { ...honest, tool: 'crm.export' }, 'tool'],
    ['the action', { ...honest, action: 'write' }, 'action'],
    ['the dataset', { ...honest, dataset: ['crm/contacts/us'] }, 'dataset'],
    [
      'a name that starts like the dataset',
      { ...honest, dataset: ['crm/contacts/eu2'] },
      'dataset',
    ],
    ['an additional dataset', { ...honest, dataset: ['crm/contacts/eu', 'crm/hr'] }, 'dataset'],
    ['an argument', { ...honest, args: { query: 'salaries', limit: 5 } }, 'args'],
    ['an additional argument', { ...honest, args: { ...honest.args, all: true } }, 'args'],
    [
      'an argument over its limit',
      { ...honest, args: { query: 'churn', limit: 6 } },
      'constraints',
    ],
    ['no arguments', { ...bare, method: 'POST', path: '/v1/search' }, 'args'],
    ['the method', { ...honest, method: 'DELETE' }, 'method'],
    ['no method', { ...bare, args: honest.args, path: '/v1/search' }, 'method'],
    ['the path', { ...honest, path: '/v1/searches' }, 'path'],
    ['no path', { ...bare, args: honest.args, method: 'POST' }, 'path'],
  ])('%s', async (_, call, member) => {
    expect(await allows(wide(), call)).toBe(true);
    expect(await allows(await narrowed(wide(), step), call)).toBe(false);
    expect(await allows(await narrowed(wide(), { [member]: step[member as never] }), call)).toBe(
      false,
    );
  });

  test('the time, by one second', async () => {
    const token = await narrowed(wide(), { expires: step.expires });
    expect([await allows(token, honest, 29), await allows(token, honest, 30)]).toEqual([
      true,
      false,
    ]);
  });

  test('the audience, by a slash', async () => {
    const token = await narrowed(wide(), { audience: AUDIENCE });
    expect(await allows(token, honest, 1, `${AUDIENCE}/`)).toBe(false);
  });
});
