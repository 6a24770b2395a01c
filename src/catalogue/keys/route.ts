import * as v from 'valibot';
import {
  BODY_FORMS,
  HTTP_METHODS,
  type HttpRoute,
  routeFaults,
  TEXT_TYPES,
} from '../../http-route/index.ts';
import type { CatalogueTool } from '../catalogue.ts';
import { type CatalogueKey, tableOf } from './key.ts';

const ARGUMENTS_MAX = 64;
const HEADERS_MAX = 16;
const TYPES_MAX = 16;
const UPLOAD_BYTES_MAX = 100 * 1024 * 1024; // What the platform accepts of one request.

const place = tableOf({
  in: v.picklist(['path', 'query', 'header', 'body']),
  name: v.exactOptional(v.pipe(v.string(), v.minLength(1), v.maxLength(128))),
  type: v.exactOptional(v.picklist(TEXT_TYPES)),
  list: v.exactOptional(v.boolean()),
  whole: v.exactOptional(v.boolean()),
});

const headers = v.exactOptional(v.pipe(v.array(v.string()), v.maxLength(HEADERS_MAX)));

const OF_MCP = ['answer', 'definition', 'parameterHeaders', 'prompt', 'resource'] as const;

/** Whether an entry has a key, and more of it than the labels of its answers. */
const isBoundBy = ({ answer = {}, ...tool }: CatalogueTool, key: (typeof OF_MCP)[number]) =>
  key === 'answer'
    ? Object.keys(answer).some((member) => member !== 'labels')
    : Object.hasOwn(tool, key);

export const route: CatalogueKey<HttpRoute> = {
  schema: tableOf({
    server: v.pipe(
      v.string(),
      v.regex(/^[a-z0-9-]{1,32}$/, 'must be lower-case letters, digits and "-", at most 32'),
    ),
    methods: v.pipe(v.array(v.picklist(HTTP_METHODS)), v.minLength(1)),
    path: v.string(),
    arguments: v.exactOptional(v.pipe(v.record(v.string(), place), v.maxEntries(ARGUMENTS_MAX))),
    body: v.exactOptional(v.picklist(BODY_FORMS)),
    contentTypes: v.exactOptional(v.pipe(v.array(v.string()), v.maxLength(TYPES_MAX))),
    bytes: v.exactOptional(
      v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(UPLOAD_BYTES_MAX)),
    ),
    headers,
    answerHeaders: headers,
  }),
  absent: 'nothing',
  *faults(written, tool) {
    if (!written) return;
    yield* routeFaults(written, tool);
    // Nothing would hold an HTTP API to them.
    for (const key of OF_MCP.filter((one) => isBoundBy(tool, one))) {
      yield { why: `cannot stand beside ${key}, which is for a server of MCP` };
    }
  },
  differences: () => ['it is called by other requests'],
};
