import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { JWT_BYTES_MAX } from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { Surroundings } from '../command.ts';
import { readSource } from '../source-file.ts';
import type { SecretSource } from './config.ts';

const DRILL_COMMAND_MILLISECONDS_MAX = 30_000; // What fetches a token may ask a cloud first.

/** A secret from where it is kept. No refusal has a byte of it. */
export async function readSecret(
  at: Surroundings,
  source: SecretSource,
): Promise<Result<string, string>> {
  const [text, where] = await fromSource(at, source);
  const secret = text?.trim() ?? '';
  if (secret === '') return refuse(`${where} gives nothing`);
  return secret.length <= JWT_BYTES_MAX ? ok(secret) : refuse(`${where} gives too much`);
}

async function fromSource(
  at: Surroundings,
  source: SecretSource,
): Promise<readonly [string | undefined, string]> {
  if ('env' in source) return [at.variable(source.env), source.env];
  if ('file' in source) {
    const text = await readSource(resolve(at.cwd, source.file)).catch(() => undefined);
    return [text, source.file];
  }
  const [program = '', ...args] = source.command;
  const options = {
    cwd: at.cwd,
    timeout: DRILL_COMMAND_MILLISECONDS_MAX,
    maxBuffer: 4 * JWT_BYTES_MAX,
  };
  // No shell: its words are the program's, whatever signs are in them.
  const ran = await promisify(execFile)(program, args, options).catch(() => undefined);
  return [ran?.stdout, `the command ${program}`];
}
