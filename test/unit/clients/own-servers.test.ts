import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CLIENTS, ownServers, type Places } from '../../../src/clients/index.ts';
import { emptyFolder, type Folder } from '../cli/scene.ts';

let folder: Folder;
let places: Places;
beforeEach(async () => {
  folder = await emptyFolder();
  const [home, project] = [folder.file('home'), folder.file('project')];
  places = { home, project, platform: 'linux', variable: () => undefined };
  await mkdir(join(home, '.codex'), { recursive: true });
  await mkdir(join(project, '.codex'), { recursive: true });
});
afterEach(() => folder[Symbol.asyncDispose]());

test('finds the servers of the user and of the project', async () => {
  await writeFile(folder.file('home/.codex/config.toml'), '[mcp_servers.own]\ncommand = "x"\n');
  await writeFile(folder.file('project/.codex/config.toml'), 'mcp_servers.b = { url = "y" }\n');
  expect(await ownServers(CLIENTS.codex, places)).toEqual({ ok: true, value: ['own', 'b'] });
  expect(await ownServers(CLIENTS.gemini, places)).toEqual({ ok: true, value: [] });
});

test('names a file that cannot be read as the client would', async () => {
  await writeFile(folder.file('home/.codex/config.toml'), '[mcp_servers.own\n');
  const found = await ownServers(CLIENTS.codex, places);
  expect(found).toMatchObject({ ok: false, error: expect.stringContaining('config.toml: line 1') });
});

test('follows the variable that moves the folder of a client', async () => {
  await writeFile(folder.file('home/.codex/config.toml'), '[mcp_servers.own]\ncommand = "x"\n');
  const moved = {
    ...places,
    variable: (name: string) => (name === 'CODEX_HOME' ? '/none' : undefined),
  };
  expect(await ownServers(CLIENTS.codex, moved)).toEqual({ ok: true, value: [] });
});
