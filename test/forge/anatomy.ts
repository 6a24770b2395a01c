/** Reads what a token's bytes declare, without the engine: tables, versions, external keys. */
import { fromUtf8, toHex } from '../../src/encoding.ts';
import { type Bytes, type Field, readFields } from './wire.ts';

export type BlockAnatomy = {
  readonly symbols: readonly string[];
  readonly publicKeys: readonly string[];
  readonly externalKey: string | null;
  /** The datalog version; 0 if the field is absent, as the reference reads it. */
  readonly version: number;
};

const all = (fields: readonly Field[], field: number) =>
  fields.filter((candidate) => candidate.field === field).map(({ value }) => value);

const messages = (fields: readonly Field[], field: number): readonly Bytes[] =>
  all(fields, field).filter((value) => typeof value !== 'bigint');

const numberOf = (fields: readonly Field[], field: number): number =>
  Number(all(fields, field).findLast((value) => typeof value === 'bigint') ?? 0n);

function keyText(message: Bytes): string {
  const fields = readFields(message);
  const algorithm = numberOf(fields, 1) === 0 ? 'ed25519' : 'secp256r1';
  return `${algorithm}/${toHex(messages(fields, 2)[0] ?? new Uint8Array())}`;
}

function blockAnatomy(signedBlock: Bytes): BlockAnatomy {
  const signed = readFields(signedBlock);
  const block = readFields(messages(signed, 1)[0] ?? new Uint8Array());
  const external = messages(signed, 4).map((message) => messages(readFields(message), 2)[0]);
  return {
    symbols: messages(block, 1).map((symbol) => fromUtf8(symbol) ?? ''),
    publicKeys: messages(block, 8).map(keyText),
    externalKey: external[0] === undefined ? null : keyText(external[0]),
    version: numberOf(block, 3),
  };
}

/** Throws if the bytes are not a token that the reference would parse. */
export function anatomyOf(token: Uint8Array): readonly BlockAnatomy[] {
  const fields = readFields(token);
  return [...messages(fields, 2), ...messages(fields, 3)].map(blockAnatomy);
}
