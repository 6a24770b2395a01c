import { dirname, join } from 'node:path';
import { readProjectFile } from './markdown.ts';

/** Resolves what a door exports to its declarations, and reads their docstrings. */

export interface Exported {
  readonly name: string;
  /** File of the declaration, from the root of the repository. */
  readonly file: string;
  /** Text of the docstring without its comment marks; undefined if the declaration has none. */
  readonly docstring: string | undefined;
}

type Read = (path: string) => Promise<string>;

const DECLARATION =
  /^(\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?(export )?(?:default )?(?:declare )?(?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm;
const FROM = /^export (?:type )?(\*|\{[^}]*\}) from '(\.[^']+)';/gm;

/** Returns every export of `file`, in the order of their names. */
export async function exportsOf(
  file: string,
  read: Read = readProjectFile,
): Promise<readonly Exported[]> {
  const found = await collect(file, read);
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function collect(file: string, read: Read): Promise<ReadonlyMap<string, Exported>> {
  const text = await read(file);
  const found = new Map<string, Exported>();
  for (const [, comment, exported, name = ''] of text.matchAll(DECLARATION)) {
    // Overloads have one docstring, above the first.
    if (exported === undefined || found.has(name)) continue;
    found.set(name, { name, file, docstring: comment && plain(comment) });
  }
  for (const [, what = '', from = ''] of text.matchAll(FROM)) {
    const inner = await collect(join(dirname(file), from), read);
    if (what === '*') {
      for (const [name, one] of inner) if (!found.has(name)) found.set(name, one);
      continue;
    }
    for (const word of what.slice(1, -1).split(',')) {
      const [, inside, outside] = /^\s*(?:type )?(\w+)(?: as (\w+))?\s*$/.exec(word) ?? [];
      if (inside === undefined) continue;
      const one = inner.get(inside);
      if (one === undefined) throw new Error(`${file}: ${inside} is not declared in ${from}`);
      const name = outside ?? inside;
      found.set(name, { ...one, name });
    }
  }
  return found;
}

const plain = (comment: string): string =>
  comment
    .trim()
    .replace(/^\/\*\*[ \n]?|\s*\*\/$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\*( |$)/, ''))
    .join('\n')
    .trim();

/** Returns the TypeScript code of each `@example` of a docstring. */
export const examplesOf = (docstring: string): readonly string[] =>
  [...docstring.matchAll(/@example[^\n]*\n```ts\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);
