/** Vectors of capabilities that were handed on: see docs/reference/hand-off.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';

const vector = v.strictObject({
  name: v.string(),
  token: v.string(),
  /** The key that the request proves; absent for a bearer token. */
  proven: v.optional(v.string()),
  call: v.strictObject({
    tool: v.string(),
    action: v.picklist(['read', 'write']),
    dataset: v.string(),
  }),
  /** Unix seconds of the call. */
  now: v.number(),
  /** `allowed`, or the code of the denial. */
  verdict: v.string(),
  /** Of `hop_invalid`. */
  why: v.optional(v.string()),
  /** As the record of the call lists them. */
  hops: v.optional(
    v.array(v.strictObject({ by: v.string(), to: v.string(), name: v.optional(v.string()) })),
  ),
});

const key = v.strictObject({
  thumbprint: v.string(),
  /** With the private half, for proofs. */
  jwk: v.strictObject({
    kty: v.picklist(['EC', 'OKP']),
    crv: v.string(),
    x: v.string(),
    y: v.optional(v.string()),
    d: v.string(),
  }),
});

const vectors = v.strictObject({
  about: v.string(),
  issuer: v.string(),
  audience: v.string(),
  /** The Ed25519 public key of the issuer in hex, and its number. */
  root_key: v.strictObject({ id: v.number(), hex: v.string() }),
  /** The keys of holders, by the names that vectors use. */
  keys: v.record(v.string(), key),
  vectors: v.pipe(v.array(vector), v.minLength(1)),
});

export type HopVector = v.InferOutput<typeof vector>;
export type HopVectors = v.InferOutput<typeof vectors>;

export const HOP_VECTORS_FILE: string = join(import.meta.dirname, 'hops.json');

/** Reads the committed vectors. Throws for a member that is unknown here. */
export const readHopVectors = (): HopVectors =>
  v.parse(vectors, JSON.parse(readFileSync(HOP_VECTORS_FILE, 'utf8')));
