/** Returns a number with separators between its thousands. */
export const numberText = (value: number): string => value.toLocaleString('en');

/** Returns the beginning of an id. A link has all of it. */
export const shortId = (id: string): string => (id.length <= 12 ? id : `${id.slice(0, 11)}…`);
