import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/canonical-json.ts';
import { decodeDatasetName } from '../../../src/capability/index.ts';
import {
  type DatasetInArgument,
  describeCall,
  findCatalogueFaults,
  parseCatalogue,
} from '../../../src/catalogue/index.ts';
import { unwrap } from '../fixtures/issuer.ts';

const tomlOf = (source: Partial<DatasetInArgument>): string => {
  const members = Object.entries({ argument: '/path', under: 'files', ...source });
  const written = members.map(([key, value]) => `${key} = ${JSON.stringify(value)}`).join(', ');
  return `[[tool]]
name = "t"
action = "read"
tier = 1
arguments = ["path", "paths", "items", "options"]
datasets = [{ ${written} }]
`;
};

const described = (source: Partial<DatasetInArgument>, args: JsonObject) => {
  const call = describeCall(unwrap(parseCatalogue(tomlOf(source))), 't', args);
  return call.ok ? call.value.dataset : call.error;
};
const datasetOf = (source: Partial<DatasetInArgument>, path: Json) => {
  const found = described(source, { path });
  return Array.isArray(found) ? found[0] : 'denied';
};

test.each([
  ['reports/q3.md', 'files/reports/q3.md'],
  ['Q3: draft', 'files/Q3~3A~ draft'],
  ['it\'s "final"', 'files/it~27~s ~22~final~22~'],
  ['100%/a~b', 'files/100~25~/a~7E~b'],
  ['~3A~', 'files/~7E~3A~7E~'],
  ['a\\b', 'files/a~5C~b'],
  ['🎉 party', 'files/~1F389~ party'],
  ['❤️', 'files/~2764~~FE0F~'],
  ['a\u200bb', 'files/a~200B~b'],
  [' padded ', 'files/~20~padded~20~'],
  ['a  b', 'files/a~20~~20~b'],
  ['.', 'files'],
  ['..', 'denied'],
  ['a/../b', 'denied'],
  ['./a', 'denied'],
  ['a//b', 'denied'],
  ['a/', 'denied'],
  ['', 'denied'],
  ['/a', 'denied'],
  ['a\u0000b', 'denied'],
  ['a\nb', 'denied'],
  ['e\u0301', 'denied'],
  ['\ud800', 'denied'],
  [null, 'denied'],
  [['a'], 'denied'],
])('the natural name %j is the dataset %s', (path, dataset) => {
  expect(datasetOf({ names: 'natural' }, path)).toBe(dataset);
  if (typeof path === 'string' && path !== '.' && dataset !== 'denied') {
    expect(decodeDatasetName(dataset)).toBe(`files/${path}`);
  }
});

test('a plain source denies a text that looks like an encoded name', () => {
  expect(datasetOf({}, 'a~3A~b')).toBe('denied');
  expect(datasetOf({ names: 'natural' }, 'a~3A~b')).toBe('files/a~7E~3A~7E~b');
});

test.each([
  ['Q3/Q4 plan', 'files/Q3~2F~Q4 plan'],
  ['..', 'files/~2E~~2E~'],
  ['.', 'files/~2E~'],
  ['/etc/passwd', 'files/~2F~etc~2F~passwd'],
  ['4711', 'files/4711'],
  ['', 'denied'],
])('the opaque text %j is the one segment of %s', (path, dataset) => {
  expect(datasetOf({ names: 'opaque' }, path)).toBe(dataset);
});

test.each([
  ['/srv/files', 'files'],
  ['/srv/files/a/b', 'files/a/b'],
  ['/srv/files/', 'denied'],
  ['/srv/files/.', 'denied'],
  ['/srv/files-old/a', 'denied'],
  ['/srv/files/../etc/passwd', 'denied'],
  ['/srv//files/a', 'denied'],
  ['//srv/files/a', 'denied'],
  ['/srv/files//a', 'denied'],
  ['/SRV/files/a', 'denied'],
  ['srv/files/a', 'denied'],
  ['a/b', 'denied'],
  ['.', 'denied'],
  ['/', 'denied'],
  ['C:/srv/files/a', 'denied'],
  ['C:\\srv\\files\\a', 'denied'],
  ['\\srv\\files\\a', 'denied'],
  ['file:///srv/files/a', 'denied'],
  ['', 'denied'],
])('below the root /srv/files, the path %j is the dataset %s', (path, dataset) => {
  expect(datasetOf({ root: '/srv/files' }, path)).toBe(dataset);
});

test('the root / is removed from every absolute path', () => {
  expect(datasetOf({ root: '/' }, '/etc/passwd')).toBe('files/etc/passwd');
  expect(datasetOf({ root: '/' }, '/')).toBe('files');
  expect(datasetOf({ root: '/' }, '//etc')).toBe('denied');
  expect(datasetOf({ root: '/' }, 'etc')).toBe('denied');
  expect(datasetOf({ root: '/srv', names: 'natural' }, '/srv/a:b')).toBe('files/a~3A~b');
});

test.each([
  ['https://docs.example/guides/start', 'files/docs.example/guides/start'],
  ['http://docs.example/guides/start', 'files/docs.example/guides/start'],
  ['docs.example/guides/start', 'files/docs.example/guides/start'],
  ['docs.example', 'files/docs.example'],
  ['https://docs.example', 'files/docs.example'],
  ['https://docs.example/', 'files/docs.example'],
  ['https://docs.example/guides/', 'files/docs.example/guides'],
  ['https://DOCS.example./guides', 'files/docs.example/guides'],
  ['DOCS.Example./guides', 'files/docs.example/guides'],
  ['https://docs.example:443/guides', 'files/docs.example/guides'],
  ['https://docs.example:8443/guides', 'files/docs.example~3A~8443/guides'],
  ['https://docs.example/guides?q=1#top', 'files/docs.example/guides'],
  ['docs.example?q=1', 'denied'],
  ['docs.example/a?q=https://evil.example/', 'files/docs.example/a'],
  ['https://docs.example/%C3%A9t%C3%A9/a%20b/%3Fx', 'files/docs.example/été/a b/~3F~x'],
  ['https://xn--bcher-kva.example/x', 'files/xn--bcher-kva.example/x'],
  ['https://[::1]/x', 'files/~5B~~3A~~3A~1~5D~/x'],
  ['https://user@docs.example/x', 'denied'],
  ['https://docs.example@evil.example/x', 'denied'],
  ['docs.example@evil.example/x', 'denied'],
  ['docs.example:8443/x', 'denied'],
  ['//docs.example/x', 'denied'],
  ['https:/docs.example/x', 'denied'],
  ['https:docs.example/x', 'denied'],
  ['https://bücher.example/x', 'denied'],
  ['https://docs.example/a/../b', 'denied'],
  ['https://docs.example/a/%2e%2e/b', 'denied'],
  ['https://docs.example/a%2fb', 'denied'],
  ['https://docs.example/a%252fb', 'denied'],
  ['https://docs.example//a', 'denied'],
  ['https://docs.example/a\\b', 'denied'],
  ['https://docs.example/a%0Ab', 'denied'],
  ['https://docs.example/e%CC%81', 'denied'],
  ['https://0x7f.1/x', 'denied'],
  ['https://docs%2eexample/x', 'denied'],
  ['https://docs.example?@evil.example/x', 'denied'],
  ['ftp://docs.example/x', 'denied'],
  ['file:///etc/passwd', 'denied'],
  ['javascript:alert(1)', 'denied'],
  ['reports/q3', 'denied'],
  ['.', 'denied'],
  ['', 'denied'],
])('the URL %j is the dataset %s', (path, dataset) => {
  expect(datasetOf({ names: 'url' }, path)).toBe(dataset);
});

test('a missing argument has the default dataset, and an empty one only if the catalogue says so', () => {
  const missing = { code: 'dataset_missing', pointer: '/path' };
  expect(described({}, {})).toEqual(missing);
  expect(described({ default: 'files/inbox' }, {})).toEqual(['files/inbox']);
  for (const path of [null, '', []]) {
    expect(described({ default: 'files' }, { path })).toMatchObject({ pointer: '/path' });
    expect(described({ default: 'files', emptyIsDefault: true }, { path })).toEqual(['files']);
  }
  for (const path of [0, false, {}, [''], ' ']) {
    const found = described({ default: 'files', emptyIsDefault: true }, { path });
    expect(found).toMatchObject({ code: 'dataset_unmappable' });
  }
});

test('each element of a list that leaves out its member has the default dataset', () => {
  const source = { argument: '/items/*/path', default: 'files/inbox' };
  const items = [{ path: 'a' }, {}];
  expect(described(source, { items })).toEqual(['files/a', 'files/inbox']);
  expect(described(source, {})).toEqual(['files/inbox']);
  expect(described(source, { items: [] })).toEqual({ code: 'dataset_missing', pointer: '/items' });
  expect(described({ argument: '/items/*/path' }, { items })).toEqual({
    code: 'dataset_missing',
    pointer: '/items/1/path',
  });
});

test.each<[string, Partial<DatasetInArgument>, string]>([
  ['an unknown way of naming', { names: 'any' as 'plain' }, 'names'],
  ['a relative root', { root: 'srv' }, 'root'],
  ['a root with a slash at its end', { root: '/srv/' }, 'root'],
  ['a root with a dot segment', { root: '/srv/../etc' }, 'root'],
  ['a root of URLs', { root: '/srv', names: 'url' }, 'root'],
  ['a default beside its root', { default: 'other/inbox' }, 'default'],
  ['a default that looks like its root', { default: 'files-old' }, 'default'],
  ['a default that is no dataset', { default: 'files/../x' }, 'default'],
  ['empty values without a default', { emptyIsDefault: true }, 'emptyIsDefault'],
])('refuses a dataset source with %s', (_, source, member) => {
  expect(findCatalogueFaults(tomlOf(source)).map(({ where }) => where)).toEqual([
    `tool.0.datasets.0.${member}`,
  ]);
});
