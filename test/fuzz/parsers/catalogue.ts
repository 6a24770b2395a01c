/** The tool catalogue as a file, and calls that it describes. */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { parse, stringify } from 'smol-toml';
import type { Json, JsonObject } from '../../../src/canonical-json.ts';
import { checkDataset, checkTool, covers } from '../../../src/capability/index.ts';
import {
  boundSinks,
  type Catalogue,
  type CatalogueError,
  type DescribeError,
  describeCall,
  parseCatalogue,
  tools,
} from '../../../src/catalogue/index.ts';
import type { Random } from '../generate/random.ts';
import { claim, type ParserCampaign, type Reached } from './campaign.ts';
import { mutateJson, mutateJsonOften } from './json.ts';
import { mutateText } from './text.ts';

const WHOLE = readFileSync('policy/tools.toml', 'utf8');
const SMALL = {
  flow: [
    { when: ['private', 'untrusted'], leaving: 'deny', lasts: 7_200, reason: 'mail stays here' },
    { when: ['secret'], leaving: 'ask', exceptSameOwner: true, reason: 'a secret was read' },
  ],
  labelled: [{ dataset: 'files/hr', labels: ['private'] }],
  tool: [
    {
      name: 'mcp/files/read',
      action: 'read',
      tier: 1,
      arguments: ['path', 'head'],
      datasets: [{ argument: '/path', under: 'files' }],
      secret: true,
      field: [{ pointer: '/*/owner', kind: 'email', by: 'own', reason: 'the owner of the file' }],
    },
    {
      name: 'mcp/files/move',
      action: 'write',
      tier: 3,
      arguments: ['from', 'to', 'all'],
      datasets: [
        { argument: '/from', under: 'files' },
        { argument: '/all/*/path', under: 'files/many' },
        { fixed: 'crm/contacts' },
      ],
      sinks: ['/to', '/all/*/path'],
      sink: [
        { argument: '/to', kind: 'path', takes: ['self', 'own named'], safe: ['trash', 7, true] },
        { argument: '/all/*/path', kind: 'path', optional: true },
      ],
    },
    {
      name: 'mcp/web/fetch',
      action: 'read',
      tier: 1,
      arguments: ['url', 'saveTo', 'title', 'folder', 'text'],
      content: ['/text'],
      datasets: [
        { argument: '/url', under: 'web', names: 'url' },
        { argument: '/saveTo', under: 'files', names: 'natural', root: '/srv/files' },
        { argument: '/title', under: 'notes', names: 'opaque' },
        { argument: '/folder', under: 'files', default: 'files/inbox', emptyIsDefault: true },
      ],
      sinks: ['/url', '/saveTo'],
      sink: [
        {
          argument: '/url',
          kind: 'url',
          sameOwner: ['*.example.com', 'www.example.com'],
          url: { hosts: ['docs.example.com'], segments: ['guides', 'été'] },
        },
      ],
      leaves: true,
      flow: [{ when: ['private'], leaving: 'ask', reason: 'a page learns what is requested' }],
      labelled: [{ dataset: 'web', labels: ['untrusted'] }],
    },
  ],
};

function someToml(random: Random): string {
  if (random.chance(0.05)) return mutateText(random, WHOLE);
  const listed = random.chance(0.05) ? { tool: [...SMALL.tool, ...SMALL.tool] } : SMALL;
  const changed = random.chance(0.8) ? mutateJsonOften(random, listed) : listed;
  try {
    const toml = stringify(changed as Record<string, unknown>);
    return random.chance(0.3) ? mutateText(random, toml) : toml;
  } catch {
    return mutateText(random, stringify(SMALL)); // A value that TOML cannot represent, such as null.
  }
}

const asTable = (catalogue: Catalogue) => ({
  tool: tools(catalogue).map(({ datasets, ...tool }) => ({
    ...tool,
    datasets: datasets.map((source) => ({ ...source })),
  })),
});

const outcomes: Record<'ok' | CatalogueError['code'], Reached> = {
  ok: 'seen',
  catalogue_too_large: 'rare',
  toml_invalid: 'seen',
  catalogue_invalid: 'seen',
};

export const catalogueFile: ParserCampaign = {
  name: 'catalogue',
  outcomes,
  cases: 3_000,
  attempt: (random) => {
    const toml = someToml(random).toWellFormed(); // A file is read as UTF-8.
    const parsed = parseCatalogue(toml);
    if (!parsed.ok) {
      claim(
        toml !== WHOLE && toml !== stringify(SMALL),
        'an unmodified catalogue is refused',
        toml,
      );
      return parsed.error.code;
    }
    const { tool: listed } = parse(toml);
    claim(Array.isArray(listed) && listed.length === parsed.value.size, 'a tool is lost', toml);
    for (const tool of tools(parsed.value)) {
      const { name, action, datasets, sinks } = tool;
      claim(checkTool(name).ok, 'a tool with an invalid name is accepted', name);
      claim(
        datasets.length >= 1 && datasets.length <= 16,
        'a tool without a dataset is accepted',
        tool,
      );
      claim(
        new Set(tool.arguments).size === tool.arguments.length,
        'a repeated argument is accepted',
        tool,
      );
      for (const source of datasets) {
        claim(
          checkDataset('fixed' in source ? source.fixed : source.under).ok,
          'an invalid dataset source is accepted',
          source,
        );
      }
      // A sink without a dataset and without constraints is open, for every tool.
      const mapped = datasets.flatMap((source) => ('argument' in source ? [source.argument] : []));
      const open = boundSinks(tool, { dataset: 'no-root-of-any-tool' }, {})
        .filter(({ bound }) => bound === 'nothing')
        .map(({ pointer }) => pointer);
      claim(
        isDeepStrictEqual(
          open,
          sinks.filter((sink) => !mapped.includes(sink)),
        ),
        action,
        tool,
      );
    }
    const again = parseCatalogue(stringify(asTable(parsed.value)));
    claim(
      again.ok && isDeepStrictEqual(again.value, parsed.value),
      'the parsed catalogue is parsed differently',
      toml,
    );
    return 'ok';
  },
};

const CATALOGUE = parseCatalogue(stringify(SMALL));
const CALLS: readonly [readonly [string, JsonObject], ...(readonly [string, JsonObject])[]] = [
  ['mcp/files/read', { path: 'reports/q3.csv', head: 3 }],
  ['mcp/files/read', { path: '.' }],
  [
    'mcp/web/fetch',
    { url: 'https://docs.example/a', saveTo: '/srv/files/a:b', title: 'Q3/Q4', folder: '' },
  ],
  ['mcp/web/fetch', { url: 'docs.example', saveTo: '/srv/files', title: '..' }],
  ['mcp/files/move', { from: 'a/b', to: 'c', all: [{ path: 'x' }, { path: 'y/z' }] }],
];

const described: Record<'ok' | DescribeError['code'], Reached> = {
  ok: 'seen',
  tool_unknown: 'seen',
  argument_unlisted: 'seen',
  dataset_missing: 'seen',
  dataset_unmappable: 'seen',
};

/** A call described by a catalogue: a closed world, with each dataset below the one in the file. */
export const describedCalls: ParserCampaign = {
  name: 'describe',
  outcomes: described,
  cases: 8_000,
  attempt: (random) => {
    claim(CATALOGUE.ok, 'the catalogue is refused');
    const [name, unmodified] = random.pick(CALLS);
    const tool = random.chance(0.1) ? mutateText(random, name) : name;
    const changed: Json = random.chance(0.8) ? mutateJson(random, unmodified) : unmodified;
    const args = (typeof changed === 'object' && !Array.isArray(changed) && changed) || unmodified;
    const call = describeCall(CATALOGUE.value, tool, args as JsonObject);
    if (!call.ok) {
      claim(tool !== name || args !== unmodified, 'an unmodified call is refused', call.error);
      return call.error.code;
    }
    const entry = CATALOGUE.value.get(tool);
    claim(entry !== undefined, 'an unknown tool is described', tool);
    const { dataset: datasets, action, tier } = call.value;
    claim(
      action === entry.action && tier === entry.tier,
      'the action or tier has changed',
      call.value,
    );
    claim(datasets.length >= 1, 'a call without a dataset is described', args);
    const roots = entry.datasets.map((each) => ('fixed' in each ? each.fixed : each.under));
    for (const dataset of datasets) {
      claim(checkDataset(dataset).ok, 'a dataset has an invalid name', { dataset, args });
      claim(
        roots.some((root) => covers(root, dataset)),
        'a dataset is outside its root',
        { dataset, args },
      );
    }
    claim(
      Object.keys(args).every((each) => entry.arguments.includes(each)),
      'unlisted',
      args,
    );
    return 'ok';
  },
};
