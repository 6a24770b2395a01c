import * as v from 'valibot';
import { compileRegex } from '../../biscuit/index.ts';
import { isJsonObject, type JsonObject } from '../../canonical-json.ts';
import { utf8 } from '../../encoding.ts';
import { toMicros } from '../arguments.ts';
import { rangeBits } from '../ip-address.ts';
import { checkPath } from '../names.ts';
import { isPathText, isPlain, SCHEME_PORTS, type Scheme } from '../readings.ts';
import type { Constraint, Range } from './constraint.ts';
import { globPattern, isGlob } from './glob.ts';
import {
  CONSTRAINT_ALL_MAX,
  CONSTRAINT_PROGRAM_MAX,
  CONSTRAINT_TEXT_BYTES_MAX,
  CONSTRAINT_VALUES_MAX,
} from './limits.ts';

const CONSTRAINT_PATTERN_BYTES_MAX = 256;

/**
 * The shapes of constraints, strict: an unknown kind, a second member or a misspelt one is refused,
 * never skipped, because what is skipped is a limit that its author believes in. The schemas nest
 * `optional` over `allOf` over `every` over `allOf` over a value and no deeper, by construction.
 */

const text = (bytesMax = CONSTRAINT_TEXT_BYTES_MAX) =>
  v.pipe(
    v.string(),
    v.check((value) => value.length <= bytesMax && utf8(value).length <= bytesMax, 'too long'),
    v.check((value) => value.isWellFormed(), 'a lone surrogate'),
    v.check((value) => value.normalize('NFC') === value, 'not in Unicode form NFC'),
  );

const number = v.pipe(
  v.number(),
  v.check((value) => toMicros(value) !== undefined, 'does not fit 64-bit millionths'),
);

// A prefix of a path or a URL bounds nothing: `files/../etc` has the prefix `files/` too, and
// `https://good.example.evil.example` that of the good one.
const edge = v.pipe(
  text(),
  v.minLength(1),
  v.check(isPlain, 'an invisible character'),
  v.check((value) => !/[/\\]/.test(value), 'a slash: pathBelow, glob or url says what is meant'),
);

const range = (schema: v.GenericSchema<number>) =>
  v.pipe(
    // A schema of objects takes `[]` for one without members, which here would be without a bound.
    v.custom<JsonObject>(isJsonObject, 'not an object'),
    v.strictObject({ min: v.exactOptional(schema), max: v.exactOptional(schema) }),
    v.check(({ min, max }: Range) => min === undefined || max === undefined || min <= max, 'empty'),
  );

const counted = v.pipe(
  range(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  v.check(({ min, max }: Range) => min !== undefined || max !== undefined, 'without an end'),
);

const values = v.union([
  v.pipe(v.array(text()), v.minLength(1), v.maxLength(CONSTRAINT_VALUES_MAX)),
  v.pipe(v.array(number), v.minLength(1), v.maxLength(CONSTRAINT_VALUES_MAX)),
]);

const addresses = v.pipe(
  v.string(),
  v.check((value) => rangeBits(value) !== undefined, 'not an IP range, or bits behind its prefix'),
);

const compiles = (pattern: string): boolean => compileRegex(pattern, CONSTRAINT_PROGRAM_MAX).ok;

const below = v.pipe(
  text(),
  v.check((path) => path === '/' || isPathText(path), 'not a path of plain segments'),
);

const hostname = (written: string): string =>
  URL.canParse(`http://${written}/`) ? new URL(`http://${written}/`).hostname : '';
const HOST = /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:]+\])$/;

const host = v.pipe(
  v.string(),
  v.check((value) => HOST.test(value) && hostname(value) === value, 'not in its looked-up form'),
);

// Two labels at least: nobody owns `com`. One whose end is a number would be part of an address.
const hostSuffix = v.pipe(
  v.string(),
  v.check((value) => /^[^.]+\../.test(value) && !value.startsWith('['), 'not two labels'),
  v.check(
    (value) => HOST.test(value) && hostname(`a.${value}`) === `a.${value}`,
    'not in its looked-up form',
  ),
);

const urlPath = v.pipe(
  v.string(),
  v.check((path) => path === '/' || (checkPath(path).ok && !path.endsWith('/')), 'not a path'),
  v.check((path) => new URL(`http://a${path}`).pathname === path, 'not in its sent form'),
);

const url = v.pipe(
  v.strictObject({
    schemes: v.pipe(
      v.array(v.picklist(Object.keys(SCHEME_PORTS) as Scheme[])),
      v.minLength(1),
      v.maxLength(Object.keys(SCHEME_PORTS).length),
    ),
    host: v.exactOptional(host),
    hostSuffix: v.exactOptional(hostSuffix),
    port: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))),
    pathBelow: v.exactOptional(urlPath),
  }),
  v.check((it) => (it.host === undefined) !== (it.hostSuffix === undefined), 'host or hostSuffix'),
);

const VALUES = {
  exact: v.union([text(), number, v.boolean(), v.null()]),
  oneOf: values,
  prefix: edge,
  suffix: edge,
  glob: v.pipe(
    text(CONSTRAINT_PATTERN_BYTES_MAX),
    v.check((glob) => isGlob(glob) && compiles(globPattern(glob)), 'not a glob of plain segments'),
  ),
  pathBelow: below,
  url,
  cidr: v.union([addresses, v.pipe(v.array(addresses), v.minLength(1), v.maxLength(16))]),
  number: range(number),
  integer: range(v.pipe(number, v.integer())),
  length: counted,
  matches: v.pipe(
    text(CONSTRAINT_PATTERN_BYTES_MAX),
    // By itself, so that no bracket of it closes the group that anchors it.
    v.check(compiles, 'not a pattern of the linear-time subset, or too large'),
  ),
};

/** An object with exactly one member, whose name is one of these. */
const oneKind = (kinds: Readonly<Record<string, v.GenericSchema>>): v.GenericSchema =>
  v.lazy((input) => {
    const [kind = '', ...others] = isJsonObject(input) ? Object.keys(input) : [];
    const schema = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
    if (schema === undefined || others.length > 0) return v.never('not one known kind');
    return v.strictObject({ [kind]: schema });
  });

const allOf = (schema: v.GenericSchema) =>
  v.pipe(v.array(schema), v.minLength(1), v.maxLength(CONSTRAINT_ALL_MAX));

const element = oneKind({ ...VALUES, allOf: allOf(oneKind(VALUES)) });
const LISTS = { subsetOf: values, every: element, any: element, count: counted };
const PRESENT = {
  ...VALUES,
  ...LISTS,
  allOf: allOf(oneKind({ ...VALUES, ...LISTS })),
  present: v.literal(true),
};

export const constraintSchema = oneKind({
  ...PRESENT,
  optional: oneKind(PRESENT),
  absent: v.literal(true),
}) as v.GenericSchema<unknown, Constraint>;
