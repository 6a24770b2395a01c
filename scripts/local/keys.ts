/**
 * The keys of a local run: generated once, kept in an ignored file, never replaced.
 *
 * A new key in the place of an old one would turn every token and every signed head of the state
 * under .wrangler/ into a forgery, so a file that is damaged stops the start and stays as it is.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  randomUUID,
} from 'node:crypto';
import { chmod, link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { concatBytes, fromBase64Url, fromHex, toBase64Url, toHex } from '../../src/encoding.ts';
import { ok, type Result, refuse } from '../../src/result.ts';

/** An Ed25519 pair in the forms that the Workers' configuration takes. */
export interface LocalKeyPair {
  /** `ed25519-private/<hex seed>` */
  readonly privateKey: string;
  /** 32 bytes in hex. */
  readonly publicKey: string;
}

export interface LocalKeys {
  readonly mint: LocalKeyPair & { readonly id: 1 };
  readonly feed: LocalKeyPair;
  /** 32 random bytes, base64url: what the operator sends as a bearer credential. */
  readonly operator: string;
}

export interface LocalKeysError {
  readonly code: 'local_keys_damaged';
  readonly file: string;
  /** What is wrong and what to do about it, as one text for a person. It shows no key. */
  readonly message: string;
}

export interface LoadedKeys {
  readonly keys: LocalKeys;
  readonly file: string;
  /** True where this call made the file: the one time that a person is to be told. */
  readonly generated: boolean;
}

const FILE = 'local.json';
const PRIVATE_PREFIX = 'ed25519-private/';
const SEED_BYTES = 32;
const OPERATOR_BYTES = 32;

/** Reads `<folder>/local.json`, and makes it where there is none. */
export async function loadLocalKeys(folder: string): Promise<Result<LoadedKeys, LocalKeysError>> {
  const file = join(folder, FILE);
  const present = await readIfPresent(file);
  if (present !== undefined) return readKeys(file, present, false);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700); // `mode` above is not applied to a folder that was there before
  const generated = await writeOnce(file, `${JSON.stringify(generateKeys(), null, 2)}\n`);
  // Two first starts at once: one file wins, and both read that one.
  return readKeys(file, await readFile(file, 'utf8'), generated);
}

function generateKeys(): LocalKeys {
  return {
    mint: { id: 1, ...generatePair() },
    feed: generatePair(),
    operator: toBase64Url(randomBytes(OPERATOR_BYTES)),
  };
}

function generatePair(): LocalKeyPair {
  const seed = generateKeyPairSync('ed25519')
    .privateKey.export({ format: 'der', type: 'pkcs8' })
    .subarray(-SEED_BYTES);
  return { privateKey: `${PRIVATE_PREFIX}${toHex(seed)}`, publicKey: toHex(publicKeyOf(seed)) };
}

// RFC 8410 section 7: the fixed bytes before the 32 of an Ed25519 seed, and of a public key.
const PKCS8_PREFIX = Uint8Array.from(Buffer.from('302e020100300506032b657004220420', 'hex'));

function publicKeyOf(seed: Uint8Array): Uint8Array {
  const key = Buffer.from(concatBytes(PKCS8_PREFIX, seed));
  return createPublicKey(createPrivateKey({ key, format: 'der', type: 'pkcs8' }))
    .export({ format: 'der', type: 'spki' })
    .subarray(-SEED_BYTES);
}

/** True where the file was made; an existing file is left alone, whoever wrote it. */
async function writeOnce(file: string, text: string): Promise<boolean> {
  // Whole or not at all: a link cannot replace, and a crash leaves no half file under the name.
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(draft);
  }
}

async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const PRIVATE_KEY = v.pipe(
  v.string(),
  v.check((text: string) => seedOf(text) !== undefined),
);
const isPair = ({ privateKey, publicKey }: LocalKeyPair): boolean => {
  const seed = seedOf(privateKey);
  return seed !== undefined && toHex(publicKeyOf(seed)) === publicKey;
};
const KeysSchema = v.strictObject({
  mint: v.pipe(
    v.strictObject({ id: v.literal(1), privateKey: PRIVATE_KEY, publicKey: v.string() }),
    v.check((pair) => isPair(pair)),
  ),
  feed: v.pipe(v.strictObject({ privateKey: PRIVATE_KEY, publicKey: v.string() }), v.check(isPair)),
  operator: v.pipe(
    v.string(),
    v.check((text) => fromBase64Url(text)?.length === OPERATOR_BYTES),
  ),
});

function seedOf(privateKey: string): Uint8Array | undefined {
  if (!privateKey.startsWith(PRIVATE_PREFIX)) return undefined;
  const seed = fromHex(privateKey.slice(PRIVATE_PREFIX.length));
  return seed?.length === SEED_BYTES ? seed : undefined;
}

function readKeys(
  file: string,
  text: string,
  generated: boolean,
): Result<LoadedKeys, LocalKeysError> {
  const json = parseJson(text);
  if (!json.ok) return damaged(file, 'it is not JSON');
  const keys = v.safeParse(KeysSchema, json.value);
  if (keys.success) return ok({ keys: keys.output, file, generated });
  // Only the place is named: valibot's own messages quote what they received, which may be a key.
  const [issue] = keys.issues;
  return damaged(
    file,
    `"${v.getDotPath(issue) ?? 'the whole'}" is missing or not as it was written`,
  );
}

function parseJson(text: string): Result<unknown, undefined> {
  try {
    return ok(JSON.parse(text));
  } catch {
    return refuse(undefined);
  }
}

const damaged = (file: string, why: string): Result<never, LocalKeysError> =>
  refuse({
    code: 'local_keys_damaged',
    file,
    message:
      `The keys for local use in ${file} cannot be used: ${why}. They are not replaced by ` +
      'themselves, because everything that the old keys signed would be lost with them. Put a ' +
      'copy of the file back; or delete it together with the folder .wrangler/state to begin anew.',
  });
