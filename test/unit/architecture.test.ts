import { describe, expect, test } from 'vitest';
import { importCircles } from './architecture/circles.ts';
import { pastFeatureDoors, unusedDoors } from './architecture/doors.ts';
import {
  gatewayReaches,
  importsFromAbove,
  issuersOwn,
  pastDoors,
  wrongDirections,
  wrongDirectionsInside,
} from './architecture/imports.ts';
import { importsOf, readProse, readSources, type SourceFile } from './architecture/source.ts';
import {
  accessKeywords,
  clockReads,
  groupingSpreads,
  longComments,
  longFiles,
  newerThanNode20,
  unfinished,
  vagueNames,
} from './architecture/style.ts';

/**
 * The rules of docs/explanation/architecture.md and CONTRIBUTING.md. Each rule also proves that it
 * finds a breach.
 */
const PROJECT = readSources('src', 'workers', 'deployment', 'scripts', 'bench');
/** Users copy examples and documentation, so one rule covers them, too. */
const EVERYWHERE = [
  ...PROJECT,
  ...readSources('test', 'examples'),
  ...readProse('README.md', 'docs'),
];

const file = (path: string, text = ''): SourceFile => ({ path, text });
const importing = (path: string, to: string, what = '{ x }'): SourceFile =>
  file(path, `import ${what} from '${to}';\n`);
const DOORS = [
  file('src/feed/index.ts'),
  file('src/feed/log/index.ts'),
  file('src/biscuit/index.ts'),
  file('src/biscuit/datalog/index.ts'),
];

type Rule = (files: readonly SourceFile[]) => readonly string[];

const RULES: readonly (readonly [
  string,
  Rule,
  readonly SourceFile[][],
  readonly SourceFile[][],
])[] = [
  [
    'imports inside the library point one way',
    wrongDirections,
    [
      [importing('src/capability/a.ts', '../verifier/index.ts')],
      [importing('src/feed/a.ts', '../capability/index.ts')],
      [importing('src/biscuit/datalog/a.ts', '../../capability/index.ts', 'type { T }')],
      [importing('src/result.ts', './feed/index.ts')],
      [importing('src/newcomer/a.ts', '../feed/index.ts')],
      [file('src/feed/a.ts', "export * from '../agent/index.ts';\n")],
      [file('src/feed/a.ts', "const a = await import('../agent/index.ts');\n")],
    ],
    [
      [
        importing('src/verifier/a.ts', '../feed/index.ts'),
        importing('src/feed/a.ts', '../result.ts'),
      ],
      [importing('src/biscuit/token/a.ts', '../datalog/index.ts')],
    ],
  ],
  [
    'imports between the folders of the feed point one way',
    wrongDirectionsInside,
    [
      [importing('src/feed/format/a.ts', '../replica/b.ts', 'type { T }')],
      [importing('src/feed/replica/a.ts', '../client/b.ts')],
      [importing('src/feed/replica/a.ts', '../log/index.ts')],
      [importing('src/feed/client/a.ts', '../log/b.ts')],
      [importing('src/feed/log/a.ts', '../replica/b.ts')],
      [importing('src/feed/client/a.ts', '../index.ts')],
      [importing('src/feed/newcomer/a.ts', '../format/b.ts')],
    ],
    [
      [
        importing('src/feed/client/a.ts', '../replica/b.ts'),
        importing('src/feed/client/a.ts', '../format/b.ts'),
        importing('src/feed/client/a.ts', './b.ts'),
        importing('src/feed/log/a.ts', '../format/b.ts'),
        importing('src/feed/log/a.ts', '../../result.ts'),
        importing('src/feed/index.ts', './client/a.ts'),
      ],
    ],
  ],
  [
    'the library imports nothing from above it',
    importsFromAbove,
    [
      [importing('src/agent/a.ts', '../../workers/issuer/index.ts', 'type { T }')],
      [file('src/agent/a.ts', "import '../../scripts/start.ts';\n")],
    ],
    [[importing('workers/issuer/a.ts', '../../src/agent/index.ts')]],
  ],
  [
    'no files import each other in a circle, types included',
    importCircles,
    [
      [importing('src/a.ts', './b.ts'), importing('src/b.ts', './a.ts')],
      [importing('src/a.ts', './b.ts'), importing('src/b.ts', './a.ts', 'type { T }')],
      [
        importing('src/feed/a.ts', './b.ts', 'type { T }'),
        importing('src/feed/b.ts', '../c.ts', 'type { T }'),
        importing('src/c.ts', './feed/a.ts', 'type { T }'),
      ],
      [file('src/a.ts', "export * from './b.ts';\n"), importing('src/b.ts', './a.ts')],
      [
        file('workers/a.ts', "const b = await import('./b.ts');\n"),
        importing('workers/b.ts', './a.ts'),
      ],
      [importing('src/a.ts', './a.ts')],
    ],
    [
      [
        file('src/a.ts', "import { b } from './b.ts';\nimport { c } from './c.ts';\n"),
        importing('src/b.ts', './d.ts'),
        importing('src/c.ts', './d.ts'),
        file('src/d.ts'),
      ],
    ],
  ],
  [
    'code outside a folder imports only its door',
    pastDoors,
    [
      [...DOORS, importing('src/verifier/a.ts', '../feed/head.ts')],
      [...DOORS, importing('workers/issuer/a.ts', '../../src/feed/log/sign.ts')],
      [...DOORS, importing('src/capability/a.ts', '../biscuit/datalog/index.ts')],
      [...DOORS, importing('src/biscuit/token/a.ts', '../datalog/rule.ts')],
      [
        ...DOORS,
        importing('workers/gateway/a.ts', '../../src/feed/entry.ts', '{\n  type A,\n  b\n}'),
      ],
    ],
    [
      [...DOORS, importing('src/verifier/a.ts', '../feed/index.ts')],
      [...DOORS, importing('src/biscuit/token/a.ts', '../datalog/index.ts')],
      [...DOORS, importing('src/feed/a.ts', './head.ts')],
      [...DOORS, importing('workers/issuer/a.ts', '../../src/feed/log/index.ts')],
      [...DOORS, importing('test/unit/a.test.ts', '../../src/feed/head.ts')],
    ],
  ],
  [
    'identity and policy belong to the issuer',
    issuersOwn,
    [
      [importing('workers/gateway/a.ts', '../../src/identity/index.ts')],
      [importing('src/agent/a.ts', '../policy/index.ts', 'type { T }')],
    ],
    [[importing('workers/issuer/a.ts', '../../src/identity/index.ts')]],
  ],
  [
    'the gateway imports only types of the issuer',
    gatewayReaches,
    [
      [importing('workers/gateway/a.ts', '../issuer/index.ts')],
      [importing('workers/gateway/a.ts', '../issuer/index.ts', '{ type A, b }')],
      [importing('workers/gateway/a.ts', '../../src/policy/index.ts', 'type { T }')],
      [importing('workers/gateway/a.ts', '../../src/biscuit-wasm/index.ts')],
    ],
    [
      [importing('workers/gateway/a.ts', '../issuer/index.ts', 'type { T }')],
      [importing('workers/gateway/a.ts', '../issuer/index.ts', '{ type A, type B }')],
    ],
  ],
  [
    'a feature of a Worker is entered by its doors',
    pastFeatureDoors,
    [
      [importing('workers/issuer/token/a.ts', '../feed/object.ts', 'type { T }')],
      [importing('workers/issuer/platform/a.ts', '../workflow/object.ts', 'type { T }')],
      [importing('workers/issuer/signals/a.ts', '../audit/rows/binding.ts')],
      [importing('workers/issuer/newcomer/a.ts', '../feed/entries.ts')],
      [importing('workers/issuer/feed/a.ts', '../newcomer/b.ts')],
      [importing('workers/gateway/call/a.ts', '../mcp/transport.ts', 'type { T }')],
      [importing('workers/gateway/mcp/a.ts', '../call/serve.ts')],
    ],
    [
      [importing('workers/issuer/token/a.ts', '../feed/binding.ts', 'type { T }')],
      [importing('workers/issuer/feed/a.ts', './object.ts')],
      [importing('workers/issuer/feed/a.ts', '../platform/http.ts')],
      [importing('workers/issuer/index.ts', './feed/object.ts')],
      [importing('workers/gateway/mcp/a.ts', '../call/transport.ts', 'type { T }')],
      [importing('workers/gateway/index.ts', './mcp/transport.ts')],
    ],
  ],
  [
    'a name says what is inside',
    vagueNames,
    [
      ...['src/utils/a.ts', 'src/feed/helpers.ts', 'src/common.ts', 'workers/misc/a.ts'],
      ...['src/feed/feed-manager.ts', 'src/string-util.ts'],
    ].map((path) => [file(path)]),
    [[file('src/feed/commonality.ts')], [file('src/managers-desk.ts')]],
  ],
  [
    'a file has at most 300 lines',
    longFiles,
    [[file('a.ts', 'x;\n'.repeat(301))]],
    [[file('a.ts', 'x;\n'.repeat(300))]],
  ],
  [
    'a comment keeps to 100 columns',
    longComments,
    [[file('a.ts', `// ${'x'.repeat(98)}`)], [file('a.ts', `/**\n * ${'x'.repeat(98)}\n */`)]],
    [[file('a.ts', `// ${'x'.repeat(97)}`)], [file('a.ts', `const a = '${'x'.repeat(100)}';`)]],
  ],
  [
    'nothing is left unfinished',
    unfinished,
    ['FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].map((word) => [file('a.ts', `// ${word} later`)]),
    [[file('a.ts', '// fixed, hackneyed')]],
  ],
  [
    'only src/clock.ts reads the clock',
    clockReads,
    [
      [file('src/a.ts', 'const now = Date.now();')],
      [file('workers/a.ts', 'const { now = Date.now } = options;')],
      [file('src/a.ts', 'const now = new Date();')],
    ],
    [[file('src/clock.ts', 'Date.now()'), file('src/a.ts', '// Date.now() steps.\nnew Date(now)')]],
  ],
  [
    'the package calls nothing that Node 20 lacks',
    newerThanNode20,
    [
      [file('src/a.ts', 'const groups = Map.groupBy(calls, keyOf);')],
      [file('src/cli/a.ts', 'const { promise } = Promise.withResolvers();')],
      [file('src/a.ts', 'if (known.isSubsetOf(all)) return;')],
    ],
    [[file('src/a.ts', '// Not Map.groupBy.'), file('workers/a.ts', 'Map.groupBy(calls, keyOf);')]],
  ],
  [
    'a class hides its fields with #',
    accessKeywords,
    [
      [file('a.ts', 'class A {\n  private x = 1;\n}')],
      [file('a.ts', 'class A {\n  protected get x() {}\n}')],
    ],
    [[file('a.ts', "const a = { scope: 'private' };\n  #x = 1;\n// A private key.")]],
  ],
  [
    'an object literal groups no members in a spread: TypeScript would not check their names',
    groupingSpreads,
    [
      [file('a.ts', `const a = { ${'...'}{ b, c } };`)],
      [file('a.ts', `call({\n  ${'...'}{\n    b,\n  },\n});`)],
      [file('README.md', `  ${'...'}{ issuer, fetch },`)],
    ],
    [[file('a.ts', 'const a = { ...rest, ...(b && { b }) };')]],
  ],
];

describe.each(RULES)('%s', (_, rule, broken, kept) => {
  test('holds in this project', () =>
    expect(rule(rule === groupingSpreads ? EVERYWHERE : PROJECT)).toEqual([]));

  test.each(broken.map((files, index) => [index, files] as const))(
    'finds made-up breach %d',
    (_index, files) => expect(rule(files)).toHaveLength(1),
  );

  test('accepts code that follows it', () => {
    for (const files of kept) expect(rule(files)).toEqual([]);
  });
});

test('reads the project with its imports', () => {
  expect(PROJECT.length).toBeGreaterThan(80);
  const [acceptance] = PROJECT.filter(({ path }) => path === 'src/verifier/acceptance.ts');
  const found = importsOf(acceptance ?? file('')).map(({ to }) => to);
  expect(found).toContain('src/capability/index.ts');
  expect(found).toContain('src/limits.ts');
});

test('reports two separate circles as two findings, with the imports that close them', () => {
  const pair = (folder: string): readonly SourceFile[] => [
    importing(`${folder}/a.ts`, './b.ts'),
    importing(`${folder}/b.ts`, './a.ts'),
    importing(`${folder}/c.ts`, './a.ts'),
  ];
  expect(importCircles([...pair('src'), ...pair('workers')])).toEqual([
    'src/a.ts imports src/b.ts\nsrc/b.ts imports src/a.ts',
    'workers/a.ts imports workers/b.ts\nworkers/b.ts imports workers/a.ts',
  ]);
});

test('finds no door of a feature that no other feature uses', () =>
  expect(unusedDoors(PROJECT)).toEqual([]));
