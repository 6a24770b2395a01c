import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as v from 'valibot';

const variables = v.record(
  v.pipe(v.string(), v.regex(/^[A-Za-z_]\w{0,127}$/)),
  v.pipe(v.string(), v.maxLength(16_384)),
);

/**
 * Reads the variables of a server of `[dev.servers]`, which may be secrets: a file that others can
 * read is refused. Throws with what a person should read.
 */
export async function readVariables(
  folder: string,
  name: string,
): Promise<Readonly<Record<string, string>>> {
  const path = resolve(folder, name);
  let text: string;
  try {
    if (process.platform !== 'win32' && ((await stat(path)).mode & 0o077) !== 0) {
      throw new Error(`${name} can be read by others: chmod 600 ${name}`);
    }
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(code === undefined ? message : `cannot read ${name}: ${code}`);
  }
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), variables), text);
  if (parsed.success) return parsed.output;
  throw new Error(`${name} must be a JSON object of names and texts`);
}
