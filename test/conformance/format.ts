/**
 * The format of the official conformance data (`samples.json` of
 * github.com/eclipse-biscuit/biscuit). Read strictly: an unknown key, variant or type rejects the
 * whole file, so data that states more than the runner checks never counts as checked.
 */
import * as v from 'valibot';
import { ok, type Result, refuse } from '../../src/result.ts';

const index = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const hex = v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})*$/));
const key = v.pipe(v.string(), v.regex(/^(?:ed25519|secp256r1)\/(?:[0-9a-f]{2})+$/));
/** The reference's number of the authorizer as an origin of rules and checks: 2^64 - 1, rounded. */
export const AUTHORIZER_ORIGIN = 2 ** 64;
const origin = v.union([index, v.literal(AUTHORIZER_ORIGIN)]);

const failedCheck = v.union([
  v.strictObject({
    Block: v.strictObject({ block_id: index, check_id: index, rule: v.string() }),
  }),
  v.strictObject({ Authorizer: v.strictObject({ check_id: index, rule: v.string() }) }),
]);

const matchedPolicy = v.union([v.strictObject({ Allow: index }), v.strictObject({ Deny: index })]);

const logic = v.union([
  v.strictObject({ InvalidBlockRule: v.strictTuple([index, v.string()]) }),
  v.strictObject({
    Unauthorized: v.strictObject({ policy: matchedPolicy, checks: v.array(failedCheck) }),
  }),
  v.strictObject({ NoMatchingPolicy: v.strictObject({ checks: v.array(failedCheck) }) }),
]);

const signature = v.union([
  v.literal('InvalidFormat'),
  v.strictObject({ InvalidSignature: v.string() }),
]);

const format = v.union([
  v.picklist([
    'SealedSignature',
    'UnknownPublicKey',
    'SymbolTableOverlap',
    'PublicKeyTableOverlap',
    'UnknownExternalKey',
  ]),
  v.strictObject({ Signature: signature }),
  v.strictObject({ DeserializationError: v.string() }),
  v.strictObject({ BlockDeserializationError: v.string() }),
  v.strictObject({ BlockSignatureDeserializationError: v.string() }),
  v.strictObject({ Version: v.strictObject({ maximum: index, minimum: index, actual: index }) }),
  v.strictObject({ InvalidKey: v.string() }),
  v.strictObject({ InvalidKeySize: index }),
  v.strictObject({ InvalidSignatureSize: index }),
  v.strictObject({ UnknownSymbol: v.number() }),
  v.strictObject({ ExistingPublicKey: v.string() }),
]);

const execution = v.union([
  v.picklist(['InvalidType', 'Overflow', 'DivideByZero', 'InvalidStack', 'ShadowedVariable']),
  v.strictObject({ UnknownVariable: index }),
  v.strictObject({ UndefinedExtern: v.string() }),
  v.strictObject({ ExternEvalError: v.strictTuple([v.string(), v.string()]) }),
]);

const refusal = v.union([
  v.strictObject({ Format: format }),
  v.strictObject({ FailedLogic: logic }),
  v.strictObject({ Execution: execution }),
  v.strictObject({ RunLimit: v.picklist(['TooManyFacts', 'TooManyIterations']) }),
]);

const world = v.strictObject({
  facts: v.array(
    v.strictObject({ origin: v.array(v.nullable(index)), facts: v.array(v.string()) }),
  ),
  rules: v.array(v.strictObject({ origin, rules: v.array(v.string()) })),
  checks: v.array(v.strictObject({ origin, checks: v.array(v.string()) })),
  policies: v.array(v.string()),
});

const block = v.strictObject({
  symbols: v.array(v.string()),
  public_keys: v.array(key),
  external_key: v.nullable(key),
  code: v.string(),
  version: index,
});

const verdict = v.union([v.strictObject({ Ok: index }), v.strictObject({ Err: refusal })]);

const validation = v.strictObject({
  world: v.nullable(world),
  result: verdict,
  authorizer_code: v.string(),
  revocation_ids: v.array(hex),
});

const sampleCase = v.strictObject({
  title: v.string(),
  // A plain name: a folder of vectors must not name a file outside of itself.
  filename: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]+\.bc$/)),
  token: v.pipe(v.array(block), v.minLength(1)),
  validations: v.pipe(v.record(v.string(), validation), v.minEntries(1)),
});

const samples = v.strictObject({
  root_private_key: hex,
  root_public_key: hex,
  testcases: v.pipe(v.array(sampleCase), v.minLength(1)),
});

export type World = v.InferOutput<typeof world>;
export type BlockContent = v.InferOutput<typeof block>;
export type Validation = v.InferOutput<typeof validation>;
export type SampleCase = v.InferOutput<typeof sampleCase>;
export type Samples = v.InferOutput<typeof samples>;

export type FormatProblem = { readonly code: 'samples_malformed'; readonly problems: string[] };

/** Reads the text of a `samples.json`. Every problem names its path. */
export function readSamples(text: string): Result<Samples, FormatProblem> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return refuse({ code: 'samples_malformed', problems: [String(error)] });
  }
  const read = v.safeParse(samples, json);
  if (read.success) return ok(read.output);
  const problems = read.issues.map(
    (issue) => `${v.getDotPath(issue) ?? 'the whole file'}: ${issue.message}`,
  );
  return refuse({ code: 'samples_malformed', problems });
}
