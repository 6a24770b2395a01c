import * as v from 'valibot';
import { isJsonObject, type JsonObject } from '../../canonical-json.ts';
import type { AnswerBounds } from '../catalogue.ts';
import { toolOfServer } from './definition.ts';
import { labels } from './flows.ts';
import { type CatalogueKey, tableOf } from './key.ts';

const MEDIA_TYPES_MAX = 32;
const ANSWER_BYTES_MAX = 64 * 1024 * 1024; // Of a whole upstream.
const SCHEMA_CHARACTERS_MAX = 32 * 1024;

/** A type and a subtype in lower case, or a range of subtypes such as `image/*`. */
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/(?:\*|[a-z0-9][a-z0-9!#$&^_.+-]{0,63})$/;

export const answer: CatalogueKey<AnswerBounds> = {
  schema: tableOf({
    mediaTypes: v.exactOptional(
      v.pipe(
        v.array(v.pipe(v.string(), v.regex(MEDIA_TYPE, 'not a media type in lower case'))),
        v.minLength(1),
        v.maxLength(MEDIA_TYPES_MAX),
      ),
    ),
    bytes: v.exactOptional(
      v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(ANSWER_BYTES_MAX)),
    ),
    schema: v.exactOptional(
      v.pipe(
        v.custom<JsonObject>(isJsonObject, 'not a JSON Schema of an object'),
        v.check((schema) => schema.type === 'object', 'must have type = "object"'),
        v.check(isSmallJson, 'has more than 32 KiB, or a value that JSON does not have'),
      ),
    ),
    unlisted: v.exactOptional(v.picklist(['remove', 'deny'])),
    labels: v.exactOptional(labels),
  }),
  absent: 'nothing',
  *faults(bounds, tool) {
    if (bounds === undefined) return;
    // Labels bound nothing, so that any entry can have them.
    if (Object.keys(bounds).some((key) => key !== 'labels')) yield* toolOfServer(tool);
    if (bounds.unlisted !== undefined && bounds.schema === undefined) {
      yield { where: 'unlisted', why: 'needs `schema`, which lists the members' };
    }
    if (Object.keys(bounds).length === 0) yield { why: 'bounds nothing' };
  },
  differences: () => ['its answers are bounded in another way'],
};

/** TOML has dates and infinities, which JSON has not. */
function isSmallJson(schema: JsonObject): boolean {
  const isJson = (value: unknown): boolean =>
    value === null ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value)) ||
    (Array.isArray(value) && value.every(isJson)) ||
    (isJsonObject(value) && Object.values(value).every(isJson));
  return isJson(schema) && JSON.stringify(schema).length <= SCHEMA_CHARACTERS_MAX;
}
