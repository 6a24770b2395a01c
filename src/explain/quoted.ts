import { escapeHidden } from '../escape-hidden.ts';

/** Returns a name in words. It may come from a stranger. */
export const quoted = (name: string | number | undefined): string =>
  name === undefined ? '(none)' : escapeHidden(String(name));
