import * as v from 'valibot';
import { fullMatch } from '../condition.ts';
import { CONSTRAINT_PATTERN_BYTES_MAX } from '../limits.ts';
import { patternMatchesUnrelated } from '../unrelated-destinations.ts';
import { none, type SimpleKind } from './kind.ts';
import { isPattern, text } from './scalar-schemas.ts';

/** A regular expression of the engine's linear-time subset, which must match the whole text. */
export const matches: SimpleKind<string> = {
  schema: v.pipe(
    text(CONSTRAINT_PATTERN_BYTES_MAX),
    // Compiled by itself, so that none of its brackets closes the group that anchors it.
    v.check(isPattern, 'not a pattern of the linear-time subset, or too large'),
  ),
  condition: (pattern, block) => fullMatch('text', pattern, block),
  boundsSink: (pattern, author) => author === 'policy' && !patternMatchesUnrelated(pattern),
  listedValues: none,
  numberRange: none,
};
