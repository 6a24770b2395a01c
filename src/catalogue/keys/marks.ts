import * as v from 'valibot';
import { isJsonObject } from '../../canonical-json.ts';
import { toMicros } from '../../capability/index.ts';
import { utf8 } from '../../encoding.ts';
import { readPointer } from '../../json-pointer.ts';
import { CATALOGUE_SINKS_MAX } from '../../limits.ts';
import { FIELD_AUTHORS, VALUE_KIND } from '../../provenance/index.ts';
import type { FieldMark, SinkMark, ValueSource } from '../catalogue.ts';
import { type CatalogueKey, pointerFault, tableOf } from './key.ts';

// Of one tool. An answer has a few kinds of values that someone vouches for.
const FIELDS_MAX = 32;
const SAFE_MAX = 16; // Of one sink: a longer list is a pin, and belongs in a policy.
const SAME_OWNER_MAX = 32; // Of one sink. A longer list is a directory, and belongs in a policy.
const URL_HOSTS_MAX = 32; // Of one sink.
const SEGMENTS_MAX = 256; // Of one sink: the map of a site, and no index of its pages.
const REASON_BYTES_MAX = 256; // One sentence, on the page of an approval.

const SOURCES: readonly ValueSource[] = [
  ...FIELD_AUTHORS,
  ...FIELD_AUTHORS.map((author) => `${author} named` as const),
  'prompt',
  'approved',
];

const kind = v.pipe(v.string(), v.regex(VALUE_KIND, 'not a plain lower-case word'));
const safeValue = v.union([
  v.pipe(
    v.string(),
    v.maxLength(128),
    v.check((text) => text.normalize('NFC') === text, 'not in Unicode form NFC'),
  ),
  v.pipe(
    v.number(),
    v.check((number) => toMicros(number) !== undefined, 'not an exact number'),
  ),
  v.boolean(),
]);

/** `*` alone would be everyone, and a part of a host could belong to anyone: `*ple.com`. */
const destination = v.pipe(
  v.string(),
  v.regex(
    /^(?:\*[@.])?[a-z0-9][\w.%+@:/-]{0,127}$/,
    'not a plain destination, nor `*` and `@` or `.`',
  ),
  v.check((text) => !text.startsWith('*.') || /^\*\.[^.]+\../.test(text), 'not two labels'),
);

/** The kind of a sink whose values are URLs. On a read that leaves, they are bounded. */
export const URL_KIND = 'url';

const host = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, 'not the name of a host in lower case'),
  v.check((text) => URL.canParse(`https://${text}/`), 'not the name of a host'),
  v.check((text) => new URL(`https://${text}/`).hostname === text, 'not in its looked-up form'),
);
const segment = v.pipe(
  v.string(),
  v.regex(/^[^/\\?#%\p{Cc}]{1,128}$/u, 'not one decoded segment of a path'),
  v.check((text) => text !== '.' && text !== '..', 'a dot segment'),
);
const urlBounds = tableOf({
  hosts: v.exactOptional(v.pipe(v.array(host), v.minLength(1), v.maxLength(URL_HOSTS_MAX))),
  segments: v.exactOptional(v.pipe(v.array(segment), v.minLength(1), v.maxLength(SEGMENTS_MAX))),
});

/** Why a statement of the catalogue is made. People who approve read it. */
export const reason = v.pipe(
  v.string(),
  v.check((text) => text.trim() !== '', 'a reason is required'),
  v.check((text) => utf8(text).length <= REASON_BYTES_MAX, `over ${REASON_BYTES_MAX} bytes`),
);

/** A table for each, and a hint for an author who means the key `sinks`. */
const tables = <const E extends v.ObjectEntries>(entries: E) =>
  v.lazy((written) =>
    isJsonObject(written) ? tableOf(entries) : v.never('must be { argument = "/…", kind = "…" }'),
  );

export const sink: CatalogueKey<readonly SinkMark[]> = {
  schema: v.pipe(
    v.array(
      tables({
        argument: v.string(),
        kind,
        takes: v.exactOptional(v.pipe(v.array(v.picklist(SOURCES)), v.minLength(1))),
        safe: v.exactOptional(v.pipe(v.array(safeValue), v.minLength(1), v.maxLength(SAFE_MAX))),
        optional: v.exactOptional(v.union([v.literal(true), v.literal('unchanged')])),
        sameOwner: v.exactOptional(
          v.pipe(v.array(destination), v.minLength(1), v.maxLength(SAME_OWNER_MAX)),
        ),
        url: v.exactOptional(urlBounds),
      }),
    ),
    v.minLength(1),
    v.maxLength(CATALOGUE_SINKS_MAX),
  ),
  absent: 'nothing',
  *faults(marks = [], tool) {
    if (tool.sinks.length > CATALOGUE_SINKS_MAX) {
      yield { why: `over ${CATALOGUE_SINKS_MAX} sinks with those of sinks` };
    }
    for (const [index, { argument, takes = [], url, kind: of }] of marks.entries()) {
      if (url && !(of === URL_KIND && tool.action === 'read' && tool.leaves)) {
        yield {
          where: `${index}.url`,
          why: 'is only for the kind url of a read with leaves = true',
        };
      }
      const why = pointerFault(argument, tool);
      if (why !== undefined) yield { where: `${index}.argument`, why };
      if (marks.findIndex((one) => one.argument === argument) < index) {
        yield { where: `${index}.argument`, why: 'appears twice' };
      }
      if (new Set(takes).size < takes.length)
        yield { where: `${index}.takes`, why: 'has one twice' };
    }
  },
  differences: () => ['other marks on its sinks'],
};

export const field: CatalogueKey<readonly FieldMark[]> = {
  schema: v.pipe(
    v.array(
      tableOf({
        pointer: v.pipe(
          v.string(),
          v.check(
            (pointer) => pointer === '' || readPointer(pointer) !== undefined,
            'not an RFC 6901 pointer',
          ),
        ),
        kind,
        by: v.picklist(FIELD_AUTHORS),
        reason,
      }),
    ),
    v.minLength(1),
    v.maxLength(FIELDS_MAX),
  ),
  absent: 'nothing',
  *faults(marks = []) {
    for (const [index, { pointer }] of marks.entries()) {
      if (marks.findIndex((one) => one.pointer === pointer) < index) {
        yield { where: `${index}.pointer`, why: 'appears twice' };
      }
    }
  },
  differences: () => ['other marks on the fields of its answers'],
};

export const secret: CatalogueKey<true> = {
  schema: v.literal(true),
  absent: 'nothing',
  *faults(written, tool) {
    if (written && tool.action !== 'read') yield { why: 'only what is read can be secret' };
  },
  differences: (_, after) => [
    after ? 'what it reads is secret now' : 'what it reads is no secret now',
  ],
};
