import { chmod, lstat, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CommandContext } from '../../../src/cli/index.ts';
import { CLIENTS, readEntries } from '../../../src/clients/index.ts';
import { VALID } from '../deployment/scene.ts';
import { emptyFolder, type Folder, hewn } from './scene.ts';

let folder: Folder;
beforeEach(async () => {
  folder = await emptyFolder();
  await writeFile(folder.file('hewn.toml'), VALID);
});
afterEach(() => folder[Symbol.asyncDispose]());

const connect = (args: readonly string[], context: Partial<CommandContext> = {}) =>
  hewn(['connect', ...args], {
    cwd: folder.path,
    variable: (name) => (name === 'HOME' ? folder.path : undefined),
    ...context,
  });

const write = async (name: string, text: string): Promise<void> => {
  await mkdir(dirname(folder.file(name)), { recursive: true });
  await writeFile(folder.file(name), text, { mode: 0o640 });
};
const read = (name: string) => readFile(folder.file(name), 'utf8');

const CLAUDE = `{
  "numStartups": 3,
  "mcpServers": { "own": { "command": "own-server" } },
  "projects": { "/tmp": { "history": [1, 2] } }
}
`;
const GEMINI = `{
\t// The theme of the terminal.
\t"theme": "dark",
\t"mcpServers": {
\t\t/* mine */
\t\t"own": { "httpUrl": "https://own.example/mcp" },
\t},
}
`;
const CODEX = `# Codex
model = "gpt-5.5" # the large one

[mcp_servers.own] # mine
command = "own-server"

[mcp_servers.own.env]
LEVEL = "1"

[profiles.quick]
model = "gpt-5-mini"
`;
const FILES = [
  ['claude', '.claude.json', CLAUDE],
  ['codex', '.codex/config.toml', CODEX],
  ['gemini', '.gemini/settings.json', GEMINI],
  ['opencode', '.config/opencode/opencode.json', '{\n  // mine\n  "mcp": {}\n}\n'],
  ['cursor', '.cursor/mcp.json', '{"mcpServers":{"own":{"url":"https://own.example/mcp"}}}'],
  ['windsurf', '.codeium/windsurf/mcp_config.json', '{}'],
] as const;

describe.each(FILES)('hewn connect %s', (name, file, text) => {
  test('adds the entry, keeps everything else, and takes it back byte by byte', async () => {
    await write(file, text);
    const connected = await connect([name, '--yes']);
    expect([connected.code, connected.err]).toEqual([0, expect.stringContaining('wrote')]);
    const after = await read(file);
    const entries = await readEntries(CLIENTS[name], after);
    const entry = entries.ok ? entries.value.files : undefined;
    expect(entry && CLIENTS[name].read(entry)).toEqual({
      command: process.execPath,
      args: [expect.stringMatching(/main\.ts$/), 'bridge', 'files', '--folder', folder.path],
    });
    // The neighbours of an entry may get another indentation.
    const lines = text.split('\n').map((line) => line.replace(/\s|[{}]+,?$/g, ''));
    for (const line of lines) expect(after.replace(/\s/g, '')).toContain(line.replace(/}+,?$/, ''));
    expect((await stat(folder.file(file))).mode & 0o777).toBe(0o640);

    expect((await connect([name, '--undo', '--yes'])).code).toBe(0);
    expect(await read(file)).toBe(text);
    expect((await connect([name, '--undo', '--yes'])).err).toContain('nothing of');
  });

  test('takes back its entry alone from a file that was changed since', async () => {
    await write(file, text);
    await connect([name, '--yes']);
    const changed =
      name === 'codex'
        ? `${await read(file)}\n[mcp_servers.later]\ncommand = "later"\n`
        : (await read(file)).replace('{', '{ "later": 1,');
    await writeFile(folder.file(file), changed);
    expect((await connect([name, '--undo', '--yes'])).code).toBe(0);
    const after = await read(file);
    expect(after).toContain('later');
    expect(after).not.toContain('bridge');
    const [before, left] = [
      await readEntries(CLIENTS[name], text),
      await readEntries(CLIENTS[name], after),
    ];
    const names = (entries: typeof before) => (entries.ok ? Object.keys(entries.value) : entries);
    expect(names(left)).toEqual([
      ...(names(before) as readonly string[]),
      ...(name === 'codex' ? ['later'] : []),
    ]);
  });
});

test('writes a file that was not there for its owner alone, and removes it again', async () => {
  expect((await connect(['cursor', '--project', '--yes'])).code).toBe(0);
  const file = folder.file('.cursor/mcp.json');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(folder.file('.hewn/connect/cursor.project.json'))).mode & 0o777).toBe(0o600);
  await connect(['cursor', '--project', '--undo', '--yes']);
  await expect(stat(file)).rejects.toThrow('ENOENT');
});

test('writes a URL and a command for its headers, for Claude Code alone', async () => {
  const env = ['--env', 'production', '--profile', 'review'];
  expect((await connect(['claude', '--headers', '--yes', ...env])).code).toBe(0);
  const entries = await readEntries(CLIENTS.claude, await read('.claude.json'));
  const entry = entries.ok ? entries.value.files : undefined;
  expect(entry).toEqual({
    type: 'http',
    url: expect.stringMatching(/^https:.*\/mcp\/files$/),
    headersHelper: expect.stringMatching(
      / headers files --folder \S+ --profile review --env production$/,
    ),
  });
  const other = await connect(['codex', '--headers', '--yes']);
  expect([other.code, other.err]).toEqual([2, expect.stringContaining('for claude alone')]);
});

test('shows no header and no variable of another entry', async () => {
  const servers = {
    web: { type: 'http', url: 'https://web.example', headers: { Authorization: 'Bearer s3cr"et' } },
    own: { command: 'own-server', env: { TOKEN: 'hidden-value' } },
  };
  await write('.claude.json', JSON.stringify({ mcpServers: servers }));
  const { out } = await connect(['claude', '--dry-run']);
  expect(out).toContain('"Authorization": "********"');
  expect(out).not.toMatch(/s3cr|hidden-value/);
});

test('shows the difference first, and writes nothing without a yes', async () => {
  await write('.claude.json', CLAUDE);
  const dry = await connect(['claude', '--dry-run']);
  expect([dry.code, dry.out]).toEqual([0, expect.stringContaining('+      "command"')]);
  const alone = await connect(['claude']);
  expect([alone.code, alone.err]).toEqual([2, expect.stringContaining('--yes')]);
  const asked: string[] = [];
  const confirm = async (question: string) => {
    asked.push(question);
    return false;
  };
  expect((await connect(['claude'], { confirm })).code).toBe(1);
  expect(asked).toEqual([`Write ${folder.file('.claude.json')}?`]);
  expect(await read('.claude.json')).toBe(CLAUDE);
  await expect(stat(folder.file('.hewn/connect'))).rejects.toThrow('ENOENT');
});

test('passes the profile, the environment and the chosen servers on to the bridge', async () => {
  await connect([
    'claude',
    '--yes',
    '--server',
    'files',
    '--profile',
    'review',
    '--env',
    'production',
  ]);
  const { args } = JSON.parse(await read('.claude.json')).mcpServers.files;
  expect(args.slice(-4)).toEqual(['--profile', 'review', '--env', 'production']);
});

test('connecting twice writes the same, and an undo takes back both', async () => {
  await write('.claude.json', CLAUDE);
  await connect(['claude', '--yes']);
  const once = await read('.claude.json');
  expect((await connect(['claude', '--yes'])).err).toContain('as it should be');
  expect(await read('.claude.json')).toBe(once);
  await connect(['claude', '--yes', '--profile', 'review']);
  await connect(['claude', '--undo', '--yes']);
  expect(await read('.claude.json')).toBe(CLAUDE);
});

test('does not undo an entry that someone has changed since', async () => {
  await connect(['cursor', '--yes']);
  const file = '.cursor/mcp.json';
  await writeFile(folder.file(file), (await read(file)).replace('"bridge"', '"other"'));
  const undone = await connect(['cursor', '--undo', '--yes']);
  expect(undone.err).toContain('files stays');
  expect(await read(file)).toContain('"other"');
});

test('writes through a link, which stays one', async () => {
  await write('dotfiles/claude.json', CLAUDE);
  await symlink('dotfiles/claude.json', folder.file('.claude.json'));
  await connect(['claude', '--yes']);
  expect((await lstat(folder.file('.claude.json'))).isSymbolicLink()).toBe(true);
  expect(await read('dotfiles/claude.json')).toContain('bridge');
});

test.each([
  ['an unknown client', ['emacs'], '', 'there is no client "emacs"'],
  ['no client', [], '', 'name one client'],
  ['an unknown server', ['claude', '--server', 'file'], '', 'Did you mean "files"?'],
  ['a file that is no JSON', ['claude'], '{"a": }', 'line 1'],
  ['a file whose servers are a list', ['claude'], '{"mcpServers": []}', 'no table'],
  ['a server of its own', ['claude'], '{"mcpServers":{"files":{"command":"x"}}}', '--adopt'],
  ['a project of a client without one', ['windsurf', '--project'], '', 'no file for one project'],
])('refuses %s, and changes nothing', async (_, args, text, why) => {
  await write('.claude.json', text);
  const refused = await connect([...args, '--yes']);
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining(why)]);
  expect(await read('.claude.json')).toBe(text);
});

test.each([
  ['servers in one inline table', 'mcp_servers = { own = { command = "x" } }\n'],
  ['keys with dots', 'mcp_servers.own.command = "x"\n'],
])('keeps %s of Codex, or refuses', async (_, text) => {
  await write('.codex/config.toml', text);
  const { code } = await connect(['codex', '--yes']);
  const after = await read('.codex/config.toml');
  if (code === 2) return expect(after).toBe(text);
  const entries = await readEntries(CLIENTS.codex, after);
  expect(entries).toMatchObject({ ok: true, value: { own: { command: 'x' } } });
});

test('a file that cannot be read is named', async () => {
  await mkdir(join(folder.path, '.claude.json'));
  expect((await connect(['claude', '--yes'])).err).toContain('.claude.json: EISDIR');
  await chmod(join(folder.path, '.claude.json'), 0o700);
});
