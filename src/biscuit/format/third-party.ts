/** The two messages that a token holder and a third party exchange. */
import { ok, type Result, refuse } from '../../result.ts';
import type { BiscuitError, FormatError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import {
  type ExternalSignature,
  readExternalSignature,
  writeExternalSignature,
} from './envelope.ts';
import { exceeded } from './tables.ts';
import { type Fault, WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

export type ThirdPartyContents = {
  /** The message `Block`. */
  readonly payload: Uint8Array;
  readonly external: ExternalSignature;
};

type Code = 'third_party_request_malformed' | 'third_party_block_malformed';

const refusal = (code: Code, fault: Fault): FormatError | Exclude<Fault, string> =>
  typeof fault === 'string' ? { code, detail: fault } : fault;

/** Writes the message `ThirdPartyBlockRequest`: the signature that the new block is bound to. */
export function writeRequest(previousSignature: Uint8Array): Uint8Array<ArrayBuffer> {
  const wire = new WireWriter();
  wire.bytes(3, previousSignature);
  return wire.finish();
}

/** Returns the previous signature. */
export function readRequest(bytes: Uint8Array, limits: Limits): Result<Uint8Array, BiscuitError> {
  const wire = new WireReader(bytes);
  if (bytes.length > limits.tokenBytesMax) wire.fail(exceeded('tokenBytesMax', limits));
  let seen = 0;
  let signature: Uint8Array = new Uint8Array(0);
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    if (field === 3) {
      seen = wire.once(seen);
      signature = wire.bytes();
    } else if (field < 3) wire.fail('a request of a form that was withdrawn');
    else wire.skip();
  }
  wire.require(seen, 0b1000, 'ThirdPartyBlockRequest');
  const { fault } = wire;
  return fault === undefined
    ? ok(signature)
    : refuse(refusal('third_party_request_malformed', fault));
}

/** Writes the message `ThirdPartyBlockContents`. */
export function writeContents({ payload, external }: ThirdPartyContents): Uint8Array<ArrayBuffer> {
  const wire = new WireWriter();
  wire.bytes(1, payload);
  writeExternalSignature(wire, 2, external);
  return wire.finish();
}

export function readContents(
  bytes: Uint8Array,
  limits: Limits,
): Result<ThirdPartyContents, BiscuitError> {
  const wire = new WireReader(bytes);
  if (bytes.length > limits.tokenBytesMax) wire.fail(exceeded('tokenBytesMax', limits));
  let seen = 0;
  let payload: Uint8Array = new Uint8Array(0);
  let external: ExternalSignature | undefined;
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    if (field <= 2) seen = wire.once(seen);
    if (field === 1) payload = wire.bytes();
    else if (field === 2) external = readExternalSignature(wire);
    else wire.skip();
  }
  wire.require(seen, 0b110, 'ThirdPartyBlockContents');
  const fault = wire.fault ?? (external === undefined ? 'no external signature' : undefined);
  if (fault === undefined && external !== undefined) return ok({ payload, external });
  return refuse(refusal('third_party_block_malformed', fault ?? 'no external signature'));
}
