import { describe, expect, test } from 'vitest';
import { editEntries, readEntries } from '../../../src/clients/index.ts';

/** Files of clients that are valid and that no client wrote by itself. */

const TOML = { format: 'toml', path: ['mcp_servers'] } as const;
const JSONC = { format: 'jsonc', path: ['mcpServers'] } as const;
const ENTRY = { command: 'npx', args: ['hewn', 'bridge', 'files'] };

const set = (shape: typeof TOML | typeof JSONC, text: string) =>
  editEntries(shape, text, { files: ENTRY });
const unset = (shape: typeof TOML | typeof JSONC, text: string) =>
  editEntries(shape, text, { files: undefined });

describe('a file that begins with a byte order mark', () => {
  test.each([
    ['TOML', TOML, '\ufeffmodel = "x"\n'],
    ['JSON', JSONC, '\ufeff{\r\n  "model": "x"\r\n}\r\n'],
  ])('is read and edited, and keeps it: %s', async (_, shape, text) => {
    const edited = await set(shape, text);
    if (!edited.ok) throw new Error(edited.error);
    expect(edited.value.slice(0, 2)).toBe(text.slice(0, 2));
    expect(await readEntries(shape, edited.value)).toEqual({ ok: true, value: { files: ENTRY } });
  });
});

describe('a comma after the last entry', () => {
  test.each([
    [
      'with another before it',
      '{\r\n\t"mcpServers": {\r\n\t\t"a": {},\r\n\t\t"files": {},\r\n\t},\r\n}\r\n',
      '{\r\n\t"mcpServers": {\r\n\t\t"a": {},\r\n\t},\r\n}\r\n',
    ],
    [
      'with a comment on its line',
      '{\n  "mcpServers": { // servers\n    "files": {}, // mine\n  },\n}\n',
      '{\n  "mcpServers": { // servers // mine\n  },\n}\n',
    ],
    [
      'with a comment before the comma',
      '{\n  "mcpServers": {\n    "files": {} /* mine */,\n  }\n}\n',
      '{\n  "mcpServers": {\n  }\n}\n',
    ],
    ['on one line', '{"mcpServers":{"a":{},"files":{},},}', '{"mcpServers":{"a":{},},}'],
  ])('goes with it: %s', async (_, text, expected) => {
    expect(await unset(JSONC, text)).toEqual({ ok: true, value: expected });
  });
});

test.each(['null', '[]', '"x"', '1'])('servers that are %s are refused', async (value) => {
  const text = `{"mcpServers":${value}}`;
  expect(await set(JSONC, text)).toEqual({ ok: false, error: 'mcpServers is no table' });
  expect(await readEntries(JSONC, text)).toMatchObject({ ok: false });
});

test.each([
  ['dotted keys', 'mcp_servers.other.command = "x"\n'],
  ['a quoted name', '[mcp_servers."files.v2"]\ncommand = "x"\n'],
  ['a table that is only in a text', 'x = """\n[mcp_servers.files]\n"""\n'],
  ['a profile with a server of the same name', '[p.mcp_servers.files]\ncommand = "y"\n'],
])('an entry is set and removed next to %s', async (_, text) => {
  const edited = await set(TOML, text);
  if (!edited.ok) throw new Error(edited.error);
  expect(await unset(TOML, edited.value)).toEqual({ ok: true, value: text });
});
