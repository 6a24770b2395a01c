import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dump } from './dump/dump-of.ts';

/** The format of a dump: the storage of one class of objects as readable SQL. */
export function writeDump({ tables, instances, triggers }: Dump): string {
  const rows = instances.flatMap(({ name, alarm, rows: own }) => [
    `-- object ${name}, alarm ${alarm}`,
    ...own,
  ]);
  return `${['-- tables', ...tables, ...rows, '-- triggers', ...triggers].join('\n')}\n`;
}

export interface KeptObject {
  readonly object: string;
  readonly name: string;
  readonly alarm: number | null;
  /** Tables, rows and triggers, in this order. */
  readonly sql: string;
}

/** By release, the storage of its objects and the names of its stories. */
export type Kept = Readonly<
  Record<string, { readonly story: unknown; readonly objects: readonly KeptObject[] }>
>;

/** Returns all dumps, for the configuration of the ring: workerd has no file system. */
export function readKept(): Kept {
  const folders = readdirSync(import.meta.dirname).filter((name) => /^\d/.test(name));
  return Object.fromEntries(
    folders.map((release) => {
      const folder = join(import.meta.dirname, release);
      const read = (file: string) => readFileSync(join(folder, file), 'utf8');
      const files = readdirSync(folder).filter((file) => file.endsWith('.sql'));
      const objects = files.flatMap((file) => readDump(file.slice(0, -4), read(file)));
      return [release, { story: JSON.parse(read('story.json')) as unknown, objects }];
    }),
  );
}

function readDump(object: string, text: string): readonly KeptObject[] {
  const [tables = '', ...rest] = text.split(/^-- (?=object |triggers$)/m);
  const triggers = rest.at(-1)?.replace('triggers', '') ?? '';
  return rest.slice(0, -1).map((part) => {
    const [, name = '', alarm = ''] = /^object (\S+), alarm (\d+|null)$/m.exec(part) ?? [];
    const rows = part.slice(part.indexOf('\n'));
    return {
      object,
      name,
      alarm: alarm === 'null' ? null : Number(alarm),
      sql: `${tables}${rows}${triggers}`,
    };
  });
}
