import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { readDeployment } from '../../../src/deployment/index.ts';
import { readDirectory, rolesOf } from '../../../src/operators/index.ts';

const CORP = { corp: { issuer: 'https://login.acme.example', clientId: 'hewn' } };
const RULE = { role: 'viewer', provider: 'corp', claim: 'groups', values: ['staff'] };

const faultOf = (directory: object): string => {
  const read = readDirectory(directory);
  return read.ok ? '' : `${read.error.path.join('.')}: ${read.error.found}`;
};

describe('the directory of operators', () => {
  test.each(['hewn.toml', 'access.toml'])('of the example %s is valid', async (file) => {
    const read = await readDeployment(await readFile(`examples/operators/${file}`));
    expect(read).toMatchObject({ ok: true });
  });

  test.each([
    ['a role of an unknown provider', { roles: [RULE] }, 'roles.0.provider'],
    [
      'two people with two providers',
      { providers: { ...CORP, other: { ...CORP.corp, clientId: 'x' } }, twoPeople: ['lift'] },
      'twoPeople',
    ],
    ['one client twice', { providers: { ...CORP, other: CORP.corp } }, 'providers.other.clientId'],
    ['two people for a stop', { providers: CORP, twoPeople: ['revoke'] }, 'twoPeople'],
    ['an unknown role', { providers: CORP, roles: [{ ...RULE, role: 'root' }] }, 'roles.0.role'],
    ['a misspelt limit', { providers: CORP, roles: [{ ...RULE, owner: ['x'] }] }, 'roles.0'],
    ['an empty limit', { providers: CORP, roles: [{ ...RULE, owners: [] }] }, 'roles.0.owners'],
    [
      'a provider over http',
      { providers: { corp: { ...CORP.corp, issuer: 'http://acme.example' } } },
      'providers.corp',
    ],
    ['a provider named access', { providers: { access: CORP.corp } }, 'providers'],
    [
      'the name of any variable as a secret',
      { providers: { corp: { ...CORP.corp, secret: 'MINT_KEYS' } } },
      'providers.corp.secret',
    ],
    ['a session of a week', { providers: CORP, sessionMinutes: 10_080 }, 'sessionMinutes'],
    [
      'an invisible character',
      { providers: CORP, roles: [{ ...RULE, values: ['sta\u200bff'] }] },
      'roles.0.values',
    ],
  ])('refuses %s', (_, directory, where) => {
    expect(faultOf(directory)).toContain(where);
  });

  test('gives a person the roles of every rule that applies, by exact values', () => {
    const read = readDirectory({
      providers: CORP,
      roles: [RULE, { ...RULE, role: 'responder', owners: ['growth'] }],
    });
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    const of = (groups: readonly string[], provider = 'corp') =>
      rolesOf(read.value, { provider, claims: { groups } });
    expect(of(['staff', 'x'])).toEqual([
      { role: 'viewer' },
      { role: 'responder', owners: ['growth'] },
    ]);
    for (const groups of [['Staff'], ['staff '], [], ['staff2']]) expect(of(groups)).toEqual([]);
    expect(of(['staff'], 'other')).toEqual([]);
  });
});
