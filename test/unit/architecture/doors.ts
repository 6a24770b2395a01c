import { type Import, importsOf, type SourceFile } from './source.ts';

const ISSUER = 'workers/issuer/';

/**
 * What the features of the issuer may import of each other. A Durable Object is reached by its
 * binding and never by its class, a refusal by its union, and a table by the feature that has it.
 * `platform` is below all of them and open to each; only the Worker's entry collects routes and
 * classes. A file becomes a door here.
 */
export const DOORS_OF_FEATURES: Readonly<Record<string, readonly string[]>> = {
  approval: ['ask', 'binding', 'decide', 'id'],
  audit: ['append', 'binding', 'columns', 'owed-records', 'owed-schema'],
  feed: [
    ...[
      'archive-binding',
      'binding',
      'confirmations',
      'denial',
      'effect',
      'entry-draft',
      'receive-confirmation',
    ],
  ],
  signals: ['outbox', 'status-binding', 'streams-binding'],
  token: ['denials', 'policy', 'presented-capability'],
  workflow: ['binding', 'breaker-binding', 'continuation', 'id', 'intents', 'rulebook'],
};

const PLATFORM = 'platform';

/** Imports from one feature of the issuer into another that are by none of its doors. */
export const pastFeatureDoors = (files: readonly SourceFile[]): readonly string[] =>
  betweenFeatures(files)
    .filter(({ to }) => !isDoor(to))
    .map(({ from, to }) => `${from} imports ${to}`);

/** The doors that no other feature uses: what is closed again leaves the list. */
export function unusedDoors(files: readonly SourceFile[]): readonly string[] {
  const used = new Set(betweenFeatures(files).map(({ to }) => to));
  return Object.entries(DOORS_OF_FEATURES)
    .flatMap(([feature, doors]) => doors.map((door) => `${ISSUER}${feature}/${door}.ts`))
    .filter((door) => !used.has(door));
}

const betweenFeatures = (files: readonly SourceFile[]): readonly Import[] =>
  files.flatMap(importsOf).filter(({ from, to }) => {
    const [own, other] = [featureOf(from), featureOf(to)];
    return own !== '' && other !== '' && own !== other && other !== PLATFORM;
  });

/** '' for what is in no feature: the entry of the Worker, and all that is not the issuer's. */
const featureOf = (path: string): string => /^workers\/issuer\/([^/]+)\//.exec(path)?.[1] ?? '';

const isDoor = (path: string): boolean =>
  DOORS_OF_FEATURES[featureOf(path)]?.some(
    (door) => path === `${ISSUER}${featureOf(path)}/${door}.ts`,
  ) === true;
