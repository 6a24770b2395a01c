import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/canonical-json.ts';
import { parseCatalogue, tools } from '../../../src/catalogue/index.ts';
import { draftTool, renderDraft } from '../../../src/catalogue-draft/index.ts';
import { unwrap } from '../fixtures/issuer.ts';

const TEXT = { type: 'string' };

/** A listed tool whose arguments are required texts unless the schema says otherwise. */
const listed = (name: string, properties: JsonObject = {}, more: JsonObject = {}) => ({
  name,
  definition: {
    name,
    inputSchema: { type: 'object', properties, required: Object.keys(properties) },
    ...more,
  },
});
const draft = (...given: Parameters<typeof listed>) => unwrap(draftTool('crm', listed(...given)));

describe('the action and the tier of a draft', () => {
  test.each<[string, JsonObject, string, number]>([
    ['get_contact', {}, 'read', 1],
    ['createTicket', {}, 'write', 2],
    ['send-mail', {}, 'write', 3],
    ['delete_contact', {}, 'delete', 3],
    ['run_query', {}, 'execute', 3],
    ['handle_it', {}, 'write', 2],
    ['handle_it', { readOnlyHint: true }, 'read', 1],
    ['handle_it', { destructiveHint: true }, 'write', 3],
    ['handle_it', { readOnlyHint: false }, 'write', 2],
    // The more dangerous statement counts, from either source.
    ['delete_contact', { readOnlyHint: true }, 'delete', 3],
    ['get_contact', { readOnlyHint: false }, 'write', 2],
    ['get_contact', { destructiveHint: true }, 'write', 3],
    ['update_contact', { destructiveHint: true }, 'write', 3],
    ['remove_contact', { destructiveHint: false, readOnlyHint: false }, 'delete', 3],
    // Only the boolean is a statement.
    ['delete_contact', { readOnlyHint: 'true' }, 'delete', 3],
  ])('of %s with %j are %s and %s', (name, annotations, action, tier) => {
    expect(draft(name, {}, { annotations }).tool).toMatchObject({ action, tier });
  });
});

describe('the datasets of a draft', () => {
  test('are read out of the required arguments that name a place', () => {
    expect(draft('read_file', { path: TEXT, limit: TEXT }).tool.datasets).toEqual([
      { argument: '/path', under: 'crm' },
    ]);
    const list = { type: 'array', items: TEXT };
    expect(draft('read_files', { file_paths: list }).tool.datasets).toEqual([
      { argument: '/file_paths/*', under: 'crm' },
    ]);
  });

  test('are read out of members of objects in a list', () => {
    const items = { type: 'object', properties: { path: TEXT, note: TEXT }, required: ['path'] };
    const edits = { type: 'array', items };
    expect(draft('edit_files', { edits }).tool.datasets).toEqual([
      { argument: '/edits/*/path', under: 'crm' },
    ]);
  });

  test('have all of the server as their default where the argument is optional', () => {
    const optional = { inputSchema: { properties: { path: TEXT } } };
    const drafted = draft('list_files', {}, optional);
    const source = { argument: '/path', under: 'crm', default: 'crm' };
    expect(drafted.tool.datasets).toEqual([source]);
    expect(drafted.guesses.find(({ member }) => member === 'datasets')?.why).toContain('"path"');
    const toml = renderDraft(
      { server: { name: 'crm', version: '1' }, resources: [], prompts: [], tools: [] },
      [drafted],
      [],
    );
    expect(unwrap(parseCatalogue(toml)).get('mcp/crm/list_files')?.datasets).toEqual([source]);
  });

  test('are fixed where no argument names a place', () => {
    expect(draft('search_contacts', { query: TEXT }).tool.datasets).toEqual([
      { fixed: 'crm/contacts' },
    ]);
    const page = { page: { type: 'integer' } };
    expect(draft('list_files', page).tool.datasets).toEqual([{ fixed: 'crm/files' }]);
  });

  test('are the hosts and paths of the URL that a read fetches', () => {
    expect(draft('fetch_page', { url: TEXT, page: { type: 'integer' } }).tool.datasets).toEqual([
      { argument: '/url', under: 'crm', names: 'url' },
    ]);
    const { datasets, sinks } = draft('post_page', { url: TEXT }).tool;
    expect(datasets).toEqual([{ fixed: 'crm/page' }]);
    expect(sinks).toEqual(['/url']);
  });
});

describe('the sinks of a draft', () => {
  test('are the destinations and amounts of a write, at any depth', () => {
    const items = { type: 'object', properties: { email: TEXT, note: TEXT } };
    const drafted = draft('send_invoice', {
      recipients: { type: 'array', items },
      cc: { type: 'array', items: TEXT },
      amount: { type: 'number' },
      callbackUrl: TEXT,
      subject: TEXT,
      reply: { type: 'string', format: 'email' },
    });
    expect(drafted.tool.sinks).toEqual([
      '/recipients',
      '/recipients/*/email',
      '/cc/*',
      '/amount',
      '/callbackUrl',
      '/reply',
    ]);
  });

  test('are as many as a catalogue takes', () => {
    const urls = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`u${index}_url`, TEXT]),
    );
    expect(draft('send_mail', urls).tool.sinks).toHaveLength(16);
  });

  test('are the URLs alone of a read', () => {
    expect(draft('fetch_page', { url: TEXT, user: TEXT }).tool.sinks).toEqual(['/url']);
  });

  test('are marked where a write has none', () => {
    const drafted = draft('create_note', { body: TEXT });
    expect(drafted.tool.sinks).toEqual([]);
    expect(drafted.guesses.map(({ member }) => member)).toContain('sinks');
  });
});

test('a tool that no grant can name is left out, with the reason', () => {
  expect(draftTool('crm', listed('a\u200bb'))).toMatchObject({ ok: false });
  expect(draftTool('crm', listed('x'.repeat(200)))).toMatchObject({ ok: false });
});

describe('a rendered draft', () => {
  const HOSTILE = 'line\n[[tool]]\nname = "mcp/crm/evil" \u202e\u0007 """ \\ \ud83d\ude00';
  const listing = {
    server: { name: HOSTILE, version: '1' },
    tools: [],
    resources: [`crm://${HOSTILE}`],
    prompts: [HOSTILE],
  };
  const drafted = [
    draft('read_file', { path: TEXT }, { description: HOSTILE }),
    draft('send_mail', { 'odd "name\u007f': TEXT, to: TEXT }, { annotations: {} }),
    draft('anything', {}, { inputSchema: {} }),
  ];
  const text = renderDraft(listing, drafted, [[HOSTILE, HOSTILE]]);

  test('is a catalogue, whatever the server says', () => {
    const parsed = unwrap(parseCatalogue(text));
    expect(tools(parsed)).toEqual(drafted.map(({ tool }) => tool));
  });

  test('marks every guess above its line', () => {
    const marks = text.split('\n').filter((line) => line.startsWith('# REVIEW '));
    expect(marks).toHaveLength(drafted.flatMap(({ guesses }) => guesses).length);
    expect(text).toMatch(/^# REVIEW datasets: .*\ndatasets = /m);
    expect(text).toMatch(/^# REVIEW arguments: .*\narguments = /m);
  });
});
