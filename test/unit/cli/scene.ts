import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommandContext, run } from '../../../src/cli/index.ts';

/** One run of the command: its output and its exit code. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function hewn(
  words: readonly string[],
  context: Partial<CommandContext> = {},
): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await run(words, {
    cwd: process.cwd(),
    home: process.cwd(),
    now: () => new Date('2026-11-23T10:00:00Z'),
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    outIsTerminal: false,
    stdin: async () => '',
    fetch: () => Promise.reject(new TypeError('a command that stays on this machine')),
    variable: () => undefined,
    ...context,
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

export interface Folder extends AsyncDisposable {
  readonly path: string;
  file(name: string): string;
}

export async function emptyFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'hewn-cli-'));
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  };
}
