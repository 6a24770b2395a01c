import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import type { UnixSeconds } from '../clock.ts';
import { fromBase64Url, toBase64Url } from '../encoding.ts';
import { addKey, type KeyPair, type KeyRing, ringFault } from '../keyring/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import { generatePair, isPair, isPrivateKey } from './pair.ts';

/** The contents of a key file: everything that an issuer keeps secret. */
export interface KeyFile {
  /** The root keys in the order of their ids. Exactly one is active. */
  readonly mint: KeyRing;
  readonly feed: KeyPair;
  /** Signs the checkpoints of the logs. Files of releases before 0.4.0 have none. */
  readonly log?: KeyPair;
  /** Signs the approvals of single calls. Files of releases before 0.4.0 have none. */
  readonly approver?: KeyPair;
  /** 32 random bytes in base64url, which the operator sends as a bearer credential. */
  readonly operator: string;
}

const OPERATOR_BYTES = 32;

/** Generates new keys. The one root key has id 1. */
export function generateKeyFile(now: UnixSeconds): KeyFile {
  const mint = addKey([], generatePair(), now);
  if (!mint.ok) throw new Error('an empty key ring refused a key');
  const operator = toBase64Url(randomBytes(OPERATOR_BYTES));
  const [feed, log, approver] = [generatePair(), generatePair(), generatePair()];
  return { mint: mint.value, feed, log, approver, operator };
}

const PRIVATE_KEY = v.pipe(v.string(), v.check(isPrivateKey));
const PUBLIC_KEY = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const ID = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const SINCE = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const RING_KEY = v.variant('state', [
  v.pipe(
    v.strictObject({
      id: ID,
      state: v.picklist(['active', 'published']),
      since: SINCE,
      privateKey: PRIVATE_KEY,
      publicKey: PUBLIC_KEY,
    }),
    v.check((key) => isPair(key)),
  ),
  v.strictObject({ id: ID, state: v.literal('retired'), since: SINCE, publicKey: PUBLIC_KEY }),
]);

const PAIR = v.pipe(
  v.strictObject({ privateKey: PRIVATE_KEY, publicKey: PUBLIC_KEY }),
  v.check((pair) => isPair(pair)),
);

const CONTENTS = v.strictObject({
  mint: v.pipe(
    v.array(RING_KEY),
    v.check((ring) => ringFault(ring) === undefined),
  ),
  feed: PAIR,
  log: v.exactOptional(PAIR),
  approver: v.exactOptional(PAIR),
  operator: v.pipe(
    v.string(),
    v.check((text) => fromBase64Url(text)?.length === OPERATOR_BYTES),
  ),
});

/** Reads the text of a key file. An error names the member and nothing of its value. */
export function readContents(text: string): Result<KeyFile, string> {
  const json = parseJson(text);
  if (!json.ok) return refuse('not JSON');
  const read = v.safeParse(CONTENTS, withRing(json.value));
  if (read.success) return ok(read.output);
  // The messages of valibot quote the value, which may be a key.
  const [issue] = read.issues;
  return refuse(`"${v.getDotPath(issue) ?? 'the file'}" is missing or malformed`);
}

/** Reads a file from before there were several root keys: its key has id 1 and is active. */
function withRing(value: unknown): unknown {
  const former = v.safeParse(
    v.looseObject({
      mint: v.strictObject({ id: v.literal(1), privateKey: v.string(), publicKey: v.string() }),
    }),
    value,
  );
  if (!former.success) return value;
  const { mint, ...rest } = former.output;
  return { ...rest, mint: [{ ...mint, state: 'active', since: 0 }] };
}

function parseJson(text: string): Result<unknown, undefined> {
  try {
    return ok(JSON.parse(text));
  } catch {
    return refuse(undefined);
  }
}
