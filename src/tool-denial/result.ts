import type { JsonObject } from '../canonical-json.ts';
import { DENIAL_META } from '../denial-meta.ts';
import type { ReadableDenial } from './describe.ts';

/**
 * Returns the result of a `tools/call` that was denied. A model reads the text of a result in every
 * client; most clients drop the data of an error. `isModern`: the revision of MCP is 2026-07-28 or
 * later, in which each result states its kind.
 */
export const denialResult = ({ text, data }: ReadableDenial, isModern: boolean): JsonObject => ({
  content: [{ type: 'text', text }],
  isError: true,
  _meta: { [DENIAL_META]: data },
  ...(isModern && { resultType: 'complete' }),
});
