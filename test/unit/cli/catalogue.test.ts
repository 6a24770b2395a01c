// cspell:ignore notse
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { parseCatalogue } from '../../../src/catalogue/index.ts';
import { unwrap } from '../fixtures/issuer.ts';
import { emptyFolder, type Folder, hewn } from './scene.ts';

// A real MCP server that we did not write, and a catalogue of it that a person wrote.
const SERVER = createRequire(import.meta.url).resolve(
  '@modelcontextprotocol/server-filesystem/dist/index.js',
);

const DEPLOYMENT = `
name = "trial"
[issuer]
url = "https://issuer.example"
[providers.login]
issuer = "https://login.example"
jwksUri = "https://login.example/jwks"
audience = "https://issuer.example"
algorithms = ["ES256"]
[gateways.gateway]
url = "https://gateway.example"
upstreams = { notes = "https://notes.example/mcp" }
[dev.servers.notes]
command = ["node", "notes.js"]
`;

async function project(): Promise<Folder> {
  const folder = await emptyFolder();
  await mkdir(folder.file('docs'));
  return folder;
}

const catalogue = (folder: Folder, words: readonly string[]) =>
  hewn(['catalogue', ...words, '--server', 'files', '--', 'node', SERVER, folder.file('docs')], {
    cwd: folder.path,
  });

test('a draft of a real server is a catalogue that fits it, and keeps what the server said', async () => {
  await using folder = await project();
  const drafted = await catalogue(folder, ['import', '--out', 'catalogue/tools.toml']);
  expect(drafted).toMatchObject({ code: 0, err: expect.stringContaining('14 drafted') });
  const checked = await catalogue(folder, ['check', '--json']);
  expect(JSON.parse(checked.out)).toEqual({ ok: true, findings: [] });
  expect(await catalogue(folder, ['diff'])).toMatchObject({
    code: 0,
    out: expect.stringContaining('nothing changed'),
  });
});

test('a draft calls nothing a read that a person calls more', async () => {
  await using folder = await project();
  const { out } = await catalogue(folder, ['import', '--json']);
  const drafted = unwrap(parseCatalogue(JSON.parse(out).draft));
  const written = unwrap(parseCatalogue(await readFile('policy/tools.toml', 'utf8')));
  for (const [name, { action, datasets }] of written) {
    if (!name.startsWith('mcp/files/')) continue;
    expect([name, drafted.get(name)?.action]).toEqual([name, action]);
    if ('argument' in (datasets[0] ?? {}))
      expect(drafted.get(name)?.datasets[0]).toEqual(datasets[0]);
  }
});

test('tools that the catalogue has already are not drafted again', async () => {
  await using folder = await project();
  await mkdir(folder.file('catalogue'));
  await writeFile(folder.file('catalogue/tools.toml'), await readFile('policy/tools.toml'));
  const { out, err } = await catalogue(folder, ['import']);
  expect(out).not.toContain('[[tool]]');
  expect(err).toContain('0 drafted, 14 in the catalogue already');
  expect(err).toMatch(
    /mcp\/files\/read_text_file is not pinned.*\n {2}definition = "[0-9a-f]{64}"/,
  );
  expect(err.match(/is not pinned/g)).toHaveLength(14);
});

test('a file that exists is not replaced by a draft', async () => {
  await using folder = await project();
  await writeFile(folder.file('draft.toml'), 'mine');
  expect(await catalogue(folder, ['import', '--out', 'draft.toml'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('draft.toml exists: name a new file'),
  });
  expect(await readFile(folder.file('draft.toml'), 'utf8')).toBe('mine');
});

test('a changed description is shown, and accepted only when told to', async () => {
  await using folder = await project();
  await catalogue(folder, ['import']);
  const file = folder.file('catalogue/files.listing.json');
  const text = await readFile(file, 'utf8');
  const kept = JSON.parse(text);
  kept.tools[0].description = 'As it was.';
  await writeFile(file, JSON.stringify(kept));
  const shown = await catalogue(folder, ['diff']);
  expect(shown.code).toBe(1);
  expect(shown.out).toMatch(
    /^changed tool create_directory\n {2}\/description\n {4}the description is another\n/,
  );
  expect(shown.out).toContain('    - "As it was."');
  expect((await catalogue(folder, ['diff', '--accept'])).code).toBe(0);
  expect(await readFile(file, 'utf8')).toBe(text);
});

test('a name with a line end does not add a line to the changes', async () => {
  await using folder = await project();
  await catalogue(folder, ['import']);
  const file = folder.file('catalogue/files.listing.json');
  const kept = JSON.parse(await readFile(file, 'utf8'));
  kept.tools.push({ ...kept.tools[0], name: 'gone\nadded tool other' });
  await writeFile(file, JSON.stringify(kept));
  const { out } = await catalogue(folder, ['diff']);
  expect(out).toMatch(/^removed tool gone\\u\{a\}added tool other$/m);
});

test('a tool that the catalogue pins is reported when it changes, and pinned again on demand', async () => {
  await using folder = await project();
  await catalogue(folder, ['import', '--out', 'catalogue/tools.toml']);
  const file = folder.file('catalogue/tools.toml');
  const text = await readFile(file, 'utf8');
  const [pinned = ''] = /[0-9a-f]{64}/.exec(text) ?? [];
  await writeFile(file, text.replace(pinned, '0'.repeat(64)));
  const checked = await catalogue(folder, ['check']);
  expect(checked.out).toContain('its definition is not the pinned one');
  const shown = await catalogue(folder, ['diff']);
  expect(shown).toMatchObject({ code: 1, out: expect.stringContaining('pinned mcp/files/') });
  expect(await catalogue(folder, ['diff', '--accept'])).toMatchObject({ code: 0 });
  expect(await readFile(file, 'utf8')).toBe(text);
});

test.each<[string, readonly string[], string]>([
  ['no server', [], 'name a server'],
  ['a URL without a name', ['https://mcp.example/mcp'], '--server NAME'],
  ['a name that hewn.toml lacks', ['unknown'], '--server NAME'],
  ['a variable that is not set', ['https://a.example', '--bearer', 'NONE'], 'NONE is not set'],
  ['a server name in upper case', ['https://a.example', '--server', 'Files'], '--server must be'],
  ['a server name of 33 characters', ['x', '--server', 'a'.repeat(33)], 'at most 32'],
  ['two URLs', ['https://a.example', 'https://b.example', '--server', 'a'], 'one URL at a time'],
  ['a URL that cannot be parsed', ['https://', '--server', 'a'], '"https://" is no URL'],
])('it says what to do with %s', async (_, words, wanted) => {
  await using folder = await project();
  const run = await hewn(['catalogue', 'import', ...words], { cwd: folder.path });
  expect(run).toMatchObject({ code: 2, err: expect.stringContaining(wanted) });
});

test('import says which servers hewn.toml has when a name is not one of them', async () => {
  await using folder = await project();
  const imported = () => hewn(['catalogue', 'import', 'notse'], { cwd: folder.path });
  expect((await imported()).err).toContain('give the server a name with --server NAME');
  const file = folder.file('hewn.toml');
  await writeFile(file, DEPLOYMENT);
  expect((await imported()).err).toContain('has no [dev.servers.notse]. It has: notes');
  await writeFile(file, `${DEPLOYMENT}port = 1\n`);
  expect((await imported()).err).toContain('dev.servers.notes.port: unknown key');
});
