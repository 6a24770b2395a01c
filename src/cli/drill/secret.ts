import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { JWT_BYTES_MAX } from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { readSource } from '../../source-file.ts';
import type { CommandContext } from '../command.ts';
import type { SecretSource } from './config.ts';

const DRILL_COMMAND_MILLISECONDS_MAX = 30_000; // A program that fetches a token may ask a cloud first.

/** Reads a secret. No error contains a byte of it. */
export async function readSecret(
  context: CommandContext,
  source: SecretSource,
): Promise<Result<string, string>> {
  const [text, where] = await fromSource(context, source);
  const secret = text?.trim() ?? '';
  if (secret === '') return refuse(`${where} is empty or cannot be read`);
  return secret.length <= JWT_BYTES_MAX ? ok(secret) : refuse(`${where} is too long for a token`);
}

async function fromSource(
  context: CommandContext,
  source: SecretSource,
): Promise<readonly [string | undefined, string]> {
  if ('env' in source) return [context.variable(source.env), source.env];
  if ('file' in source) {
    const text = await readSource(resolve(context.cwd, source.file)).catch(() => undefined);
    return [text, source.file];
  }
  const [program = '', ...args] = source.command;
  const options = {
    cwd: context.cwd,
    timeout: DRILL_COMMAND_MILLISECONDS_MAX,
    maxBuffer: 4 * JWT_BYTES_MAX,
  };
  // Without a shell, so that no character of an argument has a meaning.
  const result = await promisify(execFile)(program, args, options).catch(() => undefined);
  return [result?.stdout, `the output of ${program}`];
}
