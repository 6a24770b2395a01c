import { execFile } from 'node:child_process';
import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { promisify } from 'node:util';
import { type Door, doorsOf } from '../doors.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');
const TOOL = join(import.meta.dirname, 'api');
/** An entry file re-exports it whole and calls none of it: the methods are the issuer's own. */
const WITHOUT_PAGE = 'issuer/objects';

/**
 * Generates the API pages of every public door from its docstrings, by their path in docs/api.
 * typedoc is in a separate package with a lock file, which is installed on first use.
 */
export async function renderApi(): Promise<ReadonlyMap<string, string>> {
  const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const doors = doorsOf(manifest).filter(([name]) => name !== WITHOUT_PAGE);
  await access(join(TOOL, 'node_modules')).catch(() => run('npm', ['ci'], { cwd: TOOL }));
  const out = await mkdtemp(join(tmpdir(), 'hewn-api-'));
  try {
    const program = join(TOOL, 'node_modules/typedoc/bin/typedoc');
    const entries = doors.flatMap(([, file]) => ['--entryPoints', file]);
    const options = ['--options', join(TOOL, 'typedoc.json'), '--out', out];
    await run(process.execPath, [program, ...options, ...entries], { cwd: ROOT });
    return await readPages(out, doors);
  } finally {
    await rm(out, { recursive: true });
  }
}

const INTRODUCTION = `# API

The exports of each door of the package, generated from their docstrings. Tests compile every
example, and run those that Node can load. Exports that are not listed here can change in any
release.
`;

/** Reads what typedoc wrote. It names a module by its folder; a user knows it by its door. */
async function readPages(
  folder: string,
  doors: readonly Door[],
): Promise<ReadonlyMap<string, string>> {
  const names = new Map(
    doors.map(([door, file]) => [file.replace(/\/index\.ts$/, ''), `hewn/${door}`]),
  );
  const pages = new Map<string, string>();
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    if (!name.endsWith('.md')) continue;
    const text = await readFile(join(folder, name), 'utf8');
    const door = names.get(name.slice(0, -'.md'.length));
    const titled = door === undefined ? text : text.replace(/^# .*/, `# ${door}`);
    const listed = titled.replace(/^(- |\| )\[([\w/-]+)\]\(/gm, (line, mark, module) => {
      const known = names.get(module);
      return known === undefined ? line : `${mark}[${known}](`;
    });
    const linked = listed.replace(/\]\(([\w./-]+\.md)/g, (_, to) => `](${linkFrom(name, to)}`);
    pages.set(
      pageOf(name),
      linked
        .replace(/^# hewn\n\n## Modules\n/, INTRODUCTION)
        .replace(/\n{3,}/g, '\n\n')
        .trimEnd()
        .concat('\n'),
    );
  }
  return pages;
}

/** The page of a module: no reader cares whether a door is part of the library or of a Worker. */
const pageOf = (name: string): string => name.replace(/^(?:src|workers)\//, '');

const linkFrom = (name: string, to: string): string =>
  posix.relative(posix.dirname(pageOf(name)), pageOf(posix.join(posix.dirname(name), to)));
