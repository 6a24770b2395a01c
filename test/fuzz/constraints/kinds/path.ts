import fc from 'fast-check';
import type { ValueConstraint } from '../../../../src/capability/index.ts';
import type { Models } from './model.ts';
import { isHidden } from './text.ts';

const GLOBS: Readonly<Record<string, readonly string[]>> = {
  'reports/*.md': ['reports/q3.md', 'reports/.md', 'reports/a/b.md'],
  'reports/**': ['reports', 'reports/q3.md', 'reports/a/b', 'reportsx', 'x/reports/a'],
  '**/*.md': ['q3.md', 'a/b/q3.md', '/q3.md', 'q3.mdx'],
  '**': ['a', 'a/b', '/a/b', 'a/../b'],
  '/**': ['/a', '/a/b', 'a'],
  '/srv/**/log': ['/srv/log', '/srv/a/b/log', '/srv/alog', 'srv/log'],
  'a/**/**/b': ['a/b', 'a/x/b', 'a/x/y/b', 'ab'],
  '*@acme.example': ['a@acme.example', '@acme.example', 'a/b@acme.example', 'a@acmeXexample'],
  '*': ['a', 'a.b', 'a/b', '.hidden'],
  '*/**': ['a', 'a/b', '/a', '/etc/passwd', 'a/b/c'],
  '*/*': ['a/b', '/a', 'a', '/a/b'],
  '*/**/*.md': ['a/b.md', 'a/b/c.md', '/b.md', '/a/b.md', 'b.md'],
  '**/*/**': ['a', 'a/b', '/a', '/a/b'],
  '/*/**': ['/a', '/a/b', 'a/b', '//a'],
  '*/*a': ['x/a', 'x/ba', '/a', '/x/a'],
  'a+(b)/*/c': ['a+(b)/x/c', 'aab/x/c', 'a+(b)//c', 'a+(b)/x/y/c'],
};
const ROOTED = ['/', '//', 'C:/', 'c:', '~/', './', '../', '\\', '\\\\host\\', '/./', '%2f'];
const rooted = (paths: readonly string[]): readonly string[] =>
  paths.flatMap((path) => [path, ...ROOTED.map((root) => root + path)]);

const segment = fc.constantFrom('*', '**', 'a', '*a', 'a*', '.*', '*.md', 'a+(b)');
const built = fc
  .tuple(fc.boolean(), fc.array(segment, { minLength: 1, maxLength: 4 }))
  .map(([absolute, segments]) => (absolute ? '/' : '') + segments.join('/'))
  .map((pattern) => ({
    constraint: { glob: pattern },
    values: rooted([
      ...['a', 'a/a', 'xa/.b/c.md', 'etc/passwd', 'a+(b)/a'],
      pattern.replace(/^\//, '').replaceAll('**', 'x/y').replaceAll('*', 'z'),
      pattern
        .replace(/^\//, '')
        .replaceAll(/\*\*\/?/g, '')
        .replaceAll('*', 'z') || 'a',
    ]),
  }));
const listed = fc
  .constantFrom(...Object.keys(GLOBS))
  .map((pattern) => ({ constraint: { glob: pattern }, values: GLOBS[pattern] ?? [] }));

export const isBelow = (path: string, root: string): boolean =>
  root === '/' ? path.startsWith('/') : path === root || path.startsWith(`${root}/`);

export function isPath(text: unknown): text is string {
  if (typeof text !== 'string') return false;
  const parts = (text.startsWith('/') ? text.slice(1) : text).split('/');
  return (
    text.normalize('NFC') === text &&
    new TextEncoder().encode(text.replace(/^\//, '')).length <= 512 &&
    parts.length <= 32 &&
    parts.every(
      (part) =>
        part !== '' &&
        part !== '.' &&
        part !== '..' &&
        part.trim() === part &&
        !part.includes('  ') &&
        ![...part].some((c) => c !== ' ' && isHidden(c)) &&
        [...part].every(
          (c) => c === ' ' || /[\p{L}\p{M}\p{N}]/u.test(c) || '._-+@=,()&#!'.includes(c),
        ),
    )
  );
}

/** Segment by segment. Both lists start with an empty segment if the paths are absolute. */
function matchesGlob(
  [first, ...rest]: readonly string[],
  [head, ...tail]: readonly string[],
): boolean {
  if (first === undefined) return head === undefined;
  if (first === '**') {
    return (
      matchesGlob(rest, head === undefined ? [] : [head, ...tail]) ||
      (head !== undefined && matchesGlob([first, ...rest], tail))
    );
  }
  return head !== undefined && matchesSegment(first, head) && matchesGlob(rest, tail);
}

function matchesSegment(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern.startsWith('*')) {
    return (
      matchesSegment(pattern.slice(1), text) ||
      (text !== '' && matchesSegment(pattern, text.slice(1)))
    );
  }
  return pattern[0] === text[0] && matchesSegment(pattern.slice(1), text.slice(1));
}

export const PATHS: Pick<Models<ValueConstraint>, 'glob' | 'pathBelow'> = {
  glob: {
    samples: fc.oneof(listed, built),
    isMet: (value, glob) =>
      isPath(value) &&
      glob.startsWith('/') === value.startsWith('/') &&
      matchesGlob(glob.split('/'), value.split('/')),
  },
  pathBelow: {
    samples: fc.constantFrom('reports', '/srv/data', 'a/b', '/', 'x y').map((root) => ({
      constraint: { pathBelow: root },
      values: [
        root,
        `${root}/x`,
        `${root}/x/y.md`,
        `${root}/é`,
        root === '/' ? '/x' : `${root}/.x`,
      ],
    })),
    isMet: (value, root) => isPath(value) && isBelow(value, root),
  },
};
