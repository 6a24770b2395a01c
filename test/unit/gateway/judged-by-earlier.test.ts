import { expect, test } from 'vitest';
import { type Catalogue, parseCatalogue } from '../../../src/catalogue/index.ts';
import type { Judging } from '../../../workers/gateway/catalogues.ts';
import type { Gateway } from '../../../workers/gateway/gateway.ts';
import { mcpTransport } from '../../../workers/gateway/mcp/transport.ts';
import { unwrap } from '../fixtures/issuer.ts';

/** What is forwarded while the catalogue that the head names is not here. */

const entry = (name: string, action: string, tier: number) =>
  `[[tool]]\nname = "mcp/files/${name}"\naction = "${action}"\ntier = ${tier}\narguments = []\ndatasets = [{ fixed = "files" }]\nsinks = []\n`;
const CATALOGUE = unwrap(
  parseCatalogue(
    [entry('list', 'read', 1), entry('export', 'read', 2), entry('save', 'write', 1)].join('\n'),
  ),
);
const GATEWAY = {
  config: { stepUpChallenge: false },
  upstreams: { get: () => ({ kind: 'mcp' }) },
} as unknown as Gateway;

/** Returns the code of the denial; undefined for a message that the verifier judges next. */
async function denialOf(method: string, params: unknown, catalogue: Catalogue | undefined) {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const request = new Request('https://gateway.example', { method: 'POST', headers, body });
  const exchange = await mcpTransport(GATEWAY, 'files').read(request);
  const judging: Judging = { catalogue, hash: undefined, named: 'a'.repeat(64), isCurrent: false };
  const operation = exchange.operation(judging);
  return operation.ok ? undefined : operation.error.denial.code;
}

test.each([
  ['a read is judged by the last verified catalogue', 'list', undefined],
  ['a read of tier 2 is denied', 'export', 'catalogue_unavailable'],
  ['a write of tier 1 is denied', 'save', 'catalogue_unavailable'],
  ['a tool that it does not know may be in the named one', 'new', 'catalogue_unavailable'],
])('with an earlier catalogue, %s', async (_, name, code) => {
  expect(await denialOf('tools/call', { name, arguments: {} }, CATALOGUE)).toBe(code);
});

test('with an earlier catalogue, its tools are listed', async () => {
  expect(await denialOf('tools/list', {}, CATALOGUE)).toBeUndefined();
});

test('without any catalogue, no tool is called and none is listed', async () => {
  const call = { name: 'list', arguments: {} };
  expect(await denialOf('tools/call', call, undefined)).toBe('catalogue_unavailable');
  expect(await denialOf('tools/list', {}, undefined)).toBe('catalogue_unavailable');
  expect(await denialOf('ping', {}, undefined)).toBeUndefined();
});
