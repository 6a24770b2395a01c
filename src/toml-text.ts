/** Returns a value of JSON as TOML on one line. TOML has no null: pass none. */
export function tomlValue(value: unknown): string {
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).map(
    ([name, member]) => `${tomlKey(name)} = ${tomlValue(member)}`,
  );
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

/** A bare key of TOML, or a quoted one. */
export const tomlKey = (name: string): string => (/^[\w-]+$/.test(name) ? name : text(name));

/** A basic string of TOML escapes as JSON does, and U+007F as well. */
const text = (value: string): string => JSON.stringify(value).replaceAll('\u007f', '\\u007F');
