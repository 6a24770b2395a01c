import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import type { Constraint, Narrowing } from '../../../../src/capability/index.ts';
import { testIssuer } from '../../../../src/testing/index.ts';
import type { RetrievalScope, ScopeDecision } from '../../../../src/verifier/index.ts';
import { CALL, fixedFeed, verifierWith } from '../../fixtures/feed.ts';
import {
  AUTHORITY_LINES,
  appendSource,
  at,
  mintSource,
  mintToken,
  narrowed,
} from '../../fixtures/issuer.ts';

const TOOL = 'crm.search';
const REQUEST = { ...CALL, dataset: 'crm' };
const grant = (dataset: string, constraints?: Readonly<Record<string, Constraint>>) => ({
  tool: TOOL,
  action: 'read' as const,
  dataset,
  ...(constraints && { constraints: { arguments: ['owner', 'query'], constraints } }),
});
const decide = (token: string, request = {}): Promise<ScopeDecision> =>
  verifierWith().scope(token, { ...REQUEST, ...request });

async function scopeOf(token: string, request = {}): Promise<RetrievalScope> {
  const { scope, decision } = await decide(token, request);
  if (!scope) throw new Error(JSON.stringify(decision.denial));
  return scope;
}

const codeOf = ({ decision }: ScopeDecision): string | undefined =>
  decision.allowed ? undefined : decision.denial.code;

describe('the datasets of a scope', () => {
  test('are what the grants, the request and every narrowing have in common', async () => {
    const grants = ['crm/contacts', 'crm/notes/eu', 'hr'].map((name) => grant(name));
    let token = mintToken({ grants });
    expect((await scopeOf(token)).datasets).toEqual(['crm/contacts', 'crm/notes/eu']);
    expect((await scopeOf(token, { dataset: 'crm/notes' })).datasets).toEqual(['crm/notes/eu']);
    token = await narrowed(token, { dataset: ['crm/contacts/eu', 'crm/contacts/us', 'crm/notes'] });
    token = await narrowed(token, { dataset: ['crm/contacts/eu', 'crm/notes/eu/1'] });
    expect((await scopeOf(token)).datasets).toEqual(['crm/contacts/eu', 'crm/notes/eu/1']);
  });

  test('stand in the evidence of the decision, instead of what is requested', async () => {
    const { decision } = await decide(mintToken({ grants: [grant('crm/contacts/eu')] }));
    expect(decision.allowed).toBe(true);
    expect(decision.evidence).toMatchObject({ tool: TOOL, datasets: ['crm/contacts/eu'] });
  });

  test('are at most as many as a call has', async () => {
    const many = Array.from({ length: 17 }, (_, index) => grant(`crm/${index}`));
    expect(codeOf(await decide(mintToken({ grants: many })))).toBe('datasets_count');
    const token = mintToken({ grants: many.slice(1) });
    expect((await scopeOf(token)).datasets).toHaveLength(16);
  });

  test('include those of grants that count as one for many reads', async () => {
    const tools = ['crm.export', 'crm.list', TOOL];
    const many = tools.map((tool) => ({ ...grant('crm/contacts'), tool }));
    const scope = await scopeOf(mintToken({ grants: [...many, grant('crm/notes')] }));
    expect(scope.datasets).toEqual(['crm/contacts', 'crm/notes']);
  });

  test('become nothing within datasets that are out of scope', async () => {
    const scope = (await scopeOf(mintToken())).within('hr');
    expect(scope.datasets).toEqual([]);
    const filter = scope.sqlite({ dataset: 'dataset' });
    expect(filter).toEqual({ ok: true, value: { sql: '(1 = 0)', parameters: [] } });
    const vectors = scope.vectorize({ dataset: { folder: 'folder' } });
    expect(vectors).toEqual({ ok: true, value: { folder: { $gte: '1', $lt: '0' } } });
    expect(scope.split()).toHaveLength(1);
    const predicate = scope.predicate({ dataset: 'dataset' });
    expect(predicate.ok && predicate.value({ dataset: 'crm/contacts' })).toBe(false);
  });
});

describe('no scope', () => {
  const token = mintToken();
  test.each<[string, string, Promise<ScopeDecision>]>([
    ['a token without a grant for the datasets', 'no_grant', decide(token, { dataset: 'hr' })],
    ['another action', 'no_grant', decide(token, { action: 'write' })],
    ['no dataset', 'dataset_missing', decide(token, { dataset: [] })],
    ['a dataset with two spellings', 'name_invalid', decide(token, { dataset: 'crm/../hr' })],
    ['a forged token', 'token_malformed', decide('x')],
    [
      'an expired token',
      'expired',
      verifierWith({ now: () => at(301), feed: fixedFeed(301) }).scope(token, REQUEST),
    ],
    ['an old head', 'head_stale', verifierWith({ now: () => at(200) }).scope(token, REQUEST)],
    [
      'a revoked workflow',
      'revoked',
      verifierWith({ feed: fixedFeed(1, [{ by: 'workflow', id: 'wf_1' }]) }).scope(token, REQUEST),
    ],
    ['another server', 'audience_mismatch', decide(mintToken({ audience: 'https://hr.example' }))],
    ['a token bound to a key', 'holder_unproven', decide(mintToken({ holder: 'k'.repeat(43) }))],
  ])('for %s', async (_, code, decided) => {
    expect(codeOf(await decided)).toBe(code);
  });

  test.each<[string, string, Narrowing]>([
    ['another tool', 'caveat_failed', { tool: 'crm.update' }],
    ['another dataset', 'caveat_failed', { dataset: 'crm/contactsX' }],
    ['another argument', 'caveat_failed', { constraints: { '/query': { exact: 'b' } } }],
    ['other arguments as a whole', 'caveat_failed', { args: { query: 'b' } }],
    ['a time that has passed', 'expired', { expires: new Date(at(1)) }],
  ])('for a token narrowed to %s', async (_, code, narrowing) => {
    const step = await narrowed(mintToken(), narrowing);
    expect(codeOf(await decide(step, { args: { query: 'a' } }))).toBe(code);
  });

  test('for an argument that the policy does not list', async () => {
    const constrained = mintToken({ grants: [grant('crm', {})] });
    expect(codeOf(await decide(constrained, { args: { all: true } }))).toBe('constraint_failed');
    expect(codeOf(await decide(constrained, { args: { query: 'a' } }))).toBeUndefined();
  });
});

describe('a block that our own code does not write', () => {
  test.each([
    'check if dataset("crm/contacts/eu")',
    'check all dataset($d), $d.starts_with("crm/contacts/eu")',
    'check all dataset($d), $d == "crm/contacts/eu" || $d.starts_with("crm/contacts/e")',
    'check all dataset($d), $d == "crm/contacts/eu" or dataset("crm")',
    'check all dataset($d), tool($t), $d == "crm" || $d.starts_with("crm/")',
    'check if dataset($d), $d == "crm" || $d.starts_with("crm/")',
    'reject if dataset($d), $d == "crm/contacts/eu"',
    'check all dataset($d), $d == "crm" || $d.starts_with("crm/") trusting previous',
    'dataset("crm"); check all dataset($d), $d == "crm" || $d.starts_with("crm/")',
    'd($d) <- dataset($d); check all d($d), $d == "crm"',
    'x($t) <- tool($t); check if x("crm.search")',
    'check if arg("/owner", "a") or dataset("crm/contacts")',
  ])('has no scope if it may bound datasets: %s', async (source) => {
    const code = codeOf(await decide(appendSource(mintToken(), source)));
    expect(['scope_inexpressible', 'caveat_failed', 'token_execution']).toContain(code);
  });

  test.each([
    'check all arg_type($p, $y), $p.starts_with("/query")',
    'check all arg($p, $v), $v != "b"',
    'reject if arg($p, $v), $v == "b"',
    'reject if arg_type($p, $y), $y !== "string"',
    'check if arg($p, "a")',
    'check if arg("/owner", "a"), arg("/owner", $v)',
    'check if arg("/owner", "a") or arg("/query", "a")',
    'check if arg("/owner", $v), $v.starts_with("a")',
    'check if arg_forms("/owner", $f), arg("/owner", $v), $v.starts_with("a")',
    'check if arg_micros("/owner", $m), $m < 5',
  ])('has no filter if it may bound a column: %s', async (source) => {
    const step = await narrowed(mintToken(), { constraints: { '/owner': { exact: 'a' } } });
    const { scope } = await decide(appendSource(step, source), { args: { query: 'a' } });
    // Denied, or without a filter.
    for (const name of ['sqlite', 'postgres'] as const) {
      const filter = scope?.[name]({ dataset: 'd', arguments: { '/owner': 'o' } });
      expect(filter?.ok ?? false).toBe(false);
    }
  });

  test('is never read from an authority block that states facts of a call', async () => {
    const token = mintSource([...AUTHORITY_LINES, 'dataset("crm/contacts")', ''].join(';\n'));
    expect(codeOf(await decide(token))).toBe('scope_inexpressible');
  });

  test('bounds an argument in the predicate, and in no filter', async () => {
    const source = 'check if arg("/owner", $v), $v.length() == 3';
    const scope = await scopeOf(appendSource(mintToken(), source));
    expect(scope.bounds).toEqual([{ pointer: '/owner', source, block: 1 }]);
    const columns = { dataset: 'dataset', arguments: { '/owner': 'owner' } };
    const predicate = scope.predicate(columns);
    if (!predicate.ok) throw new Error(predicate.error.code);
    const rows = ['abc', 'ab', null].map((owner) => ({ dataset: 'crm/contacts', owner }));
    expect(rows.map(predicate.value)).toEqual([true, false, false]);
    for (const filter of [scope.sqlite(columns), scope.postgres(columns)]) {
      expect(filter).toMatchObject({ error: { code: 'bound_inexpressible', pointer: '/owner' } });
    }
    const vectors = scope.vectorize({ ...columns, dataset: { folder: 'folder' } });
    expect(vectors).toMatchObject({ error: { code: 'bound_inexpressible' } });
  });
});

describe('the bounds on arguments', () => {
  const BOUNDS: readonly Constraint[] = [
    { exact: 'GB1' },
    { exact: 5 },
    { exact: true },
    { exact: null },
    { oneOf: ['a', 'b'] },
    { oneOf: [1, 2.5] },
    { prefix: 'GB' },
    { suffix: 'x' },
    { pathBelow: 'a/b' },
    { pathBelow: '/' },
    { number: { min: 0.5, max: 50 } },
    { number: { max: -1 } },
    { number: {} },
    { integer: { min: 1 } },
    { integer: {} },
    { present: true },
    { absent: true },
    { optional: { number: { min: 0 } } },
    { optional: { oneOf: ['a'] } },
    { anyOf: [{ exact: 'a' }, { prefix: 'b' }] },
    { optional: { anyOf: [{ exact: null }, { number: { max: 5 } }] } },
  ];
  test.each(BOUNDS.map((one) => [JSON.stringify(one), one] as const))(
    'are read back from a policy and from a holder: %s',
    async (_, constraint) => {
      const by = { constraints: { '/owner': constraint } };
      const policy = await scopeOf(mintToken({ grants: [grant('crm', by.constraints)] }));
      expect(policy.bounds).toContainEqual({ pointer: '/owner', constraint, block: 0 });
      const holder = await scopeOf(await narrowed(mintToken(), by));
      expect(holder.bounds).toContainEqual({ pointer: '/owner', constraint, block: 1 });
    },
  );

  test.each<[Constraint]>([
    [{ glob: 'a/*' }],
    [{ matches: 'a+' }],
    [{ length: { max: 3 } }],
    [{ cidr: '10.0.0.0/8' }],
    [{ url: { schemes: ['https'], host: 'a.example' } }],
    [{ subsetOf: ['a'] }],
    [{ every: { prefix: 'a' } }],
    [{ any: { exact: 'a' } }],
    [{ count: { max: 2 } }],
    [{ not: { exact: 'a' } }],
    [{ empty: true }],
    [{ anyOf: [{ exact: 'a' }, { glob: 'b/*' }] }],
  ])('have no filter if they are of the kind %o', async (constraint) => {
    const scope = await scopeOf(mintToken({ grants: [grant('crm', { '/owner': constraint })] }));
    const columns = { dataset: 'd', arguments: { '/owner': { name: 'o', form: 'path' } } } as const;
    for (const filter of [scope.sqlite(columns), scope.postgres(columns)]) {
      expect(filter).toMatchObject({ error: { code: 'bound_inexpressible', pointer: '/owner' } });
    }
    expect(scope.predicate(columns).ok).toBe(true);
  });

  test('need a column, unless the request has the argument', async () => {
    const token = mintToken({ grants: [grant('crm', { '/owner': { exact: 'a' } })] });
    const unmapped = (await scopeOf(token)).sqlite({ dataset: 'd' });
    expect(unmapped).toEqual({ ok: false, error: { code: 'bound_unmapped', pointer: '/owner' } });
    expect((await scopeOf(token, { args: { owner: 'a' } })).sqlite({ dataset: 'd' }).ok).toBe(true);
    expect(codeOf(await decide(token, { args: { owner: 'b' } }))).toBe('constraint_failed');
  });

  test('need a form of the column where a database cannot see it', async () => {
    const token = mintToken({ grants: [grant('crm', { '/owner': { prefix: 'a' } })] });
    const scope = await scopeOf(token);
    const filterOf = (form?: 'text' | 'path') =>
      scope.sqlite({ dataset: 'd', arguments: { '/owner': { name: 'o', ...(form && { form }) } } });
    expect(filterOf().ok).toBe(false);
    expect(filterOf('text').ok).toBe(true);
    expect(filterOf('path').ok).toBe(true);
  });

  test('have no filter on an argument that is content', async () => {
    const step = await narrowed(mintToken(), { constraints: { '/owner': { exact: 'a' } } });
    const columns = { dataset: 'd', arguments: { '/owner': 'o' } };
    const scope = await scopeOf(step, { content: ['/owner'] });
    expect(scope.sqlite(columns)).toMatchObject({ error: { code: 'bound_inexpressible' } });
    const predicate = scope.predicate(columns);
    expect(predicate.ok && predicate.value({ d: 'crm/contacts', o: 'a' })).toBe(false);
  });

  test('of all arguments as a whole leave no column', async () => {
    const step = await narrowed(mintToken(), {
      args: { query: 'a' },
      constraints: { '/query': { exact: 'a' } },
    });
    const scope = await scopeOf(step, { args: { query: 'a' } });
    expect(scope.sqlite({ dataset: 'd' }).ok).toBe(true);
    const mapped = scope.sqlite({ dataset: 'd', arguments: { '/query': 'q' } });
    expect(mapped).toEqual({ ok: false, error: { code: 'arguments_pinned', block: 1 } });
  });

  test('cannot be met by a column inside an argument that the request has as a text', async () => {
    const step = appendSource(mintToken(), 'check if arg("/owner/name", "a")');
    const columns = { dataset: 'd', arguments: { '/owner/name': 'o' } };
    const conflicting = (await scopeOf(step, { args: { owner: 'a' } })).sqlite(columns);
    expect(conflicting).toEqual({
      ok: false,
      error: { code: 'arguments_conflict', pointer: '/owner/name' },
    });
  });
});

describe('a filter', () => {
  const HOSTILE = 'o" = 1 OR `1` --';
  test('quotes the names of columns, and has values only as parameters', async () => {
    const text = "x') OR 1=1 --";
    const scope = await scopeOf(
      await narrowed(mintToken(), { constraints: { '/owner': { exact: text } } }),
    );
    const columns = { dataset: HOSTILE, table: 't`"', arguments: { '/owner': HOSTILE } };
    const [sqlite, postgres] = [scope.sqlite(columns), scope.postgres(columns, 4)];
    if (!sqlite.ok || !postgres.ok) throw new Error('no filter');
    expect(sqlite.value.sql).toContain('`t``"`.`o" = 1 OR ``1`` --`');
    expect(postgres.value.sql).toContain('"t`""" ."o"" = 1 OR `1` --"'.replace(' .', '.'));
    for (const { sql, parameters } of [sqlite.value, postgres.value]) {
      expect(sql).not.toContain(text);
      expect(parameters).toEqual(['crm/contacts/', text]);
    }
    expect(postgres.value.sql).toMatch(/\$4.*\$5/);
  });

  test('of SQLite fails if the column does not exist, and compares no constant', async () => {
    const database = new DatabaseSync(':memory:');
    database.exec('CREATE TABLE docs (id)');
    const filter = (await scopeOf(mintToken())).sqlite({ dataset: 'crm/contacts' });
    if (!filter.ok) throw new Error(filter.error.code);
    const select = () => database.prepare(`SELECT id FROM docs WHERE ${filter.value.sql}`);
    expect(select).toThrow(/no such column/);
  });

  test('of Vectorize keeps to its limits', async () => {
    const long = `crm/${'x'.repeat(60)}`;
    const folder = { dataset: { folder: 'folder' } };
    const of = async (...names: string[]) =>
      scopeOf(mintToken({ grants: names.map((name) => grant(name)) }));
    expect((await of(long)).vectorize(folder)).toMatchObject({
      error: { code: 'datasets_inexpressible' },
    });
    const two = await of('crm/a', 'crm/b');
    expect(two.vectorize(folder)).toMatchObject({ error: { code: 'datasets_inexpressible' } });
    expect(two.vectorize({ dataset: { levels: ['one', 'two'] } })).toEqual({
      ok: true,
      value: { two: { $in: ['crm/a', 'crm/b'] } },
    });
    expect(two.vectorize({ dataset: { levels: ['one'] } }).ok).toBe(false);
    expect(
      (await of('crm/a', 'crm/b/c')).vectorize({ dataset: { levels: ['1', '2', '3'] } }).ok,
    ).toBe(false);
    const values = Array.from({ length: 60 }, (_, index) => `${index}`.padEnd(40, 'x'));
    const owners = mintToken({ grants: [grant('crm', { '/owner': { oneOf: values } })] });
    const filter = (await scopeOf(owners)).vectorize({
      ...folder,
      arguments: { '/owner': 'owner' },
    });
    expect(filter).toMatchObject({ error: { code: 'filter_too_large', bytesMax: 2_047 } });
  });

  test.each([
    ['a dot', { dataset: { folder: 'a.b' } }],
    ['a dollar sign', { dataset: { folder: '$eq' } }],
    ['no name', { dataset: { folder: '' } }],
    ['no level', { dataset: { levels: [] } }],
    ['one name twice', { dataset: { folder: 'a' }, arguments: { '/owner': 'a' } }],
  ])('of Vectorize refuses a property with %s', async (_, properties) => {
    const scope = await scopeOf(mintToken());
    expect(() => scope.vectorize(properties)).toThrow(TypeError);
  });

  test.each([
    ['an unknown member', { dataset: 'd', columns: {} }],
    ['an empty name', { dataset: '' }],
    ['an argument that is no pointer', { dataset: 'd', arguments: { owner: 'o' } }],
    ['an unknown type', { dataset: 'd', arguments: { '/owner': { name: 'o', type: 'date' } } }],
    [
      'a form of another type',
      { dataset: 'd', arguments: { '/owner': { name: 'o', form: 'integer' } } },
    ],
    ['a pointer inside another', { dataset: 'd', arguments: { '/a': 'a', '/a/b': 'b' } }],
  ])('refuses %s', async (_, columns) => {
    const scope = await scopeOf(mintToken());
    expect(() => scope.sqlite(columns as never)).toThrow(TypeError);
  });
});

describe('a scoped route', () => {
  const API = 'https://api.example';
  const ROUTE = { tool: TOOL, action: 'read', tier: 1, dataset: 'crm', scoped: true } as const;

  test('passes the scope to its handler, and records its datasets once', async () => {
    const issuer = await testIssuer({ audience: API });
    const handler = issuer.protection.fetch(ROUTE, ({ scope }) => Response.json(scope().datasets));
    const ask = async (dataset: string) => {
      const token = await issuer.mint({ grants: [grant(dataset)] });
      return handler(new Request(API, { headers: { authorization: `Bearer ${token}` } }));
    };
    expect(await (await ask('crm/contacts/eu')).json()).toEqual(['crm/contacts/eu']);
    expect(issuer.decisions.map(({ evidence }) => evidence.datasets)).toEqual([
      ['crm/contacts/eu'],
    ]);
    expect((await ask('hr')).status).toBe(403);
    expect(issuer.decisions.at(-1)).toMatchObject({ denial: { code: 'no_grant' } });
  });

  test('cannot observe', async () => {
    const { protection } = await testIssuer({ audience: API });
    expect(() => protection.judge({ ...ROUTE, mode: 'observe' })).toThrow(TypeError);
    const { scoped, ...call } = ROUTE;
    const described = { credentials: { token: '' }, call, method: 'search', scoped } as const;
    await expect(protection.decide({ ...described, mode: 'observe' })).rejects.toThrow(TypeError);
  });

  test('is the only one with a scope', async () => {
    const issuer = await testIssuer({ audience: API });
    const { scoped: _, ...plain } = ROUTE;
    const handler = issuer.protection.fetch(plain, ({ scope }) => Response.json(scope().datasets));
    const token = await issuer.mint({ grants: [grant('crm')] });
    const request = new Request(API, { headers: { authorization: `Bearer ${token}` } });
    await expect(handler(request)).rejects.toThrow('`scoped: true`');
  });
});
