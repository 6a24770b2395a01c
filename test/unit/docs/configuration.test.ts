import { expect, test } from 'vitest';
import { readProjectFile, tableUnder } from './markdown.ts';

const page = await readProjectFile('docs/reference/configuration.md');

test.each([
  ['## The issuer', 'workers/issuer/platform/config.ts'],
  ['## The gateway', 'workers/gateway/config.ts'],
])('every variable, secret and binding is documented: %s', async (heading, file) => {
  const source = await readProjectFile(file);
  const [environment = ''] = /export interface \w+Env \{[\s\S]*?\n\}/.exec(source) ?? [];
  const names = [...environment.matchAll(/readonly (\w+)\??:/g)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(5);
  const documented = [...tableUnder(page, heading).keys()].filter((name) => name !== 'name');
  expect(new Set(documented)).toEqual(new Set(names));
});

test.each([
  ['OidcIssuer', 'Members of an entry of kind `oidc`'],
  ['SpiffeIssuer', 'Members of an entry of kind `spiffe`'],
  ['ClientIssuer', 'Members of an entry of kind `client`'],
])('every member of an identity issuer is documented: %s', async (name, heading) => {
  const source = await readProjectFile('src/identity/issuer.ts');
  const [members = ''] =
    new RegExp(`export interface ${name} \\{[\\s\\S]*?\\n\\}`).exec(source) ?? [];
  // Two spaces: a member of a member is not one of the entry's.
  const names = [...members.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(4);
  const documented = [...tableUnder(page, heading).keys()];
  expect(new Set(documented)).toEqual(new Set(['member', ...names]));
});
