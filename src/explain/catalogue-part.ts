import type { DeniedCall, ExplainedRule, ExplainedVersion } from './explanation.ts';

const CATALOGUE_FILE = 'catalogue';
/** Lines of an entry that are shown. */
const ENTRY_LINES_MAX = 12;

/**
 * Returns the entry of a tool in the catalogue as it is written. Returns undefined if it lists
 * none.
 */
export function entryOf(
  { tool }: DeniedCall,
  { id, catalogue }: ExplainedVersion,
  words: string,
): ExplainedRule | undefined {
  const lines = catalogue.split('\n');
  const named = lines.findIndex((line) => {
    const [, name] = /^\s*name\s*=\s*["']([^"']*)["']/.exec(line) ?? [];
    return name !== undefined && name === tool;
  });
  if (named === -1) return undefined;
  const rest = lines.slice(named, named + ENTRY_LINES_MAX);
  const end = rest.findIndex((line, index) => index > 0 && /^\s*(?:\[|$)/.test(line));
  const text = rest.slice(0, end === -1 ? rest.length : end).join('\n');
  return { version: id, file: CATALOGUE_FILE, line: named + 1, text, words };
}
