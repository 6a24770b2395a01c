import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkVersion } from '../../../src/policy/index.ts';
import type { Version } from '../../../src/version/index.ts';

const ROOT = join(import.meta.dirname, '../../..');
const read = (path: string) => readFile(join(ROOT, path), 'utf8');
const CATALOGUE = await read('policy/tools.toml');
const REPORTS = await read('policy/reports.datalog');
const VERSION: Version = { policy: { 'policy/reports.datalog': REPORTS }, catalogue: CATALOGUE };

const faultsOf = (version: Version) => {
  const checked = checkVersion(version);
  return checked.ok ? [] : checked.error;
};
const shown = (version: Version) =>
  faultsOf(version).map(({ file, line, key }) => [file, line, key].join(' ').trim());

test('a version that loads has a policy, a catalogue and no fault', () => {
  const checked = checkVersion(VERSION);
  if (!checked.ok) throw new Error(JSON.stringify(checked.error));
  expect(checked.value.catalogue.size).toBeGreaterThan(3);
  expect(checked.value.policy.owners).toBeDefined();
});

test('reports every fault of every file, with its line', () => {
  const tool = CATALOGUE.indexOf('[[tool]]');
  const catalogue = `${CATALOGUE.slice(0, tool)}[[tool]]
name = "mcp/files/broken"
action = "wipe"
tier = 9
arguments = ["path"]
datasets = [{ fixed = "files" }]

${CATALOGUE.slice(tool)}`;
  const line = catalogue.slice(0, catalogue.indexOf('action = "wipe"')).split('\n').length;
  const policy = {
    'policy/reports.datalog': REPORTS,
    'policy/a.datalog': '\nallow if tool(;\n',
    'policy/b.datalog': 'allow if',
  };
  expect(shown({ policy, catalogue })).toEqual([
    `catalogue ${line} tool.0.action`,
    `catalogue ${line + 1} tool.0.tier`,
    'policy/a.datalog 2',
    'policy/b.datalog 1',
  ]);
});

test('reports a policy that names a tool which the catalogue no longer has', () => {
  const catalogue = CATALOGUE.replace('"mcp/files/read_text_file"', '"mcp/files/read_text"');
  const [fault] = faultsOf({ ...VERSION, catalogue });
  expect(fault?.file).toBe('policy/reports.datalog');
  expect(fault?.line).toBeGreaterThan(1);
  expect(fault?.found).toContain('mcp/files/read_text_file');
});

test('a policy without a statement and a file that is too large are faults', () => {
  expect(shown({ policy: { 'a.datalog': '// nothing' }, catalogue: CATALOGUE })).toEqual([
    'a.datalog',
  ]);
  const large = { 'a.datalog': `// ${'x'.repeat(64 * 1024)}` };
  expect(faultsOf({ policy: large, catalogue: CATALOGUE })[0]?.allowed).toContain('64 KiB');
});

test('at most 100 faults are listed, and the rest is counted', () => {
  const policy = Object.fromEntries(
    Array.from({ length: 5 }, (_, file) => [
      `${file}.datalog`,
      Array.from({ length: 30 }, (_, n) => `allow if tool("mcp/files/unknown_${n}");`).join('\n'),
    ]),
  );
  const faults = faultsOf({ policy, catalogue: CATALOGUE });
  expect(faults).toHaveLength(101);
  expect(faults.at(-1)?.found).toBe('50 more are not shown');
});
