import * as v from 'valibot';
import { isPlain } from '../../text-reading.ts';
import { textOfForm } from '../condition.ts';
import { prefixMatchesUnrelated, suffixMatchesUnrelated } from '../unrelated-destinations.ts';
import { none, type SimpleKind } from './kind.ts';
import { text } from './scalar-schemas.ts';

/**
 * A prefix of a path or a URL limits nothing, so slashes are refused: `files/../etc` also has the
 * prefix `files/`, and `https://good.example.evil.example` has that of the good host.
 */
const affix = v.pipe(
  text(),
  v.minLength(1),
  v.check(isPlain, 'an invisible character'),
  v.check((value) => !/[/\\]/.test(value), 'a slash: use pathBelow, glob or url instead'),
);

export const prefix: SimpleKind<string> = {
  schema: affix,
  condition: (start, block) => textOfForm('text', `$v.starts_with(${block.parameter(start)})`),
  boundsSink: (start, author) => author === 'policy' && !prefixMatchesUnrelated(start),
  listedValues: none,
  numberRange: none,
};

export const suffix: SimpleKind<string> = {
  schema: affix,
  condition: (end, block) => textOfForm('text', `$v.ends_with(${block.parameter(end)})`),
  boundsSink: (end, author) => author === 'policy' && !suffixMatchesUnrelated(end),
  listedValues: none,
  numberRange: none,
};
