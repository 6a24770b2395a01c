import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'smol-toml';
import * as v from 'valibot';
import type { Grant } from '../../capability/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { grantMembers } from '../policy/request.ts';

const grants = v.pipe(v.array(v.strictObject(grantMembers)), v.minLength(1));
const file = v.strictObject({ grants });

/** Reads a file of grants: a list as JSON, or a table `grants` as TOML. */
export async function readGrants(
  cwd: string,
  name: string,
): Promise<Result<readonly Grant[], string>> {
  try {
    const text = await readFile(resolve(cwd, name), 'utf8');
    const isJson = /^\s*[[{]/.test(text) && !/^\s*\[+\w/.test(text);
    const value: unknown = isJson ? JSON.parse(text) : parse(text);
    const parsed = v.safeParse(Array.isArray(value) ? grants : file, value);
    if (parsed.success) {
      const { output } = parsed;
      return ok(('grants' in output ? output.grants : output) as readonly Grant[]);
    }
    const [issue] = parsed.issues;
    return refuse(`${name}: ${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`);
  } catch (error) {
    return refuse(`${name}: ${(error as Error).message}`);
  }
}

/** The MCP servers whose tools are granted: of `mcp/notes/read_note`, the server `notes`. */
export const serversOf = (granted: readonly Grant[]): readonly string[] => [
  ...new Set(
    granted.flatMap(({ tool }) => /^mcp\/([a-z0-9-]{1,32})\//.exec(tool)?.slice(1, 2) ?? []),
  ),
];
