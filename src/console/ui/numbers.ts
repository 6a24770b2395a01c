/** Returns a number with separators between its thousands. */
export const numberText = (value: number): string => value.toLocaleString('en');

/** Returns a size in the largest unit that leaves a number of at least one. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** Returns the beginning of an id. A link has all of it. */
export const shortId = (id: string): string => (id.length <= 12 ? id : `${id.slice(0, 11)}…`);
