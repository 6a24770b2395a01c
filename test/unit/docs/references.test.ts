import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { documents, projectFile, readProjectFile } from './markdown.ts';

/** Nothing in the repository refers to a document that its reader does not have. */

const FOLDERS = ['src', 'workers', 'test', 'scripts', 'bench', 'examples', 'policy'];
const TEXT = /\.(?:ts|mjs|toml|datalog|json|md)$/;
/** This file names what it bans. */
const THIS = 'test/unit/docs/references.test.ts';
/** Published elsewhere, and cited as that: the specification of Eclipse Biscuit. */
const PUBLISHED = ['SPECIFICATIONS.md'];
/** Data of other projects that tests read if it is there, and say so if it is not. */
const OUTSIDE = /\.\.\/shared\/(?:biscuit-spec|agentdojo|authzen|ocsf-schema)\b/g;

const BANNED: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\.\.\/shared\b/, 'a file in this repository, or a published URL'],
  [
    /\bthe design (?:says|has|names|aims|asks|leaves|allows)\b/i,
    'docs/decisions or the fact itself',
  ],
];

const atRoot = new Set((await readdir(projectFile('.'))).filter((name) => name.endsWith('.md')));

/** Returns what a text refers to that its reader does not have. */
function missingReferences(text: string): readonly string[] {
  const uppercase = text.match(/(?<![\w/-])[A-Z][A-Z-]{3,}\.md\b/g) ?? [];
  const documents = uppercase.filter((name) => !atRoot.has(name) && !PUBLISHED.includes(name));
  const rest = text.replaceAll(OUTSIDE, '');
  const phrases = BANNED.flatMap(([pattern, instead]) => {
    const found = pattern.exec(rest)?.[0];
    return found === undefined ? [] : [`"${found}": write ${instead}`];
  });
  return [...documents, ...phrases];
}

test('no file refers to a document that is not in the repository', async () => {
  const files = [...(await documents())];
  for (const folder of FOLDERS) {
    const names = await readdir(projectFile(folder), { recursive: true });
    files.push(
      ...names
        .filter((name) => TEXT.test(name) && !name.includes('node_modules'))
        .map((name) => `${folder}/${name}`),
    );
  }
  const found: string[] = [];
  for (const file of files) {
    if (file === THIS) continue;
    found.push(...missingReferences(await readProjectFile(file)).map((what) => `${file}: ${what}`));
  }
  expect(found).toEqual([]);
});

test.each([
  ['See PRODUCTION.md, section 3.', ['PRODUCTION.md']],
  ['See CONTRIBUTING.md and SPECIFICATIONS.md.', []],
  [
    "read('../shared/notes.txt')",
    ['"../shared": write a file in this repository, or a published URL'],
  ],
  ["read('../shared/biscuit-spec/samples')", []],
  [
    'where the design leaves it open',
    ['"the design leaves": write docs/decisions or the fact itself'],
  ],
])('this test judges %j', (text, found) => {
  expect(missingReferences(text)).toEqual(found);
});
