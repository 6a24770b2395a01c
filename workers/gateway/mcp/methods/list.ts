import { isJsonObject, type Json, type JsonObject } from '../../../../src/canonical-json.ts';
import type { VerifiedCapability } from '../../../../src/capability/index.ts';
import type { Catalogue, CatalogueTool } from '../../../../src/catalogue/index.ts';
import { viewFor } from '../../../../src/tool-schema/index.ts';
import type { AnswerContext } from './method.ts';

/** Where a list comes from, and by which catalogue it is judged. */
interface Place {
  readonly catalogue: Catalogue;
  readonly server: string;
}

/** Finds the entry of the catalogue that something in a list of the server belongs to. */
type EntryOf = (place: Place, listed: JsonObject) => CatalogueTool | undefined;

/** Returns what a holder is shown of something that it can use; undefined if it is nothing. */
type Show = (
  listed: JsonObject,
  entry: CatalogueTool,
  capability: VerifiedCapability | undefined,
  place: Place,
) => JsonObject | undefined;

/**
 * Returns the function that leaves only what the token can use in a list: an agent is not tempted
 * by the rest. Each page is filtered by itself, and keeps the server's cursor.
 */
export const usableOnly =
  (member: string, entryOf: EntryOf, show: Show = asItIs) =>
  (answer: JsonObject, context: AnswerContext): JsonObject => {
    const { incoming, canUse, capability, isObserved } = context;
    const { server, judging } = incoming;
    const { result } = answer;
    const list = isJsonObject(result) ? result[member] : undefined;
    if (!isJsonObject(result) || !Array.isArray(list)) return answer;
    // A list of resources may have thousands that belong to one entry.
    const known = new Map<string, boolean>();
    const isUsable = ({ name, action }: CatalogueTool): boolean => {
      const usable = known.get(name) ?? canUse(name, action);
      known.set(name, usable);
      return usable;
    };
    const place = { catalogue: judging.catalogue ?? new Map(), server };
    const usable = (list as readonly Json[]).flatMap((listed): readonly JsonObject[] => {
      const entry = isJsonObject(listed) ? entryOf(place, listed) : undefined;
      if (isJsonObject(listed) && isObserved?.(entry?.name)) return [listed];
      if (!isJsonObject(listed) || !entry || !isUsable(entry)) return [];
      const shown = show(listed, entry, capability, place);
      return shown ? [shown] : [];
    });
    // The list depends on the token, so a cache must not share it between holders.
    const scope = 'cacheScope' in result ? { cacheScope: 'private' } : {};
    return { ...answer, result: { ...result, ...scope, [member]: usable } as JsonObject };
  };

const asItIs: Show = (listed, entry, capability) => viewFor(entry, capability) && listed;
