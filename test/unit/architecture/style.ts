import type { SourceFile } from './source.ts';

const LINES_MAX = 300;
const COLUMNS_MAX = 100;

/** Names that say nothing about what is inside. */
export const vagueNames = (files: readonly SourceFile[]): readonly string[] =>
  files
    .map(({ path }) => path)
    .filter((path) => /(^|[/.-])(utils?|helpers?|common|misc|manager)([/.-]|$)/i.test(path));

export const longFiles = (files: readonly SourceFile[]): readonly string[] =>
  files.filter(({ text }) => text.trimEnd().split('\n').length > LINES_MAX).map(({ path }) => path);

const linesWhere = (
  files: readonly SourceFile[],
  isAtFault: (line: string) => boolean,
): readonly string[] =>
  files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => (isAtFault(line) ? [`${path}:${index + 1}`] : [])),
  );

/** The formatter wraps code; comments are left to their writer. */
export const longComments = (files: readonly SourceFile[]): readonly string[] =>
  linesWhere(files, (line) => line.length > COLUMNS_MAX && /^\s*(\/\/|\/?\*)/.test(line));

/** Spelled apart, so that this file does not find itself. */
const UNFINISHED = new RegExp(
  ['FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK', 'not ' + 'implemented'].join('|'),
);
export const unfinished = (files: readonly SourceFile[]): readonly string[] =>
  linesWhere(files, (line) => UNFINISHED.test(line));

/**
 * `src/clock.ts` reads the clock, so that each time has its unit in its type. A decision takes the
 * time as an argument.
 */
const READS_CLOCK = [
  'src/clock.ts',
  'src/serve/cache.ts', // becomes a Worker by itself, so it imports nothing
];
export const clockReads = (files: readonly SourceFile[]): readonly string[] =>
  linesWhere(
    files.filter(({ path }) => /^(src|workers)\//.test(path) && !READS_CLOCK.includes(path)),
    (line) => /\bDate\.now\b|\bnew Date\(\)/.test(line) && !/^\s*(\/\/|\*)/.test(line),
  );

/** What TypeScript's library has, and the oldest Node that the package runs on does not. */
const NEWER_THAN_NODE_20 =
  /\b(?:Map|Object)\.groupBy\b|\bArray\.fromAsync\b|\bPromise\.(?:withResolvers|try)\b|\bRegExp\.escape\b|\bIterator\.|\.(?:isSubsetOf|isSupersetOf|isDisjointFrom|symmetricDifference)\(/;
export const newerThanNode20 = (files: readonly SourceFile[]): readonly string[] =>
  linesWhere(
    files.filter(({ path }) => path.startsWith('src/')),
    (line) => NEWER_THAN_NODE_20.test(line) && !/^\s*(\/\*\*|\/\/|\*)/.test(line),
  );

/** `#private` is private at run time, too; the keyword is not. */
export const accessKeywords = (files: readonly SourceFile[]): readonly string[] =>
  linesWhere(files, (line) => /^\s+(private|protected|public)\s+[\w#*[]/.test(line));

/**
 * A spread of a literal, made to group members, switches off TypeScript's excess-property check, so a misspelt
 * option compiles and is ignored. Spelled apart, so that this file does not find itself.
 */
const GROUPING_SPREAD = new RegExp(`\\.{3}${'[{]'}`);
export const groupingSpreads = (files: readonly SourceFile[]): readonly string[] =>
  linesWhere(files, (line) => GROUPING_SPREAD.test(line));
