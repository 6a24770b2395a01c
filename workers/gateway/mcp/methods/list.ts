import { isJsonObject, type JsonObject } from '../../../../src/canonical-json.ts';
import type { Catalogue, CatalogueTool } from '../../../../src/catalogue/index.ts';
import type { AnswerContext } from './method.ts';

/** Finds the entry of the catalogue that something in a list of the server belongs to. */
type EntryOf = (
  place: { readonly catalogue: Catalogue; readonly server: string },
  listed: JsonObject,
) => CatalogueTool | undefined;

/**
 * Returns the function that leaves only what the token can use in a list: an agent is not tempted
 * by the rest. Each page is filtered by itself, and keeps the server's cursor.
 */
export const usableOnly =
  (member: string, entryOf: EntryOf) =>
  (answer: JsonObject, { incoming, canUse }: AnswerContext): JsonObject => {
    const { server, judging } = incoming;
    const { result } = answer;
    const list = isJsonObject(result) ? result[member] : undefined;
    if (!isJsonObject(result) || !Array.isArray(list)) return answer;
    const place = { catalogue: judging.catalogue ?? new Map(), server };
    const usable = (list as readonly unknown[]).filter((listed) => {
      const entry = isJsonObject(listed) ? entryOf(place, listed) : undefined;
      return entry !== undefined && canUse(entry.name, entry.action);
    });
    // The list depends on the token, so a cache must not share it between holders.
    const scope = 'cacheScope' in result ? { cacheScope: 'private' } : {};
    return { ...answer, result: { ...result, ...scope, [member]: usable } as JsonObject };
  };
