import { expect, test } from 'vitest';
import { findCatalogueFaults, parseCatalogue, tools } from '../../../src/catalogue/index.ts';
import { CATALOGUE_BYTES_MAX } from '../../../src/catalogue/parse.ts';

const entry = (change: Record<string, string> = {}): string => {
  const lines = {
    name: '"mcp/files/read"',
    action: '"read"',
    tier: '1',
    arguments: '["path"]',
    datasets: '[{ argument = "/path", under = "files" }]',
    sinks: '',
    ...change,
  };
  const written = Object.entries(lines).filter(([, value]) => value !== '');
  return `[[tool]]\n${written.map(([key, value]) => `${key} = ${value}`).join('\n')}\n`;
};

const errorOf = (toml: string) => {
  const parsed = parseCatalogue(toml);
  return parsed.ok ? 'accepted' : parsed.error;
};
const placeOf = (toml: string) => {
  const error = errorOf(toml);
  return typeof error === 'object' && 'where' in error ? error.where : error;
};

test('parses a catalogue and lists its tools in order', () => {
  const parsed = parseCatalogue(
    entry() + entry({ name: '"b"', datasets: '[{ fixed = "all" }]', sinks: '["/path/*"]' }),
  );
  expect(parsed.ok && tools(parsed.value)).toEqual([
    {
      name: 'mcp/files/read',
      action: 'read',
      tier: 1,
      arguments: ['path'],
      datasets: [{ argument: '/path', under: 'files' }],
      sinks: [],
    },
    {
      name: 'b',
      action: 'read',
      tier: 1,
      arguments: ['path'],
      sinks: ['/path/*'],
      datasets: [{ fixed: 'all' }],
    },
  ]);
});

test('refuses text that is not TOML, with the line', () => {
  expect(errorOf('# one\n[[tool]]\nname = \n')).toMatchObject({ code: 'toml_invalid', line: 3 });
  expect(errorOf(`${entry()}name = "twice"`)).toMatchObject({ code: 'toml_invalid', line: 7 });
});

test('says that an empty catalogue has no tool', () => {
  expect(findCatalogueFaults('')).toEqual([
    { where: 'tool', why: 'there is no [[tool]], so no tool could be called' },
  ]);
});

test('refuses an oversized catalogue before parsing it', () => {
  expect(errorOf('#'.repeat(CATALOGUE_BYTES_MAX + 1))).toEqual({ code: 'catalogue_too_large' });
  expect(errorOf('é'.repeat(CATALOGUE_BYTES_MAX))).toEqual({ code: 'catalogue_too_large' });
});

test.each([
  ['an empty catalogue', '', 'tool'],
  ['an empty list', 'tool = []', 'tool'],
  ['a misspelt table', `[[tools]]\n${entry()}`, 'tools'],
  ['an unknown member', entry({ sinks2: '["path"]' }), 'tool.0.sinks2'],
  ['an unknown action', entry({ action: '"list"' }), 'tool.0.action'],
  ['a tier above 3', entry({ tier: '4' }), 'tool.0.tier'],
  ['a tier as a text', entry({ tier: '"1"' }), 'tool.0.tier'],
  ['a missing tier', entry({ tier: '' }), 'tool.0.tier'],
  ['a missing argument list', entry({ arguments: '' }), 'tool.0.arguments'],
  ['an argument named *', entry({ arguments: '["path", "*"]' }), 'tool.0.arguments'],
  ['an argument listed twice', entry({ arguments: '["path", "path"]' }), 'tool.0.arguments'],
  ['a tool without datasets', entry({ datasets: '[]' }), 'tool.0.datasets'],
  ['a repeated tool', entry() + entry(), 'tool.1.name'],
  ['a tool that writes and lists no sinks', entry({ action: '"write"' }), 'tool.0.sinks'],
  ['a sink that is not a pointer', entry({ sinks: '["path"]' }), 'tool.0.sinks.0'],
  ['a sink that points to the whole', entry({ sinks: '[""]' }), 'tool.0.sinks.0'],
  ['a sink in an unlisted argument', entry({ sinks: '["/path", "/to"]' }), 'tool.0.sinks.1'],
  ['a repeated sink', entry({ sinks: '["/path", "/path"]' }), 'tool.0.sinks.1'],
  ['a sink that is not a string', entry({ sinks: '[1]' }), 'tool.0.sinks.0'],
  ['an invisible character in a name', entry({ name: '"a\\u200bb"' }), 'tool.0.name'],
])('refuses a catalogue with %s', (_, toml, place) => {
  expect(placeOf(toml)).toBe(place);
});

test.each([
  ['argument = "path", under = "files"', 'argument'],
  ['argument = "", under = "files"', 'argument'],
  ['argument = "/pa~2th", under = "files"', 'argument'],
  ['argument = "/other", under = "files"', 'argument'],
  ['argument = "/*", under = "files"', 'argument'],
  ['argument = "/path", under = "/files"', 'under'],
  ['argument = "/path", under = ""', 'under'],
  ['fixed = "files/../etc"', 'fixed'],
])('refuses an invalid dataset source: { %s }', (source, member) => {
  const place = placeOf(entry({ datasets: `[{ ${source} }]` }));
  expect(place).toBe(`tool.0.datasets.0.${member}`);
});

test.each([
  ['argument = "/path"'],
  ['under = "files"'],
  ['argument = "/path", fixed = "files"'],
  ['argument = "/path", under = "files", fixed = "files"'],
])('refuses a dataset source that is neither or both of the two forms: { %s }', (source) => {
  expect(String(placeOf(entry({ datasets: `[{ ${source} }]` })))).toMatch(/^tool\.0\.datasets\.0/);
});

test('every fault of every tool is found, with its line', () => {
  const toml = `[[tool]]
name = "mcp/files/read"
action = "red"
tier = 1
arguments = ["path", "path"]
datasets = [{ argument = "/path", under = "files" }]

[[tool]]
name = ""
action = "write"
tier = 2
arguments = ["path", "path", "*"]
datasets = [{ argument = "/other", under = "files" }]
`;
  const faults = findCatalogueFaults(toml);
  expect(faults.map(({ line, where }) => [line, where])).toEqual([
    [3, 'tool.0.action'],
    [9, 'tool.1.name'],
    [12, 'tool.1.arguments'],
    [12, 'tool.1.arguments'],
    [13, 'tool.1.datasets.0.argument'],
    [8, 'tool.1.sinks'],
  ]);
});

test('names the line of a fault in a table of its own, and in a dotted key', () => {
  const toml = `[[tool]]
name = "mcp/files/read"
action = "read"
tier = 1
arguments = ["path"]
sinks = [
  "/path",
  "/to",
]
extra.inside = 1
[[tool.datasets]]
argument = "/path"
under = "/files"
[tool.unknown]
name = "inside"
`;
  const faults = findCatalogueFaults(toml);
  expect(faults.map(({ line, where }) => [line, where])).toEqual([
    [10, 'tool.0.extra'],
    [14, 'tool.0.unknown'],
  ]);
  const [before = ''] = toml.replace('extra.inside = 1\n', '').split('[tool.unknown]');
  expect(findCatalogueFaults(before).map(({ line, where }) => [line, where])).toEqual([
    [12, 'tool.0.datasets.0.under'],
    [6, 'tool.0.sinks.1'],
  ]);
});

test('lists the allowed keys where a key is unknown, at each depth', () => {
  expect(errorOf(entry({ sinks2: '["/path"]' }))).toMatchObject({
    where: 'tool.0.sinks2',
    why: expect.stringMatching(/^unknown key. Allowed: name, action, tier, arguments, /),
  });
  const misspelt = '[{ argument = "/path", under = "files", roots = "/srv" }]';
  expect(errorOf(entry({ datasets: misspelt }))).toEqual({
    code: 'catalogue_invalid',
    where: 'tool.0.datasets.0.roots',
    why: 'unknown key. Allowed: argument, under, names, root, default, emptyIsDefault',
  });
});
