import * as v from 'valibot';
import type { CatalogueTool } from '../catalogue.ts';
import { serverOf } from '../offers/offers.ts';
import type { CatalogueKey, KeyFault } from './key.ts';

export const definition: CatalogueKey<string> = {
  schema: v.pipe(
    v.string(),
    v.regex(
      /^[0-9a-f]{64}$/,
      'not a digest: 64 lower-case hex digits, from `hewn catalogue import`',
    ),
  ),
  absent: 'nothing',
  *faults(digest, tool) {
    if (digest !== undefined) yield* toolOfServer(tool);
  },
  differences: (before, after) => {
    if (before === undefined) return ['its definition is pinned now'];
    return [
      after === undefined ? 'its definition is no longer pinned' : 'its definition is another',
    ];
  },
};

/** The fault of a key that only a tool of an MCP server has. */
export function* toolOfServer({ name, resource, prompt }: CatalogueTool): Generator<KeyFault> {
  if (serverOf(name) === undefined || resource !== undefined || prompt !== undefined) {
    yield { why: 'is only for a tool named mcp/<server>/…' };
  }
}
