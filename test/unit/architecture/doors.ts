import { type Import, importsOf, type SourceFile } from './source.ts';

/**
 * What the features of a Worker may import from each other. A Durable Object is reached by its
 * binding and never by its class, a refusal by its union, and a table by the feature that has it.
 * `issuer/platform` is below the other features and open to each. Files next to the features, such
 * as the entry of the Worker, may import from all of them. To open a file of a feature, add it
 * here.
 *
 * In the gateway, a transport such as `mcp` knows the call, and the call knows no transport.
 */
const DOORS_OF_FEATURES: Readonly<Record<string, readonly string[]>> = {
  'issuer/activity': ['binding', 'describe', 'position', 'tokens'],
  'issuer/approval': ['ask', 'binding', 'id', 'state'],
  'issuer/archive': ['archive', 'bounded', 'bucket', 'full-bundle', 'store', 'store-binding'],
  'issuer/audit': [
    ...['append', 'binding', 'capacity', 'columns', 'counted-refusals', 'counted-schema'],
    ...['owed-records', 'owed-schema', 'owed-store', 'read-old', 'record-gaps', 'tables'],
  ],
  'issuer/feed': [
    ...[
      'archive-binding',
      'as-of',
      'binding',
      'canary',
      'confirmations',
      'denial',
      'effect',
      'entry-draft',
      'health',
      'receive-confirmation',
    ],
  ],
  'issuer/log': [
    ...['append', 'binding', 'control-logs', 'health', 'origin', 'read'],
    ...['seal/paths', 'seal/tail', 'which-log'],
  ],
  'issuer/operators': [
    'authenticate',
    'binding',
    'break-glass',
    'confirm-approval',
    'permit',
    'propose',
    'scope',
    'via',
  ],
  'issuer/questions': ['names'],
  'issuer/search': ['day-index', 'index-key', 'newest', 'rebuild', 'search'],
  'issuer/signals': ['outbox', 'status-binding', 'streams-binding', 'tables'],
  'issuer/subject-keys': ['binding', 'keys'],
  'issuer/tally': ['binding'],
  'issuer/token': ['denials', 'presented-capability', 'refuse-capability', 'signer', 'use-proof'],
  'issuer/version': ['binding', 'deployed-policy', 'in-force'],
  'issuer/workflow': [
    ...['binding', 'breaker-binding', 'closing', 'columns', 'continuation', 'id'],
    ...['intents', 'may-exist', 'owner', 'rulebook'],
  ],
  'issuer/watchdog': ['binding', 'notify'],
  'gateway/upstream': ['index'],
  'gateway/observe': ['index'],
  'gateway/receipts': ['index'],
  'gateway/call': ['about-history', 'deadline', 'denial', 'transport', 'upstream-failure'],
};

const PLATFORM = 'issuer/platform';

/** Imports from one feature of a Worker into another past its doors. */
export const pastFeatureDoors = (files: readonly SourceFile[]): readonly string[] =>
  betweenFeatures(files)
    .filter(({ to }) => !isDoor(to))
    .map(({ from, to }) => `${from} imports ${to}`);

/** The doors that no other feature uses. They have to leave the list. */
export function unusedDoors(files: readonly SourceFile[]): readonly string[] {
  const used = new Set(betweenFeatures(files).map(({ to }) => to));
  return Object.entries(DOORS_OF_FEATURES)
    .flatMap(([feature, doors]) => doors.map((door) => `workers/${feature}/${door}.ts`))
    .filter((door) => !used.has(door));
}

const betweenFeatures = (files: readonly SourceFile[]): readonly Import[] =>
  files.flatMap(importsOf).filter(({ from, to }) => {
    const [own, other] = [featureOf(from), featureOf(to)];
    return own !== '' && other !== '' && own !== other && other !== PLATFORM;
  });

/** `issuer/token` for `workers/issuer/token/…`; '' for a file in no feature. */
const featureOf = (path: string): string =>
  /^workers\/((?:issuer|gateway)\/[^/]+)\//.exec(path)?.[1] ?? '';

const isDoor = (path: string): boolean =>
  DOORS_OF_FEATURES[featureOf(path)]?.some(
    (door) => path === `workers/${featureOf(path)}/${door}.ts`,
  ) === true;
