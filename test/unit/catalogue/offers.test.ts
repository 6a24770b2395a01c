import { describe, expect, test } from 'vitest';
import {
  type Catalogue,
  describeCall,
  describeCompletion,
  describePrompt,
  describeResource,
  findCatalogueFaults,
  parseCatalogue,
} from '../../../src/catalogue/index.ts';

const entry = (lines: Readonly<Record<string, string>>): string =>
  ['[[tool]]', ...Object.entries(lines).map(([key, value]) => `${key} = ${value}`), ''].join('\n');

const NOTE = {
  name: '"mcp/notes/note"',
  action: '"read"',
  tier: '1',
  arguments: '["folder", "id"]',
  datasets: '[{ argument = "/folder", under = "notes" }]',
  resource: '"notes://{folder}/{id}"',
};
const SUMMARY = {
  name: '"mcp/notes/summary"',
  action: '"read"',
  tier: '1',
  arguments: '["folder", "style"]',
  datasets: '[{ argument = "/folder", under = "notes" }]',
  prompt: '"summarize"',
};
const INDEX = { ...NOTE, name: '"mcp/notes/index"', arguments: '[]' };

const catalogueOf = (...entries: readonly Readonly<Record<string, string>>[]): Catalogue => {
  const parsed = parseCatalogue(entries.map(entry).join('\n'));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
};
const CATALOGUE = catalogueOf(NOTE, SUMMARY, {
  ...INDEX,
  resource: '"notes://all/index"',
  datasets: '[{ fixed = "notes" }]',
});

describe('reading a resource', () => {
  test('is the call of the entry that its URI matches', () => {
    expect(describeResource(CATALOGUE, 'notes', 'notes://reports/q3')).toEqual({
      ok: true,
      value: {
        tool: 'mcp/notes/note',
        action: 'read',
        tier: 1,
        dataset: ['notes/reports'],
        args: { folder: 'reports', id: 'q3' },
      },
    });
  });

  test('that has an entry of its own is judged by that entry alone', () => {
    expect(describeResource(CATALOGUE, 'notes', 'notes://all/index')).toMatchObject({
      value: { tool: 'mcp/notes/index', dataset: ['notes'] },
    });
  });

  test.each([
    ['of another server', 'mail', 'notes://reports/q3'],
    ['that no template has', 'notes', 'secrets://reports/q3'],
    ['in another spelling', 'notes', 'notes://reports/%71%33'],
  ])('%s is refused', (_, server, uri) => {
    expect(describeResource(CATALOGUE, server, uri)).toMatchObject({
      error: { code: 'tool_unknown' },
    });
  });

  test('of two templates is refused', () => {
    const both = catalogueOf(NOTE, {
      ...NOTE,
      name: '"mcp/notes/other"',
      arguments: '["id"]',
      datasets: '[{ fixed = "notes" }]',
      resource: '"notes://reports/{id}"',
    });
    expect(describeResource(both, 'notes', 'notes://reports/q3')).toMatchObject({
      error: { code: 'dataset_unmappable', pointer: '/uri' },
    });
    expect(describeResource(both, 'notes', 'notes://mails/q3').ok).toBe(true);
  });
});

test('a resource and a prompt are never the call of a tool', () => {
  for (const name of ['mcp/notes/note', 'mcp/notes/summary']) {
    expect(describeCall(CATALOGUE, name, { folder: 'a', id: 'b' })).toMatchObject({
      error: { code: 'tool_unknown' },
    });
  }
});

describe('getting a prompt', () => {
  test('is the call of the entry with its name', () => {
    expect(describePrompt(CATALOGUE, 'notes', 'summarize', { folder: 'reports' })).toMatchObject({
      value: { tool: 'mcp/notes/summary', dataset: ['notes/reports'], args: { folder: 'reports' } },
    });
  });

  test.each([
    ['of another server', 'mail', 'summarize', {}, 'tool_unknown'],
    ['of another name', 'notes', 'Summarize', { folder: 'a' }, 'tool_unknown'],
    ['by the name of its entry', 'notes', 'summary', { folder: 'a' }, 'tool_unknown'],
    ['with an argument that is not listed', 'notes', 'summarize', { x: 'a' }, 'argument_unlisted'],
    ['without its dataset', 'notes', 'summarize', {}, 'dataset_missing'],
    ['for a parent folder', 'notes', 'summarize', { folder: '..' }, 'dataset_unmappable'],
  ])('%s is refused', (_, server, name, args, code) => {
    expect(describePrompt(CATALOGUE, server, name, args)).toMatchObject({ error: { code } });
  });
});

describe('a completion', () => {
  const prompt = { kind: 'prompt', name: 'summarize' } as const;
  const complete = (name: string, value: string, known = {}) =>
    describeCompletion(CATALOGUE, 'notes', prompt, { name, value, known });

  test('of the argument that names a dataset reads all that it may name', () => {
    expect(complete('folder', 'rep')).toMatchObject({
      value: { tool: 'mcp/notes/summary', action: 'read', dataset: ['notes'] },
    });
    expect(complete('folder', 'rep', { folder: 'reports' })).toMatchObject({
      value: { dataset: ['notes'], args: { folder: 'rep' } },
    });
  });

  test('of another argument reads the dataset of the known ones', () => {
    expect(complete('style', 's', { folder: 'reports' })).toMatchObject({
      value: { dataset: ['notes/reports'], args: { folder: 'reports', style: 's' } },
    });
    expect(complete('style', 's')).toMatchObject({ value: { dataset: ['notes'] } });
  });

  test('of a template is a read of its entry, by the text of the template or by a URI', () => {
    for (const uri of ['notes://{folder}/{id}', 'notes://reports/q3']) {
      const target = { kind: 'resource', uri } as const;
      const completed = { name: 'id', value: 'q', known: { folder: 'reports' } };
      expect(describeCompletion(CATALOGUE, 'notes', target, completed)).toMatchObject({
        value: { tool: 'mcp/notes/note', dataset: ['notes/reports'] },
      });
    }
  });

  test.each([
    ['an argument that is not listed', prompt, 'x', {}, 'argument_unlisted'],
    ['a known argument that is not listed', prompt, 'style', { x: 'a' }, 'argument_unlisted'],
    ['a known folder above', prompt, 'style', { folder: '..' }, 'dataset_unmappable'],
    ['an unknown prompt', { kind: 'prompt', name: 'other' } as const, 'style', {}, 'tool_unknown'],
    [
      'a template that the catalogue does not have',
      { kind: 'resource', uri: 'notes://{id}' } as const,
      'id',
      {},
      'tool_unknown',
    ],
  ])('with %s is refused', (_, target, name, known, code) => {
    const completed = { name, value: '', known };
    expect(describeCompletion(CATALOGUE, 'notes', target, completed)).toMatchObject({
      error: { code },
    });
  });
});

describe('a catalogue is refused with', () => {
  const faults = (...entries: readonly Readonly<Record<string, string>>[]) =>
    findCatalogueFaults(entries.map(entry).join('\n')).map(({ why }) => why);
  const TOOL = { ...SUMMARY, name: '"mcp/notes/tool"' };
  const { prompt: _, ...tool } = TOOL;

  test.each([
    [
      'a resource that is written',
      [{ ...NOTE, action: '"write"', sinks: '[]' }],
      /action = "read"/,
    ],
    ['a resource of no MCP server', [{ ...NOTE, name: '"http/notes/note"' }], /mcp\/<server>/],
    ['other variables', [{ ...NOTE, arguments: '["folder"]' }], /exactly the variables/],
    ['a template that is not readable', [{ ...NOTE, resource: '"{a}"' }], /scheme/],
    ['one template twice', [NOTE, { ...NOTE, name: '"mcp/notes/other"' }], /appears twice/],
    ['one prompt twice', [SUMMARY, { ...SUMMARY, name: '"mcp/notes/other"' }], /appears twice/],
    ['a resource that is a prompt', [{ ...NOTE, prompt: '"x"' }], /not both/],
    ['a header of a prompt', [{ ...SUMMARY, parameterHeaders: '{ A = "/style" }' }], /for a tool/],
    ['a header of no argument', [{ ...tool, parameterHeaders: '{ A = "/x" }' }], /listed arg/],
    [
      'one header twice',
      [{ ...tool, parameterHeaders: '{ A = "/style", a = "/style" }' }],
      /appears twice/,
    ],
    ['a header of several', [{ ...tool, parameterHeaders: '{ A = "/style/*" }' }], /one argument/],
    [
      'a header without a valid name',
      [{ ...tool, parameterHeaders: '{ "a b" = "/style" }' }],
      /header/,
    ],
  ])('%s', (_name, entries, why) => {
    expect(faults(...entries)).toEqual([expect.stringMatching(why)]);
  });

  test('but not for one template at two servers', () => {
    expect(faults(NOTE, { ...NOTE, name: '"mcp/other/note"' })).toEqual([]);
  });
});
