import { structuredPatch } from 'diff';
import { CATALOGUE_FILE, type Version } from './version.ts';

/** A run of lines that differ, with the lines around it. Lines count from 1. */
export interface Hunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  /** Each begins with ` `, `-` or `+`, or says after a backslash that a line end is missing. */
  readonly lines: readonly string[];
}

/** How one file of a version differs from the same file of another. */
export interface FileChange {
  /** The name of the policy file, or `catalogue`. */
  readonly file: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly hunks: readonly Hunk[];
}

/** Lines around a change, as every other tool shows them. */
const CONTEXT_LINES = 3;

/** Beyond it, a file counts as replaced: finding the shortest edit would take seconds. */
const EDITS_MAX = 2_000;

/**
 * Returns the files that differ, in the order of their names with the catalogue last; empty if both
 * versions are the same. Without `before`, every file is added.
 */
export function diffVersions(before: Version | undefined, after: Version): readonly FileChange[] {
  const names = new Set([...Object.keys(before?.policy ?? {}), ...Object.keys(after.policy)]);
  const files = [...names].sort().map((file) => ({
    file,
    was: own(before?.policy, file),
    is: own(after.policy, file),
  }));
  files.push({ file: CATALOGUE_FILE, was: before?.catalogue, is: after.catalogue });
  return files.flatMap(({ file, was, is }) => (was === is ? [] : [changeOf(file, was, is)]));
}

const own = (files: Version['policy'] | undefined, name: string): string | undefined =>
  files && Object.hasOwn(files, name) ? files[name] : undefined;

function changeOf(file: string, was: string | undefined, is: string | undefined): FileChange {
  const change = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed';
  const options = { context: CONTEXT_LINES, maxEditLength: EDITS_MAX };
  const patch = structuredPatch(file, file, was ?? '', is ?? '', '', '', options);
  const hunks = patch?.hunks ?? [replaced(was ?? '', is ?? '')];
  return { file, change, hunks: hunks.map(placed) };
}

/** In a unified diff, a side without lines starts at the line before. */
const placed = ({ oldStart, oldLines, newStart, newLines, lines }: Hunk): Hunk => ({
  oldStart: oldLines === 0 ? oldStart - 1 : oldStart,
  oldLines,
  newStart: newLines === 0 ? newStart - 1 : newStart,
  newLines,
  lines,
});

function replaced(was: string, is: string): Hunk {
  const [old, next] = [linesOf(was), linesOf(is)];
  return {
    oldStart: 1,
    oldLines: old.length,
    newStart: 1,
    newLines: next.length,
    lines: [...old.map((line) => `-${line}`), ...next.map((line) => `+${line}`)],
  };
}

const linesOf = (text: string): readonly string[] =>
  text === '' ? [] : text.replace(/\n$/, '').split('\n');

/** Returns changes as a unified diff, which people and `patch` read. */
export const renderDiff = (changes: readonly FileChange[]): string =>
  changes
    .map(({ file, change, hunks }) =>
      [
        `--- ${change === 'added' ? '/dev/null' : `a/${file}`}`,
        `+++ ${change === 'removed' ? '/dev/null' : `b/${file}`}`,
        ...hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
          `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
          ...lines,
        ]),
      ].join('\n'),
    )
    .join('\n');
