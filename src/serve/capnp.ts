/** A file whose bytes become a part of the configuration. */
class Embedded {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
}

/** A value of Cap'n Proto. Members that are undefined are left out. */
export type CapnpValue =
  | string
  | number
  | boolean
  | Embedded
  | readonly CapnpValue[]
  | { readonly [name: string]: CapnpValue | undefined };

/** Embeds a file. The path is relative to that of the configuration, and never begins with `/`. */
export const embed = (path: string): CapnpValue => new Embedded(path);

/** Renders a value in the text form of Cap'n Proto. */
export function renderCapnp(value: CapnpValue, indent = ''): string {
  const inner = `${indent}  `;
  if (typeof value === 'string') return renderText(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value instanceof Embedded) return `embed ${renderText(value.path)}`;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    const items = value.map((each: CapnpValue) => `${inner}${renderCapnp(each, inner)}`);
    return `[\n${items.join(',\n')}\n${indent}]`;
  }
  const members = Object.entries(value).flatMap(([name, each]) =>
    each === undefined ? [] : [`${name} = ${renderCapnp(each, inner)}`],
  );
  return `(${members.join(', ')})`;
}

/** Texts have the escapes of C, and no `\u`. Characters beyond ASCII are written as they are. */
const renderText = (text: string): string =>
  `"${text.replace(ESCAPED, (character) => {
    if (character === '"' || character === '\\') return `\\${character}`;
    return `\\x${(character.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`;
  })}"`;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must be escaped
const ESCAPED = /["\\\x00-\x1f\x7f]/g;
