import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  catalogueHash,
  isVersionId,
  readVersion,
  VERSION_BYTES_MAX,
  VERSION_FILES_MAX,
  versionBytes,
  versionId,
} from '../../../src/version/index.ts';

const POLICY = { 'policy/a.datalog': 'allow if true;', 'policy/b.datalog': '' };
const VERSION = { policy: POLICY, catalogue: '# none\n' };

test('the id is the SHA-256 of the canonical form, whatever the order of members', async () => {
  const canonical =
    '{"catalogue":"# none\\n","policy":{"policy/a.datalog":"allow if true;","policy/b.datalog":""}}';
  const id = await versionId(VERSION);
  expect(id).toBe(createHash('sha256').update(canonical).digest('hex'));
  expect(isVersionId(id)).toBe(true);
  const turned = Object.fromEntries(Object.entries(POLICY).reverse());
  expect(await versionId({ catalogue: '# none\n', policy: turned })).toBe(id);
  expect(await versionId({ ...VERSION, catalogue: '# none' })).not.toBe(id);
  const renamed = { 'policy/c.datalog': 'allow if true;', 'policy/b.datalog': '' };
  expect(await versionId({ ...VERSION, policy: renamed })).not.toBe(id);
});

test('the hash of a catalogue is that of its UTF-8 bytes', async () => {
  const text = '# Über\n';
  expect(await catalogueHash(text)).toBe(createHash('sha256').update(text, 'utf8').digest('hex'));
});

test('counts the UTF-8 bytes of the canonical form', () => {
  const canonical = '{"catalogue":"x\\n","policy":{"ä.datalog":"ö"}}';
  const bytes = versionBytes({ policy: { 'ä.datalog': 'ö' }, catalogue: 'x\n' });
  expect(bytes).toBe(Buffer.byteLength(canonical));
});

test('reads a version of exactly its members', () => {
  expect(readVersion(VERSION)).toEqual({ ok: true, value: VERSION });
});

const many = Object.fromEntries(
  Array.from({ length: VERSION_FILES_MAX + 1 }, (_, index) => [`${index}.datalog`, '']),
);

test.for<[string, unknown, RegExp]>([
  ['a list', [], /must be an object/],
  ['no catalogue', { policy: POLICY }, /catalogue must be/],
  ['a catalogue that is no text', { policy: POLICY, catalogue: 1 }, /catalogue must be/],
  ['an unknown member', { ...VERSION, name: 'x' }, /unknown member "name"/],
  ['a policy that is a list', { policy: [], catalogue: '' }, /by file name/],
  ['no file', { policy: {}, catalogue: '' }, /no file/],
  ['too many files', { policy: many, catalogue: '' }, /65 files/],
  ['a file that is no text', { policy: { 'a.datalog': 1 }, catalogue: '' }, /a\.datalog/],
  ['half of a character', { policy: POLICY, catalogue: '\ud800' }, /surrogate/],
  ['too many bytes', { policy: POLICY, catalogue: 'x'.repeat(VERSION_BYTES_MAX) }, /bytes/],
  ['a name too long', { policy: { ['a'.repeat(129)]: '' }, catalogue: '' }, /characters/],
  ...['../a', '/a', 'a//b', 'a/../b', './a', '', 'a\nb', 'a/', '.a', 'a\u202eb', 'e\u0301'].map(
    (name): [string, unknown, RegExp] => [
      `the file name ${JSON.stringify(`${name}.datalog`)}`,
      { policy: { [`${name}.datalog`]: '' }, catalogue: '' },
      /file name/,
    ],
  ),
  ...['a', 'a.toml', 'a.datalog/', '__proto__', 'constructor'].map(
    (name): [string, unknown, RegExp] => [
      `the file name ${JSON.stringify(name)}`,
      JSON.parse(`{"policy":{${JSON.stringify(name)}:""},"catalogue":""}`),
      /file name/,
    ],
  ),
])('refuses %s', ([, value, why]) => {
  const read = readVersion(value);
  expect(read.ok ? 'accepted' : read.error).toMatch(why);
});
