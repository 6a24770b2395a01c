import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { markdownTable } from './table.ts';

const ROOT = join(import.meta.dirname, '../..');

/**
 * Renders the folders of the library: what each is for, from the docstring at the top of its door,
 * and which doors of other folders its files import.
 */
export async function renderFolders(): Promise<string> {
  const entries = await readdir(join(ROOT, 'src'), { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const rows = names.sort().map(async (name) => {
    const door = await readFile(join(ROOT, 'src', name, 'index.ts'), 'utf8');
    const [, comment] = /^\/\*\*([\s\S]*?)\*\//.exec(door) ?? [];
    if (comment === undefined) throw new Error(`src/${name}/index.ts must begin with a docstring`);
    const lines = comment.split('\n').map((line) => line.replace(/^\s*\* ?/, ''));
    const [purpose = ''] = lines.join('\n').trim().split('\n\n');
    const imported = (await importsOf(name)).map((folder) => `\`${folder}\``);
    return [`\`src/${name}\``, purpose, imported.join(', ')];
  });
  return markdownTable(['folder', 'purpose', 'imports'], await Promise.all(rows));
}

async function importsOf(folder: string): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const file of await readdir(join(ROOT, 'src', folder), { recursive: true })) {
    if (!file.endsWith('.ts')) continue;
    const text = await readFile(join(ROOT, 'src', folder, file), 'utf8');
    const up = '\\.\\./'.repeat(file.split('/').length);
    const other = new RegExp(`from '${up}([\\w-]+)/(?:[\\w-]+/)?index\\.ts'`, 'g');
    for (const [, name = ''] of text.matchAll(other)) found.add(name);
  }
  return [...found].sort();
}
