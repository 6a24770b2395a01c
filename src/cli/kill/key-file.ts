import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { createFile } from '../../durable-file.ts';
import { generatePair, isPair } from '../../key-file/index.ts';
import type { KeyPair } from '../../keyring/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { readSource } from '../../source-file.ts';

const CONTENTS = v.strictObject({
  kill: v.pipe(
    v.strictObject({ privateKey: v.string(), publicKey: v.string() }),
    v.check((pair) => isPair(pair)),
  ),
});

/**
 * Creates the file with a new key. Returns undefined if the file exists, and leaves it unchanged.
 */
export async function makeKillKey(file: string): Promise<KeyPair | undefined> {
  const kill = generatePair();
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const text = `${JSON.stringify({ kill }, null, 2)}\n`;
  return (await createFile(file, text, 0o600)) ? kill : undefined;
}

/** Reads a key file. No error contains a byte of the key. */
export async function readKillKey(file: string): Promise<Result<KeyPair, string>> {
  const malformed = refuse(`${file} is not a key file of hewn kill new-key`);
  try {
    const contents = v.safeParse(CONTENTS, JSON.parse(await readSource(file)));
    return contents.success ? ok(contents.output.kill) : malformed;
  } catch (error) {
    if (error instanceof SyntaxError) return malformed;
    return refuse(`cannot read ${file}: ${(error as NodeJS.ErrnoException).code}`);
  }
}
