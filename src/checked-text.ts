import * as v from 'valibot';

/** Returns the schema of a text. What is allowed is both its message and its description. */
export const checkedText = (check: (text: string) => boolean, allowed: string) =>
  v.pipe(v.string(), v.check(check, allowed), v.description(allowed));
