import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { markdownTable } from './table.ts';

const FOLDER = join(import.meta.dirname, '../../docs/decisions');

/** Renders the list of design decisions: number, title, and the decision in one sentence. */
export async function renderDecisions(): Promise<string> {
  const names = (await readdir(FOLDER)).filter((name) => /^\d{3}-.+\.md$/.test(name)).sort();
  const rows = names.map(async (name) => {
    const text = await readFile(join(FOLDER, name), 'utf8');
    const [, title] = /^# \d+\. (.+)$/m.exec(text) ?? [];
    const [, sentence] = /^> (.+(?:\n> .+)*)$/m.exec(text) ?? [];
    if (title === undefined || sentence === undefined) {
      throw new Error(`${name} must begin with "# <number>. <title>" and "> <one sentence>"`);
    }
    return [`[${name.slice(0, 3)}](${name})`, title, sentence.replace(/\n> /g, ' ')];
  });
  return markdownTable(['decision', 'title', 'in one sentence'], await Promise.all(rows));
}
