import { describe, expect, test } from 'vitest';
import type { DatasetSource } from '../../../src/catalogue/index.ts';
import { projectSchema, viewOf } from '../../../src/tool-schema/index.ts';

const PATH: DatasetSource = { argument: '/path', under: 'files' };
const schema = { type: 'object', properties: { path: { type: 'string' }, note: {} } };
const shown = (
  sources: readonly DatasetSource[],
  granted: readonly string[],
  caveat: readonly string[] = ['files', 'web'],
) => {
  const tool = { arguments: ['path', 'paths', 'note'], datasets: sources };
  const view = viewOf(tool, granted, [{ kind: 'datasets', roots: caveat }]);
  return view && (projectSchema(schema, view).properties as Record<string, object>);
};

describe('an argument that names a dataset', () => {
  test('shows the folders that the grants cover, and is required', () => {
    const view = viewOf({ arguments: ['path'], datasets: [PATH] }, ['files/a', 'files/b/c'], []);
    expect(view && projectSchema(schema, view)).toEqual({
      type: 'object',
      properties: { path: { type: 'string', pattern: '^(?:a|b/c)(?:/|$)' } },
      required: ['path'],
      additionalProperties: false,
    });
  });

  test('shows what the grants and a caveat cover together', () => {
    expect(shown([PATH], ['files'], ['files/a.md'])?.path).toEqual({
      type: 'string',
      pattern: '^(?:a\\.md)(?:/|$)',
    });
    expect(shown([PATH], ['files/a'], ['files/b'])?.path).toMatchObject({
      allOf: [{ pattern: '^(?:b)(?:/|$)' }],
    });
  });

  test('of each element of a list is shown at the items', () => {
    const each: DatasetSource = { argument: '/paths/*', under: 'files' };
    expect(shown([each], ['files/a'])?.paths).toEqual({
      type: 'array',
      minItems: 1,
      items: { pattern: '^(?:a)(?:/|$)' },
    });
  });

  test('as an absolute path shows its folder', () => {
    const absolute: DatasetSource = { ...PATH, root: '/srv/files' };
    expect(shown([absolute], ['files/a'])?.path).toMatchObject({
      pattern: '^(?:/srv/files/a)(?:/|$)',
    });
  });

  test.each<[string, DatasetSource, readonly string[]]>([
    ['the whole root is granted', PATH, ['files']],
    ['names are spelt in another way in a dataset', { ...PATH, names: 'url' }, ['files/a']],
    ['a name has another spelling', PATH, ['files/it%27s']],
  ])('is shown as it is if %s', (_, source, granted) => {
    expect(shown([source], granted)?.path).toEqual({ type: 'string' });
  });

  test('with a default is not required, and may be left out', () => {
    const optional: DatasetSource = { ...PATH, default: 'files/a' };
    const view = viewOf({ arguments: ['path'], datasets: [optional] }, ['files/a'], []);
    expect(view && projectSchema(schema, view)).not.toHaveProperty('required');
  });
});

describe('a tool is hidden', () => {
  test.each<[string, readonly DatasetSource[], readonly string[], readonly string[]]>([
    ['no grant covers its fixed dataset', [{ fixed: 'mail' }], ['files'], ['mail']],
    ['a caveat excludes its fixed dataset', [{ fixed: 'files' }], ['files'], ['files/a']],
    ['no text of an argument is allowed', [PATH], ['mail'], ['files', 'mail']],
  ])('if %s', (_, sources, granted, caveat) => {
    expect(shown(sources, granted, caveat)).toBeUndefined();
  });
});
