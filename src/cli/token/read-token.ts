import { resolve } from 'node:path';
import { TOKEN_TEXT_BYTES_MAX } from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { readSource } from '../../source-file.ts';
import type { CommandContext } from '../command.ts';

/** A capability, as it is without what a header or a file has around it. */
const TOKEN = /^(?:authorization:\s*)?(?:(?:bearer|dpop|biscuit)\s+)?([A-Za-z0-9_-]+={0,2})$/i;

/** No file name is longer, so this is a token instead of one. */
const FILE_CHARACTERS_MAX = 255;

/**
 * Reads a capability from a file, or from standard input. Never from an argument: other users of
 * the machine see the arguments of a command, and a shell keeps them.
 */
export async function readToken(
  context: CommandContext,
  [file, ...more]: readonly string[],
): Promise<Result<string, string>> {
  if (more.length > 0) return refuse('expected one FILE. See --help');
  if (file !== undefined && file.length > FILE_CHARACTERS_MAX) {
    return refuse('FILE must be a file: others on this machine can read a token in an argument');
  }
  if (file === undefined && context.confirm !== undefined) {
    return refuse('pipe the token to the command, or name the file that has it');
  }
  let text: string;
  try {
    text =
      file === undefined || file === '-'
        ? await context.stdin()
        : await readSource(resolve(context.cwd, file));
  } catch (error) {
    return refuse(`cannot read ${file ?? 'standard input'}: ${(error as Error).message}`);
  }
  if (text.length > 2 * TOKEN_TEXT_BYTES_MAX) return refuse('it is larger than any token');
  const [, token] = TOKEN.exec(text.trim()) ?? [];
  return token === undefined
    ? refuse(`${file ?? 'standard input'} has no token: it must be the only text there`)
    : ok(token);
}
