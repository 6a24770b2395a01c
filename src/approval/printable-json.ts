import type { Json } from '../canonical-json.ts';
import { escapeHidden } from '../escape-hidden.ts';

/**
 * Returns a value as JSON that is safe to print, because the value may come from a stranger.
 * Characters that a terminal obeys, and those that hide or reorder the text around them
 * (bidirectional and invisible ones), are written as their code points.
 */
export const printableJson = (value: Json | undefined): string =>
  value === undefined ? '(not given)' : escapeHidden(JSON.stringify(value));
