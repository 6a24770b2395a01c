import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CommandContext } from '../../../src/cli/index.ts';
import { openSealed } from '../../../src/upstream/index.ts';
import { emptyFolder, type Folder, hewn } from './scene.ts';

/** One environment, whose gateway has a table of upstreams. */
const DEPLOYMENT = `name = "team" # ours

[issuer]
url = "https://issuer.example"

[providers.okta]
issuer = "https://acme.okta.com"
jwksUri = "https://acme.okta.com/oauth2/v1/keys"
audience = "https://issuer.example"
algorithms = ["RS256"]

[gateways.gateway]
url = "https://gateway.example"

[gateways.gateway.upstreams.files]
url = "https://files.internal.example/mcp"
`;

const CATALOGUE =
  '# Reviewed in May.\n[[tool]]\nname = "mcp/files/read"\naction = "read"\ntier = 1\narguments = []\ndatasets = [{ fixed = "files" }]\nsinks = []\n';

/** An MCP server on standard streams that starts only with its variable. */
const SERVER = `if (process.env.NOTES_TOKEN !== 'stdio-secret-42') process.exit(3);
const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
let rest = '';
process.stdin.on('data', (chunk) => {
  const lines = (rest + chunk).split('\\n');
  rest = lines.pop();
  for (const line of lines) {
    const { id, method } = JSON.parse(line);
    if (id === undefined) continue;
    if (method === 'initialize') send({ id, result: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'notes', version: '1' } } });
    else send({ id, result: { tools: [{ name: 'read_note', inputSchema: { type: 'object', properties: { path: { type: 'string' } } } }] } });
  }
});
`;

const SECRET = 'crm-secret-0123456789';
const CLAUDE = {
  numStartups: 7,
  mcpServers: {
    notes: {
      command: process.execPath,
      args: ['notes.mjs'],
      env: { NOTES_TOKEN: 'stdio-secret-42' },
    },
    CRM: {
      type: 'http',
      url: 'https://crm.example/mcp',
      headers: { Authorization: `Bearer ${SECRET}` },
    },
  },
};

let folder: Folder;
const read = (name: string) => readFile(folder.file(name), 'utf8');
const write = async (name: string, text: string) => {
  await mkdir(dirname(folder.file(name)), { recursive: true });
  await writeFile(folder.file(name), text);
};

beforeEach(async () => {
  folder = await emptyFolder();
  await write('hewn.toml', DEPLOYMENT);
  await write('catalogue/tools.toml', CATALOGUE);
  await write('notes.mjs', SERVER);
  await write('.claude.json', JSON.stringify(CLAUDE, null, 2));
});
afterEach(() => folder[Symbol.asyncDispose]());

const seen: (string | null)[] = [];
const crm = (async (input: string | URL | Request, init?: RequestInit) => {
  const request = new Request(input, init);
  seen.push(request.headers.get('authorization'));
  if (request.method !== 'POST') return new Response(null, { status: 405 });
  const { id, method } = (await request.json()) as { id?: string; method: string };
  if (id === undefined) return new Response(null, { status: 202 });
  const result =
    method === 'initialize'
      ? {
          protocolVersion: '2025-11-25',
          capabilities: { tools: {} },
          serverInfo: { name: 'crm', version: '1' },
        }
      : { tools: [{ name: 'delete_contact', inputSchema: { type: 'object', properties: {} } }] };
  return Response.json({ jsonrpc: '2.0', id, result });
}) as typeof fetch;

const connect = (args: readonly string[], context: Partial<CommandContext> = {}) =>
  hewn(['connect', 'claude', ...args], {
    cwd: folder.path,
    home: folder.path,
    variable: (name) => (name === 'HOME' ? folder.path : undefined),
    fetch: crm,
    ...context,
  });

test('moves the servers of a client behind a gateway that observes, and their secrets away', async () => {
  const { code, out, err } = await connect(['--adopt', '--yes']);
  expect([code, err]).toEqual([0, expect.stringContaining('CRM moves behind the gateway as crm')]);
  for (const secret of [SECRET, 'stdio-secret-42']) expect(out + err).not.toContain(secret);
  expect(seen.at(-1)).toBe(`Bearer ${SECRET}`);

  const client = await read('.claude.json');
  for (const secret of [SECRET, 'stdio-secret-42']) expect(client).not.toContain(secret);
  const { mcpServers, numStartups } = JSON.parse(client);
  expect([numStartups, mcpServers.CRM.args.slice(1, 3), mcpServers.notes.args.slice(1, 3)]).toEqual(
    [7, ['bridge', 'crm'], ['bridge', 'notes']],
  );

  const toml = await read('hewn.toml');
  expect(toml.startsWith(DEPLOYMENT)).toBe(true);
  for (const secret of [SECRET, 'stdio-secret-42']) expect(toml).not.toContain(secret);
  expect(toml).toContain('[gateways.gateway.upstreams.crm]\nurl = "https://crm.example/mcp"');
  expect(toml.match(/mode = "observe"/g)).toHaveLength(2);
  const catalogue = await read('catalogue/tools.toml');
  expect(catalogue.startsWith(CATALOGUE.trimEnd())).toBe(true);
  expect(catalogue).toContain('name = "mcp/crm/delete_contact"');
  expect(catalogue).toContain('name = "mcp/notes/read_note"');
  expect(await read('catalogue/crm.listing.json')).toContain('delete_contact');
});

test('seals the credential of an HTTP server to the gateway, for its host alone', async () => {
  await connect(['--adopt', '--yes', '--server', 'CRM']);
  const { SEAL_KEYS } = JSON.parse(await read('.hewn/dev/secrets.json')).gateway;
  const [, sealed = ''] = /^sealed = "(.*)"$/m.exec(await read('hewn.toml')) ?? [];
  expect(await openSealed(sealed, SEAL_KEYS.split(' '))).toMatchObject({
    secret: SECRET,
    terms: { hosts: ['crm.example'], paths: ['/mcp', '/mcp/*'] },
  });
});

test('keeps the variables and the backup in files for the owner alone', async () => {
  await connect(['--adopt', '--yes', '--server', 'notes']);
  for (const name of ['notes.variables.json', 'claude.user.json']) {
    expect((await stat(folder.file(`.hewn/connect/${name}`))).mode & 0o777, name).toBe(0o600);
  }
  expect(await read('hewn.toml')).toContain('variables = ".hewn/connect/notes.variables.json"');
  expect((await hewn(['check', folder.path], { cwd: folder.path })).err).not.toContain(
    'dev.servers',
  );
});

test('an undo puts the file of the client back, byte by byte', async () => {
  const before = await read('.claude.json');
  await connect(['--adopt', '--yes']);
  expect((await connect(['--undo', '--yes'])).code).toBe(0);
  expect(await read('.claude.json')).toBe(before);
});

test('moves nothing without a yes, and shows no secret', async () => {
  const before = await read('.claude.json');
  const { code, out, err } = await connect(['--adopt', '--dry-run']);
  expect([code, out.includes('********'), (out + err).includes(SECRET)]).toEqual([0, true, false]);
  expect(await read('.claude.json')).toBe(before);
  expect(await read('hewn.toml')).toBe(DEPLOYMENT);
});

test('takes a secret that the entry names from the environment', async () => {
  const text = JSON.stringify(CLAUDE).replace(SECRET, `\${CRM_TOKEN}`);
  await write('.claude.json', text);
  const missing = await connect(['--adopt', '--yes']);
  expect([missing.code, missing.err]).toEqual([2, expect.stringContaining('CRM_TOKEN')]);
  const variables: Record<string, string> = { HOME: folder.path, CRM_TOKEN: SECRET };
  await connect(['--adopt', '--yes'], { variable: (name) => variables[name] });
  expect(seen.at(-1)).toBe(`Bearer ${SECRET}`);
});

const entry = (value: object): string => JSON.stringify({ mcpServers: { one: value } });

test.each([
  [
    'a secret among the arguments',
    entry({ command: 'x', args: ['--api-key', 'abcdefgh'] }),
    'argument 2',
  ],
  ['a token among the arguments', entry({ command: 'x', args: ['ghp_0123456789'] }), 'argument 1'],
  ['a credential in the URL', entry({ url: 'https://a:b@crm.example/mcp' }), 'its URL contains'],
  ['a token in the URL', entry({ url: 'https://crm.example/mcp?token=abc' }), 'its URL contains'],
  [
    'two credentials',
    entry({ url: 'https://crm.example/mcp', headers: { Authorization: 'a', 'X-Api-Key': 'b' } }),
    'several credentials',
  ],
  ['headers of a command', entry({ url: 'https://crm.example/', headersHelper: 'x' }), 'a command'],
  ['an entry of an unknown form', entry({ socket: '/run/x' }), 'unknown form'],
  [
    'a server that does not start',
    entry({ command: process.execPath, args: ['none.mjs'] }),
    'does not answer',
  ],
  [
    'a name that the gateway has',
    JSON.stringify({ mcpServers: { files: { command: 'x' } } }),
    'already',
  ],
  ['no server at all', '{}', 'no server to move'],
])('refuses %s, and changes nothing', async (_, text, why) => {
  await write('.claude.json', text);
  const refused = await connect(['--adopt', '--yes']);
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining(why)]);
  expect(await read('.claude.json')).toBe(text);
  expect(await read('hewn.toml')).toBe(DEPLOYMENT);
  expect(await read('catalogue/tools.toml')).toBe(CATALOGUE);
});

test('refuses a folder without a deployment, and says how to write one', async () => {
  const refused = await connect(['--adopt', '--yes', '--folder', 'elsewhere']);
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('npx hewn init')]);
});
