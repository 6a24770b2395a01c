import { isPathText } from '../readings.ts';

/**
 * Globs over paths, as a regular expression of the engine. Only text of the form `path` is ever
 * tried, so neither `*` nor `**` can stand for `..`, an empty segment or an encoded slash.
 */

const ANY_SEGMENTS = '**';

/** A path in which `*` may stand anywhere and `**` for a whole segment. */
export function isGlob(glob: string): boolean {
  const segments = glob.split('/');
  if (segments.some((segment) => segment.includes(ANY_SEGMENTS) && segment !== ANY_SEGMENTS)) {
    return false;
  }
  return isPathText(glob.replaceAll('*', 'x'));
}

/** The regular expression of a glob, without anchors. */
export function globPattern(glob: string): string {
  const lead = glob.startsWith('/') ? '/' : '';
  // Two in a row say no more than one.
  const segments = glob
    .slice(lead.length)
    .split('/')
    .filter((segment, i, all) => segment !== ANY_SEGMENTS || all[i + 1] !== ANY_SEGMENTS);
  if (segments.length === 1 && segments[0] === ANY_SEGMENTS) return `${lead}[^/]+(?:/[^/]+)*`;
  let pattern = lead;
  for (const [i, segment] of segments.entries()) {
    const isLast = i === segments.length - 1;
    if (segment === ANY_SEGMENTS) pattern += isLast ? '(?:/[^/]+)*' : '(?:[^/]+/)*';
    else pattern += segmentPattern(segment) + (isLast || endsThere(segments, i) ? '' : '/');
  }
  return pattern;
}

/** Whether only `**` follows, which brings the slash in front of each of its segments. */
const endsThere = (segments: readonly string[], i: number): boolean =>
  i === segments.length - 2 && segments[i + 1] === ANY_SEGMENTS;

/**
 * A star by itself is one character at least, as no segment is empty: where it could be none, the
 * glob of relative paths `*\/**` would begin with the slash of an absolute one.
 */
const segmentPattern = (segment: string): string =>
  segment === '*'
    ? '[^/]+'
    : // Of the signs that a path may have, these mean something in a pattern.
      segment.replaceAll(/[.+()]/g, '\\$&').replaceAll('*', '[^/]*');
