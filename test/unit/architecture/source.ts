import { readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join, normalize } from 'node:path';

/** A file of the project: its path from the root, with `/`, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export interface Import {
  readonly from: string;
  /** A path from the root for a relative import, and the name as written for any other. */
  readonly to: string;
  readonly typeOnly: boolean;
}

const ROOT = join(import.meta.dirname, '../../..');

/** Every TypeScript file below the folders. */
export const readSources = (...folders: readonly string[]): readonly SourceFile[] =>
  folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile() && file.name.endsWith('.ts'))
      .map((file) => join(file.parentPath, file.name))
      .filter((path) => !/\/(node_modules|\.wrangler)\//.test(path))
      .map((path) => ({
        path: path.slice(ROOT.length + 1),
        text: readFileSync(path, 'utf8'),
      })),
  );

/** The named files, and every Markdown file below the named folders. */
export const readProse = (...places: readonly string[]): readonly SourceFile[] =>
  places
    .flatMap((place) =>
      extname(place) !== ''
        ? [place]
        : readdirSync(join(ROOT, place), { recursive: true, encoding: 'utf8' })
            .filter((name) => name.endsWith('.md'))
            .map((name) => join(place, name)),
    )
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

const FROM = /^(?:import|export)\b([^'"`;]*?)\bfrom\s+'([^']+)'/gm;
const BARE = /^import\s+'([^']+)'/gm;
const DYNAMIC = /\bimport\(\s*'([^']+)'\s*\)/g;

/** The imports and re-exports of a file; formatted code is enough, so no parser is needed. */
export function importsOf({ path, text }: SourceFile): readonly Import[] {
  const of = (target: string, typeOnly: boolean): Import => ({
    from: path,
    to: target.startsWith('.') ? normalize(join(dirname(path), target)) : target,
    typeOnly,
  });
  return [
    ...[...text.matchAll(FROM)].map(([, what = '', to = '']) => of(to, isTypeOnly(what))),
    ...[...text.matchAll(BARE)].map(([, to = '']) => of(to, false)),
    ...[...text.matchAll(DYNAMIC)].map(([, to = '']) => of(to, false)),
  ];
}

function isTypeOnly(what: string): boolean {
  if (/^\s*type\s/.test(what)) return true;
  const names = /\{([^}]*)\}/.exec(what)?.[1]?.split(',') ?? [];
  const named = names.map((name) => name.trim()).filter((name) => name !== '');
  return named.length > 0 && named.every((name) => name.startsWith('type '));
}
