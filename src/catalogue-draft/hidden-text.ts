import type { Json } from '../canonical-json.ts';
import type { ServerListing } from '../server-listing/index.ts';
import { UNSEEN } from '../unseen.ts';
import type { Finding } from './compare.ts';

/** Line ends and tabs are usual in descriptions; other control characters move a cursor. */
const CONTROL = /(?![\n\r\t])\p{Cc}/u;
/** Emoji are written with these two. Alone, they hide nothing. */
const OF_EMOJI = /[\ufe0f\u200d]/gu;

/**
 * Returns a warning for each tool whose definition has characters that a person does not see. A
 * model reads them: instructions in tag characters (U+E0000) or behind an escape sequence are in
 * no review of the definition.
 */
export function findHiddenText(server: string, listing: ServerListing): readonly Finding[] {
  return listing.tools.flatMap(({ name, definition }): Finding[] => {
    const hidden = hiddenIn(definition);
    if (hidden === undefined) return [];
    const found = `its definition has ${codePoint(hidden)}, which a person does not see and a model reads`;
    return [{ severity: 'warning', tool: `mcp/${server}/${name}`, found }];
  });
}

const codePoint = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

/** Returns the first character that is not seen in a text or in a name, at any depth. */
function hiddenIn(value: Json | undefined): string | undefined {
  if (typeof value === 'string') {
    const shown = value.replaceAll(OF_EMOJI, '');
    return (UNSEEN.exec(shown) ?? CONTROL.exec(shown))?.[0];
  }
  if (typeof value !== 'object' || value === null) return undefined;
  for (const part of Array.isArray(value) ? value : Object.entries(value).flat()) {
    const found = hiddenIn(part);
    if (found !== undefined) return found;
  }
  return undefined;
}
