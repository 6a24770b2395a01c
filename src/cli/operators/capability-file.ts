import { randomBytes } from 'node:crypto';
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as v from 'valibot';
import { inspectToken, type TokenClaims } from '../../capability/index.ts';
import { type DpopKey, deriveDpopKey } from '../../dpop/index.ts';
import { createFile, replaceFile } from '../../durable-file.ts';
import { adminAudience } from '../../operator-capability/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { readSource } from '../../source-file.ts';
import type { CommandContext } from '../command.ts';

/** Separates the key of an operator capability from others that were derived from one secret. */
const PURPOSE = 'operator capability';

/** What a file has: a key, a capability, or both. Only with both it can be used. */
const file = v.strictObject({
  issuer: v.exactOptional(v.string()),
  token: v.exactOptional(v.string()),
  /** From which the key is derived. It leaves this machine only with the file. */
  secret: v.exactOptional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
});

export type CapabilityFile = v.InferOutput<typeof file>;

/** An operator capability that can be used here. */
export interface OwnCapability {
  readonly issuer: string;
  readonly token: string;
  readonly key: DpopKey;
}

export const newSecret = (): string => randomBytes(32).toString('hex');

export const keyOf = (secret: string): Promise<DpopKey> => deriveDpopKey(secret, PURPOSE);

export async function readCapabilityFile(
  { cwd }: Pick<CommandContext, 'cwd'>,
  name: string,
): Promise<Result<CapabilityFile, string>> {
  try {
    const read = v.safeParse(file, JSON.parse(await readSource(resolve(cwd, name))));
    return read.success ? ok(read.output) : refuse(`${name} is no file of hewn operators`);
  } catch (error) {
    return refuse(`cannot read ${name}: ${(error as Error).message}`);
  }
}

/** Reads a capability whose key is in the file as well. */
export async function readOwnCapability(
  context: Pick<CommandContext, 'cwd'>,
  name: string,
): Promise<Result<OwnCapability, string>> {
  const read = await readCapabilityFile(context, name);
  if (!read.ok) return read;
  const { issuer, token, secret } = read.value;
  if (issuer === undefined || token === undefined) {
    return refuse(`${name} has a key and no capability: hewn operators accept adds one`);
  }
  if (secret === undefined) {
    return refuse(`${name} has no key: its receiver adds it with hewn operators accept`);
  }
  return ok({ issuer, token, key: await keyOf(secret) });
}

const existing = (name: string) =>
  refuse(`${name} exists already, and may have the only copy of a key: name another file`);

/** Refuses a file that exists, before anything is made that would be lost. */
export async function requireNew(
  { cwd }: Pick<CommandContext, 'cwd'>,
  name: string,
): Promise<Result<null, string>> {
  try {
    await access(resolve(cwd, name));
    return existing(name);
  } catch {
    return ok(null);
  }
}

/** Writes a file that only its owner can read. Refuses to replace one. */
export async function writeNewFile(
  { cwd }: Pick<CommandContext, 'cwd'>,
  name: string,
  content: CapabilityFile,
): Promise<Result<null, string>> {
  try {
    const isNew = await createFile(resolve(cwd, name), textOf(content), 0o600);
    return isNew ? ok(null) : existing(name);
  } catch (error) {
    return refuse(`cannot write ${name}: ${(error as Error).message}`);
  }
}

export async function replaceCapability(
  { cwd }: Pick<CommandContext, 'cwd'>,
  name: string,
  content: CapabilityFile,
): Promise<Result<null, string>> {
  try {
    await replaceFile(resolve(cwd, name), textOf(content), 0o600);
    return ok(null);
  } catch (error) {
    return refuse(`cannot write ${name}: ${(error as Error).message}`);
  }
}

const textOf = (content: CapabilityFile): string => `${JSON.stringify(content, null, 2)}\n`;

/** Reads what a token says, and that it is a capability of an operator at this issuer. */
export async function inspectOperatorToken(
  issuer: string,
  token: string,
): Promise<Result<TokenClaims, string>> {
  const claims = await inspectToken(token);
  if (!claims.ok) return refuse(`the token cannot be read: ${claims.error.code}`);
  const { authority } = claims.value;
  return authority.issuer === issuer && authority.audience === adminAudience(issuer)
    ? claims
    : refuse('the token is no operator capability of this issuer');
}
