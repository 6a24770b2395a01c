import type { DeniedCall, ExplainedRule, ExplainedVersion } from './explanation.ts';

const CATALOGUE_FILE = 'catalogue';
/** Lines of an entry that are shown. */
const ENTRY_LINES_MAX = 12;

/**
 * Returns the entry of a tool in the catalogue as it is written. Returns undefined if it lists
 * none.
 */
export const entryOf = (
  { tool }: DeniedCall,
  version: ExplainedVersion,
  words: string,
): ExplainedRule | undefined =>
  tool === undefined ? undefined : entryAt(version, { key: 'name', value: tool }, words);

/** Returns an entry of the catalogue from the line on that has `key = "value"`. */
export function entryAt(
  { id, catalogue }: ExplainedVersion,
  { key, value }: { readonly key: 'name' | 'id'; readonly value: string },
  words: string,
): ExplainedRule | undefined {
  const lines = catalogue.split('\n');
  const named = lines.findIndex((line) => {
    const [, found, text] = /^\s*(name|id)\s*=\s*["']([^"']*)["']/.exec(line) ?? [];
    return found === key && text === value;
  });
  if (named === -1) return undefined;
  const rest = lines.slice(named, named + ENTRY_LINES_MAX);
  const end = rest.findIndex((line, index) => index > 0 && /^\s*(?:\[|$)/.test(line));
  const text = rest.slice(0, end === -1 ? rest.length : end).join('\n');
  const place = { file: CATALOGUE_FILE, line: named + 1, text, words };
  return id === undefined ? place : { version: id, ...place };
}
