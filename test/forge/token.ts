/**
 * Tokens assembled by hand: the envelope and its Ed25519 signatures around
 * block bytes that no builder would write. Uses WebCrypto, so that it runs in every runtime.
 */
import { concatBytes, fromBase64Url, utf8 } from '../../src/encoding.ts';
import { type Bytes, bytes, int } from './wire.ts';

export type ForgedBlock = {
  /** The serialised `Block` message, signed as it is. */
  readonly data: Uint8Array;
  /** The version of the signature payload, 0 or 1; omitted from the envelope if undefined. */
  readonly signatureVersion?: number;
  /** The seed of a third party that signs the block as well. */
  readonly externalSeed?: Bytes;
  /** Replaces the key that the next block would be signed with. */
  readonly nextKey?: Bytes;
  /** Replaces the signature by the previous key. */
  readonly signature?: (honest: Bytes) => Bytes;
};

export type ForgedToken = {
  readonly rootSeed: Bytes;
  readonly blocks: readonly ForgedBlock[];
  readonly rootKeyId?: number;
  readonly sealed?: boolean;
};

const PKCS8_ED25519 = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];

export type Signer = {
  readonly publicKey: Bytes;
  readonly seed: Bytes;
  sign(message: Uint8Array): Promise<Bytes>;
};

export async function signerOf(seed: Bytes): Promise<Signer> {
  const wrapped = concatBytes(new Uint8Array(PKCS8_ED25519), seed);
  const key = await crypto.subtle.importKey('pkcs8', wrapped, 'Ed25519', true, ['sign']);
  const jwk = (await crypto.subtle.exportKey('jwk', key)) as JsonWebKey;
  const publicKey = fromBase64Url(jwk.x ?? '') ?? new Uint8Array();
  return {
    publicKey,
    seed,
    sign: async (message) =>
      new Uint8Array(await crypto.subtle.sign('Ed25519', key, message as Bytes)),
  };
}

const le32 = (value: number): Bytes => {
  const encoded = new Uint8Array(4);
  new DataView(encoded.buffer).setUint32(0, value, true);
  return encoded;
};

const ED25519 = le32(0);
const NUL = '\0';
const label = (name: string): Bytes => utf8(`${NUL}${name}${NUL}`);

type Payload = {
  readonly data: Uint8Array;
  readonly nextKey: Bytes;
  readonly previousSignature?: Bytes;
  readonly externalSignature?: Bytes;
};

function blockPayload(version: number, payload: Payload): Bytes {
  const { data, nextKey, previousSignature, externalSignature } = payload;
  if (version === 0) {
    return concatBytes(data, externalSignature ?? new Uint8Array(), ED25519, nextKey);
  }
  const parts = [label('BLOCK'), label('VERSION'), le32(version), label('PAYLOAD'), data];
  parts.push(label('ALGORITHM'), ED25519, label('NEXTKEY'), nextKey);
  if (previousSignature) parts.push(label('PREVSIG'), previousSignature);
  if (externalSignature) parts.push(label('EXTERNALSIG'), externalSignature);
  return concatBytes(...parts);
}

const externalPayload = (data: Uint8Array, previousSignature: Bytes): Bytes =>
  concatBytes(
    label('EXTERNAL'),
    label('VERSION'),
    le32(1),
    label('PAYLOAD'),
    data,
    label('PREVSIG'),
    previousSignature,
  );

const keyMessage = (key: Bytes): Bytes => concatBytes(int(1, 0), bytes(2, key));

/** The seed of the key that follows block `i`. Nothing here is secret. */
const nextSeed = (i: number): Bytes => new Uint8Array(32).fill(i + 1);

type Signed = { readonly message: Bytes; readonly signature: Bytes; readonly payload: Bytes };

async function signBlock(
  block: ForgedBlock,
  by: Signer,
  next: Signer,
  previousSignature: Bytes | undefined,
): Promise<Signed> {
  const external =
    block.externalSeed === undefined ? undefined : await signerOf(block.externalSeed);
  const externalSignature = await external?.sign(
    externalPayload(block.data, previousSignature ?? new Uint8Array()),
  );
  const nextKey = block.nextKey ?? next.publicKey;
  const payload = blockPayload(block.signatureVersion ?? 0, {
    data: block.data,
    nextKey,
    ...(previousSignature && { previousSignature }),
    ...(externalSignature && { externalSignature }),
  });
  const honest = await by.sign(payload);
  const signature = block.signature?.(honest) ?? honest;
  const parts = [bytes(1, block.data), bytes(2, keyMessage(nextKey)), bytes(3, signature)];
  if (external && externalSignature) {
    parts.push(bytes(4, bytes(1, externalSignature), bytes(2, keyMessage(external.publicKey))));
  }
  if (block.signatureVersion !== undefined) parts.push(int(5, block.signatureVersion));
  const sealPayload = concatBytes(block.data, ED25519, nextKey, signature);
  return { message: concatBytes(...parts), signature, payload: sealPayload };
}

export async function forgeToken(token: ForgedToken): Promise<Bytes> {
  const parts: Bytes[] = token.rootKeyId === undefined ? [] : [int(1, token.rootKeyId)];
  let signer = await signerOf(token.rootSeed);
  let previous: Signed | undefined;
  for (const [i, block] of token.blocks.entries()) {
    const next = await signerOf(nextSeed(i));
    previous = await signBlock(block, signer, next, previous?.signature);
    parts.push(bytes(i === 0 ? 2 : 3, previous.message));
    signer = next;
  }
  const proof =
    token.sealed === true
      ? bytes(2, await signer.sign(previous?.payload ?? new Uint8Array()))
      : bytes(1, signer.seed);
  return concatBytes(...parts, bytes(4, proof));
}
