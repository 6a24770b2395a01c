import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { describeCall, parseCatalogue } from 'hewn/catalogue';

const parsed = parseCatalogue(await readFile('catalogue/tools.toml', 'utf8'));
assert.ok(parsed.ok);
const catalogue = parsed.value;

/** Asks the server one question. */
async function ask(method, params = {}) {
  const server = spawn(process.execPath, ['servers/notes.js'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: server.stdout });
  server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })}\n`);
  const [line] = await once(lines, 'line');
  server.stdin.end();
  return JSON.parse(line).result;
}

test('the catalogue has every tool of the server', async () => {
  const { tools } = await ask('tools/list');
  const names = tools.map(({ name }) => `mcp/notes/${name}`);
  assert.deepEqual(names.sort(), [...catalogue.keys()].sort());
});

test('a call is described by the dataset that its path names', () => {
  const described = describeCall(catalogue, 'mcp/notes/read_note', { path: 'team/monday.md' });
  assert.ok(described.ok);
  assert.deepEqual(described.value.dataset, ['notes/team/monday.md']);
});

test('a path that leads out of the folder is no dataset', () => {
  const described = describeCall(catalogue, 'mcp/notes/read_note', { path: '../secrets' });
  assert.equal(described.ok, false);
});
