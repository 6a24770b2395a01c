import * as v from 'valibot';
import { isPathText } from '../../text-reading.ts';
import { fullMatch } from '../condition.ts';
import { CONSTRAINT_PATTERN_BYTES_MAX } from '../limits.ts';
import { patternMatchesUnrelated } from '../unrelated-destinations.ts';
import { none, type SimpleKind } from './kind.ts';
import { isPattern, text } from './scalar-schemas.ts';

/**
 * A glob over paths, compiled to a regular expression of the engine. It is only tried on text of
 * the form `path`, so neither `*` nor `**` can match `..`, an empty segment or an encoded slash.
 */
export const glob: SimpleKind<string> = {
  schema: v.pipe(
    text(CONSTRAINT_PATTERN_BYTES_MAX),
    v.check(
      (value) => isGlob(value) && isPattern(globPattern(value)),
      'not a glob of plain segments',
    ),
  ),
  condition: (value, block) => fullMatch('path', globPattern(value), block),
  boundsSink: (value, author) =>
    author === 'policy' && hasLetterOrDigit(value) && !patternMatchesUnrelated(globPattern(value)),
  listedValues: none,
  numberRange: none,
};

const hasLetterOrDigit = (value: string): boolean => /[\p{L}\p{N}]/u.test(value);

const ANY_SEGMENTS = '**';

/** A path in which `*` may occur anywhere, and `**` only as a whole segment. */
function isGlob(value: string): boolean {
  const segments = value.split('/');
  if (segments.some((segment) => segment.includes(ANY_SEGMENTS) && segment !== ANY_SEGMENTS)) {
    return false;
  }
  return isPathText(value.replaceAll('*', 'x'));
}

/** The regular expression of a glob, without anchors. */
function globPattern(value: string): string {
  const lead = value.startsWith('/') ? '/' : '';
  // Two in a row mean the same as one.
  const segments = value
    .slice(lead.length)
    .split('/')
    .filter((segment, i, all) => segment !== ANY_SEGMENTS || all[i + 1] !== ANY_SEGMENTS);
  if (segments.length === 1 && segments[0] === ANY_SEGMENTS) return `${lead}[^/]+(?:/[^/]+)*`;
  let pattern = lead;
  for (const [i, segment] of segments.entries()) {
    const isLast = i === segments.length - 1;
    if (segment === ANY_SEGMENTS) pattern += isLast ? '(?:/[^/]+)*' : '(?:[^/]+/)*';
    else
      pattern +=
        segmentPattern(segment) + (isLast || onlyAnySegmentsFollow(segments, i) ? '' : '/');
  }
  return pattern;
}

/** Whether only `**` follows, whose pattern includes the slash before each segment. */
const onlyAnySegmentsFollow = (segments: readonly string[], i: number): boolean =>
  i === segments.length - 2 && segments[i + 1] === ANY_SEGMENTS;

/**
 * A star that is the whole segment matches at least one character, because no segment is empty. If
 * it matched none, the relative glob `*\/**` would match the leading slash of an absolute path.
 */
const segmentPattern = (segment: string): string =>
  segment === '*'
    ? '[^/]+'
    : // Of the characters that a path may contain, these are special in a pattern.
      segment.replaceAll(/[.+()]/g, '\\$&').replaceAll('*', '[^/]*');
