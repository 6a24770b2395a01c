import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { createFile } from '../../durable-file.ts';
import type { KeyPair } from '../../keyring/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { generatePair, isPair } from '../keys/pair.ts';
import { readSource } from '../source-file.ts';

const CONTENTS = v.strictObject({
  kill: v.pipe(
    v.strictObject({ privateKey: v.string(), publicKey: v.string() }),
    v.check((pair) => isPair(pair)),
  ),
});

/** Makes the file with a key of its own; undefined where there is one already, which stays. */
export async function makeKillKey(file: string): Promise<KeyPair | undefined> {
  const kill = generatePair();
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const text = `${JSON.stringify({ kill }, null, 2)}\n`;
  return (await createFile(file, text, 0o600)) ? kill : undefined;
}

/** No refusal has a byte of the key. */
export async function readKillKey(file: string): Promise<Result<KeyPair, string>> {
  try {
    const contents = v.safeParse(CONTENTS, JSON.parse(await readSource(file)));
    return contents.success
      ? ok(contents.output.kill)
      : refuse(`${file} is no file of kill new-key`);
  } catch (error) {
    if (error instanceof SyntaxError) return refuse(`${file} is no file of kill new-key`);
    return refuse(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}
