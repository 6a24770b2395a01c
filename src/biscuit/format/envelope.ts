/**
 * The outer message of a token: signed blocks as bytes, keys, signatures, and the proof. The blocks
 * are not decoded here, because the signatures cover exactly their bytes.
 */

import { ok, type Result, refuse } from '../../result.ts';
import type { PublicKey } from '../datalog/index.ts';
import type { BiscuitError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { readPublicKey, writePublicKey } from './public-key.ts';
import { type Fault, WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

export type ExternalSignature = { readonly signature: Uint8Array; readonly publicKey: PublicKey };

export type SignedBlock = {
  /** The message `Block`, exactly as it was signed. */
  readonly payload: Uint8Array;
  readonly nextKey: PublicKey;
  readonly signature: Uint8Array;
  readonly external?: ExternalSignature;
  /** Version of the signature payload, 0 or 1; 0 is absent on the wire. */
  readonly version: number;
  /** This whole message as it occurs in the token; the key under which a verdict is cached. */
  readonly bytes: Uint8Array;
};

/** `secret`: any holder of the token can append a block. `signature`: the token is sealed. */
export type Proof = { readonly kind: 'secret' | 'signature'; readonly bytes: Uint8Array };

export type Envelope = {
  readonly rootKeyId?: number;
  /** The authority block first; never empty. */
  readonly blocks: readonly SignedBlock[];
  readonly proof: Proof;
};

/** The newest signature payload version that we read (SPECIFICATIONS.md). */
const SIGNATURE_VERSION_MAX = 1;
/** Room for the rest of a block, apart from its payload: two keys and two signatures. */
const SIGNATURES_BYTES = 300;
const OVERHEAD_BYTES = 100;
const NO_BYTES = new Uint8Array(0);
const NO_KEY: PublicKey = { algorithm: 'ed25519', bytes: NO_BYTES };

/** Checks the structure and the version rules. Verifies no signature. */
export function readEnvelope(bytes: Uint8Array, limits: Limits): Result<Envelope, BiscuitError> {
  if (bytes.length > limits.tokenBytesMax)
    return refuse({
      code: 'limit_exceeded',
      limit: 'tokenBytesMax',
      maximum: limits.tokenBytesMax,
    });
  const wire = new WireReader(bytes);
  let seen = 0;
  let rootKeyId: number | undefined;
  let authority: SignedBlock | undefined;
  const rest: SignedBlock[] = [];
  let proof: Proof = { kind: 'secret', bytes: NO_BYTES };
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    if (field === 3) {
      if (rest.length + 1 >= limits.blocksMax)
        wire.fail({ code: 'limit_exceeded', limit: 'blocksMax', maximum: limits.blocksMax });
      rest.push(readSignedBlock(wire, rest.length + 1));
      continue;
    }
    if (field <= 4) seen = wire.once(seen);
    if (field === 1) rootKeyId = wire.uint32();
    else if (field === 2) authority = readSignedBlock(wire, 0);
    else if (field === 4) proof = readProof(wire);
    else wire.skip();
  }
  wire.require(seen, 0b10100, 'Biscuit');
  const { fault } = wire;
  if (fault !== undefined || authority === undefined) return refuse(tokenError(fault));
  const blocks = [authority, ...rest];
  return ok(rootKeyId === undefined ? { blocks, proof } : { rootKeyId, blocks, proof });
}

const tokenError = (fault: Fault = 'no authority block'): BiscuitError =>
  typeof fault === 'string' ? { code: 'token_malformed', detail: fault } : fault;

function readSignedBlock(wire: WireReader, blockId: number): SignedBlock {
  const outer = wire.enter();
  const bytes = wire.rest();
  let seen = 0;
  let payload: Uint8Array = NO_BYTES;
  let signature: Uint8Array = NO_BYTES;
  let nextKey = NO_KEY;
  let external: ExternalSignature | undefined;
  let version = 0;
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    if (field <= 5) seen = wire.once(seen);
    if (field === 1) payload = wire.bytes();
    else if (field === 2) nextKey = readPublicKey(wire);
    else if (field === 3) signature = wire.bytes();
    else if (field === 4) external = readExternalSignature(wire);
    else if (field === 5) version = wire.uint32();
    else wire.skip();
  }
  wire.require(seen, 0b1110, 'SignedBlock');
  wire.leave(outer);
  if (version > SIGNATURE_VERSION_MAX)
    wire.fail({ code: 'signature_version_unsupported', blockId, actual: version });
  const block = { payload, nextKey, signature, version, bytes };
  if (external === undefined) return block;
  // A v0 external signature does not bind the block to this token (GHSA-rgqv-mwc3-c78m).
  if (blockId === 0) wire.fail({ code: 'authority_has_external_signature' });
  if (version !== 1) wire.fail({ code: 'third_party_signature_version', blockId });
  return { ...block, external };
}

export function readExternalSignature(wire: WireReader): ExternalSignature {
  const outer = wire.enter();
  let seen = 0;
  let signature: Uint8Array = NO_BYTES;
  let publicKey = NO_KEY;
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    if (field <= 2) seen = wire.once(seen);
    if (field === 1) signature = wire.bytes();
    else if (field === 2) publicKey = readPublicKey(wire);
    else wire.skip();
  }
  wire.require(seen, 0b110, 'ExternalSignature');
  wire.leave(outer);
  return { signature, publicKey };
}

function readProof(wire: WireReader): Proof {
  const outer = wire.enter();
  let proof: Proof | undefined;
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    if (field > 2) wire.skip();
    else if (proof !== undefined) wire.fail('a proof of two kinds');
    else proof = { kind: field === 1 ? 'secret' : 'signature', bytes: wire.bytes() };
  }
  wire.leave(outer);
  if (proof === undefined) wire.fail('an empty proof');
  return proof ?? { kind: 'secret', bytes: NO_BYTES };
}

/** Writes the message `SignedBlock`. Omits version 0, as the reference does. */
export function writeSignedBlock(block: Omit<SignedBlock, 'bytes'>): SignedBlock {
  const wire = new WireWriter(block.payload.length + SIGNATURES_BYTES);
  wire.bytes(1, block.payload);
  writePublicKey(wire, 2, block.nextKey);
  wire.bytes(3, block.signature);
  if (block.external !== undefined) writeExternalSignature(wire, 4, block.external);
  if (block.version > 0) wire.uint32(5, block.version);
  return { ...block, bytes: wire.finish() };
}

export function writeExternalSignature(
  wire: WireWriter,
  field: number,
  { signature, publicKey }: ExternalSignature,
): void {
  wire.message(field, () => {
    wire.bytes(1, signature);
    writePublicKey(wire, 2, publicKey);
  });
}

/** Writes the envelope. Blocks are written as the bytes that were read. */
export function writeEnvelope({ rootKeyId, blocks, proof }: Envelope): Uint8Array<ArrayBuffer> {
  const length = blocks.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const wire = new WireWriter(length + OVERHEAD_BYTES * (blocks.length + 1));
  if (rootKeyId !== undefined) wire.uint32(1, rootKeyId);
  blocks.forEach((block, id) => {
    wire.bytes(id === 0 ? 2 : 3, block.bytes);
  });
  wire.message(4, () => {
    wire.bytes(proof.kind === 'secret' ? 1 : 2, proof.bytes);
  });
  return wire.finish();
}
