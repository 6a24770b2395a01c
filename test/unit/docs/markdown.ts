import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Reads the documentation as a test needs it: lines, tables, fenced blocks, links. */

const PROJECT = join(import.meta.dirname, '../../..');

export const projectFile = (path: string): string => join(PROJECT, path);

export const readProjectFile = (path: string): Promise<string> =>
  readFile(projectFile(path), 'utf8');

const markdownIn = async (folder: string, recursive: boolean): Promise<readonly string[]> =>
  (await readdir(projectFile(folder), { recursive }))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));

/** Returns the path of every page of the documentation, and of the pages at the root. */
export const documents = async (): Promise<readonly string[]> =>
  [...(await markdownIn('.', false)), ...(await markdownIn('docs', true))].sort();

/** The cells of every table row, code ticks removed; a header row is a row like the others. */
export const tableRows = (markdown: string): readonly (readonly string[])[] =>
  markdown
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .slice(1, line.lastIndexOf('|'))
        .split(' | ')
        .map((cell) => cell.trim().replaceAll('`', '')),
    );

/** The rows of the first table after `heading`, by their first cell. */
export function tableUnder(
  markdown: string,
  heading: string,
): ReadonlyMap<string, readonly string[]> {
  const [, rest] = markdown.split(heading);
  if (rest === undefined) throw new Error(`no heading "${heading}"`);
  const table = /(?:^\|.*\n)+/m.exec(rest)?.[0] ?? '';
  return new Map(tableRows(table).map((cells) => [cells[0] ?? '', cells]));
}

export interface Fence {
  readonly language: string;
  readonly lines: readonly string[];
}

export const fences = (markdown: string): readonly Fence[] =>
  [...markdown.matchAll(/^ *```(\w+)\n([\s\S]*?)^ *```$/gm)].map(
    ([, language = '', body = '']) => ({
      language,
      lines: codeLines(body),
    }),
  );

/** Lines without their indentation and comment marks; arrows and empty lines left out. */
export const codeLines = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim().replace(/^\* +/, ''))
    .filter((line) => line !== '' && !line.startsWith('//'));

/** Targets of relative links, without their anchors. */
export const relativeLinks = (markdown: string): readonly string[] =>
  [...markdown.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, path = '']) => path);
