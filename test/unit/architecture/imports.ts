import { dirname } from 'node:path';
import { type Import, importsOf, type SourceFile } from './source.ts';

/**
 * Which folder of the library may import which (docs/explanation/architecture.md). Add new folders.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  biscuit: [],
  provenance: [],
  capability: ['biscuit', 'provenance'],
  'biscuit-wasm': ['capability'],
  'http-route': ['capability'],
  history: ['capability', 'tlog'],
  catalogue: ['capability', 'history', 'http-route', 'provenance'],
  policy: ['capability', 'catalogue', 'provenance', 'biscuit', 'version'],
  tlog: [],
  version: [],
  'version-files': ['version'],
  feed: ['tlog'],
  health: [],
  denials: [],
  dpop: [],
  bounds: ['biscuit', 'capability'],
  'tool-schema': ['bounds', 'capability', 'catalogue'],
  receipts: ['catalogue', 'feed', 'provenance'],
  verifier: [
    ...['bounds', 'capability', 'catalogue', 'denials', 'dpop', 'feed', 'provenance', 'receipts'],
  ],
  activity: ['audit', 'lifecycle'],
  audit: [
    ...['capability', 'catalogue', 'denials', 'feed', 'lifecycle', 'provenance', 'tlog'],
    ...['verifier', 'version'],
  ],
  labels: ['audit', 'capability', 'catalogue', 'provenance', 'verifier'],
  lifecycle: ['capability', 'denials', 'history'],
  'constraint-words': ['capability', 'provenance'],
  approval: ['capability', 'constraint-words'],
  agent: ['capability', 'catalogue', 'dpop', 'http-route', 'provenance', 'receipts'],
  'agent-node': ['agent'],
  identity: [],
  keyring: [],
  rates: ['capability'],
  upstream: ['capability'],
  signals: ['lifecycle'],
  notices: ['approval', 'tlog'],
  observe: ['audit', 'capability', 'catalogue'],
  explain: ['capability', 'catalogue', 'denials', 'history', 'policy'],
  questions: ['audit', 'capability', 'catalogue', 'policy'],
  'node-http': [],
  'mcp-headers': [],
  loopback: [],
  bridge: ['agent', 'capability', 'loopback', 'mcp-headers'],
  run: [
    ...['agent', 'approval', 'bridge', 'capability', 'catalogue', 'clients', 'deployment'],
    'mcp-headers',
  ],
  a2a: ['agent', 'dpop', 'verifier'],
  express: ['node-http', 'verifier'],
  hono: ['verifier'],
  mcp: ['capability', 'catalogue', 'receipts', 'tool-denial', 'tool-schema', 'verifier'],
  'tool-denial': ['capability', 'verifier'],
  authzen: ['capability', 'verifier'],
  'mcp-node': ['mcp', 'node-http'],
  'verifier-node': ['feed', 'node-http', 'verifier'],
  testing: ['biscuit', 'capability', 'dpop', 'feed', 'lifecycle', 'verifier'],
  'issuer-api': [
    'audit',
    'capability',
    'feed',
    'health',
    'history',
    'lifecycle',
    'notices',
    'operator-capability',
    'operators',
    'passkey',
    'signals',
    'version',
  ],
  operators: [],
  console: [
    ...['activity', 'approval', 'audit', 'constraint-words', 'denials', 'issuer-api', 'lifecycle'],
    ...['operators', 'passkey', 'provenance', 'tlog'],
  ],
  'operator-capability': ['capability', 'operators'],
  passkey: [],
  deployment: [
    ...['capability', 'identity', 'lifecycle', 'notices', 'operators', 'policy', 'rates'],
    'upstream',
  ],
  'key-file': ['keyring'],
  bundle: ['deployment'],
  serve: ['bundle', 'deployment', 'key-file'],
  dev: [
    ...['audit', 'bundle', 'denials', 'deployment', 'identity', 'issuer-api', 'key-file'],
    ...['loopback', 'operators', 'upstream', 'version'],
  ],
  'server-listing': ['dev', 'http-route'],
  openapi: ['catalogue', 'http-route', 'server-listing'],
  'catalogue-draft': ['capability', 'catalogue', 'server-listing'],
  'policy-draft': ['capability', 'catalogue', 'policy', 'provenance'],
  backup: ['audit', 'deployment', 'feed', 'lifecycle', 'serve', 'tlog'],
  deploy: ['bundle', 'deployment', 'key-file', 'upstream', 'version'],
  doctor: [...['deployment', 'feed', 'health', 'identity', 'issuer-api', 'key-file']],
  clients: [],
  cli: [
    ...['bridge', 'bundle', 'clients', 'deploy', 'doctor'],
    ...[
      'agent',
      'agent-node',
      'approval',
      'biscuit',
      'capability',
      'catalogue',
      'denials',
      'deployment',
      'dpop',
      'explain',
      'feed',
      'keyring',
      'loopback',
    ],
    ...[
      'dev',
      'key-file',
      'history',
      'issuer-api',
      'policy',
      'policy-draft',
      'serve',
      'verifier',
      'verifier-node',
      'version',
    ],
    ...['audit', 'backup', 'lifecycle', 'catalogue-draft', 'observe', 'openapi'],
    ...['explain', 'operator-capability', 'operators', 'questions'],
    ...['run', 'server-listing', 'signals', 'tlog', 'upstream', 'version-files'],
  ],
};

/**
 * Which folder inside a folder of the library may import which. A folder that is named here lists
 * all of its folders; the files next to them, including its door, may import any.
 */
const MAY_IMPORT_INSIDE: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'src/feed': {
    format: [],
    replica: ['format'],
    client: ['format', 'replica'],
    log: ['format'],
  },
};

/** Doors inside a folder that has a door of its own, so that one side need not load the other. */
const SECOND_DOORS: readonly string[] = [
  // Not public: `hewn/agent/node` adds sources that need Node.
  'src/agent/identity/index.ts',
  // What the public door shows of it is less than `hewn/verifier/node` is made of.
  'src/verifier/protect/index.ts',
  'src/feed/log/index.ts',
  // Not public: the gateway accounts for calls with the parts of a recorder.
  'src/audit/calls/index.ts',
  // Not public: a verifier, which loads the records, writes no entries.
  'src/audit/entry/index.ts',
  // Not public: only an auditor verifies proofs.
  'src/audit/proof/index.ts',
  // Not public: the formats of exports, which a verifier need not load.
  'src/audit/export/index.ts',
  // Not public: only readers of the log look for records.
  'src/audit/find/index.ts',
  'workers/issuer/objects.ts',
  // The documentation is generated from these.
  'workers/gateway/mcp/methods/index.ts',
  'workers/issuer/token/refusals/index.ts',
  'workers/issuer/schemas.ts',
];

/**
 * Past a door inside one folder: the engine's data and their order, which its formats speak without
 * the evaluator that the door would bring along.
 */
const SHARED_INSIDE: Readonly<Record<string, string>> = {
  'src/biscuit/datalog/ast.ts': 'src/biscuit',
  'src/biscuit/datalog/order.ts': 'src/biscuit',
};

const all = (files: readonly SourceFile[]): readonly Import[] => files.flatMap(importsOf);
const show = ({ from, to }: Import): string => `${from} imports ${to}`;
const isIn = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

/** The folder of src that a path lies in, or '' for the files next to the folders. */
const folderOf = (path: string): string => /^src\/([^/]+)\//.exec(path)?.[1] ?? '';

/** Inside the library, imports point one way. */
export const wrongDirections = (files: readonly SourceFile[]): readonly string[] =>
  all(files)
    .filter(({ from, to }) => isIn(from, 'src') && isIn(to, 'src') && folderOf(to) !== '')
    .filter(({ from, to }) => folderOf(from) !== folderOf(to))
    .filter(({ from, to }) => !MAY_IMPORT[folderOf(from)]?.includes(folderOf(to)))
    .map(show);

/** Inside a folder whose folders have an order, imports keep to it. */
export const wrongDirectionsInside = (files: readonly SourceFile[]): readonly string[] =>
  Object.entries(MAY_IMPORT_INSIDE).flatMap(([folder, order]) => {
    const inner = (path: string): string =>
      isIn(path, folder) ? (/^([^/]+)\//.exec(path.slice(folder.length + 1))?.[1] ?? '') : '';
    return all(files)
      .filter(({ from, to }) => inner(from) !== '' && isIn(to, folder))
      .filter(({ from, to }) => inner(from) !== inner(to))
      .filter(({ from, to }) => !order[inner(from)]?.includes(inner(to)))
      .map(show);
  });

/** The library imports nothing above it. */
export const importsFromAbove = (files: readonly SourceFile[]): readonly string[] =>
  all(files)
    .filter(({ from, to }) => isIn(from, 'src') && /^(workers|scripts|test|bench)\//.test(to))
    .map(show);

/** A folder with an index.ts is entered by it alone; its own files, and tests, may go past. */
export function pastDoors(files: readonly SourceFile[]): readonly string[] {
  const doors = new Set(
    files.filter(({ path }) => path.endsWith('/index.ts')).map(({ path }) => dirname(path)),
  );
  return all(files)
    .filter(({ from }) => !isIn(from, 'test'))
    .filter(({ from, to }) => !isIn(from, SHARED_INSIDE[to] ?? '-'))
    .filter(({ from, to }) => {
      const door = closedDoor(from, to, doors);
      return door !== undefined && to !== `${door}/index.ts` && !SECOND_DOORS.includes(to);
    })
    .map(show);
}

/** The outermost folder with a door that holds the one file and not the other. */
const closedDoor = (from: string, to: string, doors: ReadonlySet<string>): string | undefined =>
  [...doors]
    .filter((folder) => isIn(to, folder) && !isIn(from, folder))
    .sort((a, b) => a.length - b.length)[0];

/**
 * Only the issuer authenticates and applies the policy. The `hewn` command tries policies, the
 * doctor fetches the keys of identity providers, the deployment file lists identity issuers,
 * `hewn dev` plays them, the documentation lists their members, and a benchmark enforces policies
 * that were learned.
 */
export const issuersOwn = (files: readonly SourceFile[]): readonly string[] =>
  all(files)
    .filter(({ to }) => /^src\/(identity|policy)\//.test(to))
    .filter(({ from, to }) => folderOf(from) !== folderOf(to) && !isIn(from, 'test'))
    .filter(({ from }) => !isIn(from, 'workers/issuer') && !isIn(from, 'src/cli'))
    .filter(({ from }) => !isIn(from, 'src/deployment') && !isIn(from, 'src/dev'))
    .filter(({ from }) => !isIn(from, 'src/doctor') && !/^bench\/(?:learn|attacks)\//.test(from))
    .filter(({ from }) => !isIn(from, 'src/questions') && !isIn(from, 'src/explain'))
    .filter(({ from }) => !isIn(from, 'src/policy-draft'))
    .filter(({ from }) => from !== 'scripts/docs/identity-members.ts')
    .map(show);

/** The gateway imports only the issuer's types, and neither mints nor evaluates a policy. */
export const gatewayReaches = (files: readonly SourceFile[]): readonly string[] =>
  all(files)
    .filter(({ from }) => isIn(from, 'workers/gateway'))
    .filter(
      ({ to, typeOnly }) =>
        /^src\/(identity|policy|biscuit-wasm)\//.test(to) ||
        (isIn(to, 'workers/issuer') && !typeOnly),
    )
    .map(show);
