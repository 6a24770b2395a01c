/**
 * What is measured, and by whom. A contestant is one implementation in one process of its own, so
 * that the memory and the compiler's choices of one are not another's. Runs in Node and in workerd.
 */

/** Plain JSON: it is handed into the contestant's process. */
export type Fixture = {
  /** Hex. */
  readonly rootPublicKey: string;
  /**
   * base64url, minted by the reference: an authority block of five facts and a check, two blocks
   * of three.
   */
  readonly token: string;
  readonly authorizer: string;
  /** Facts of a request, as the reference takes them: Datalog text. */
  readonly requestFacts: string;
  readonly authorityCode: string;
  readonly blockCode: string;
  /** An EdDSA JSON Web Token and the JWK that verifies it. */
  readonly jwt: string;
  readonly jwk: JsonWebKey;
};

/** One run of the operation. */
export type Operation = () => void | Promise<void>;

export type Contestant = {
  readonly operations: Readonly<Record<string, Operation>>;
  /** Unmeasured work before a round: a cache is brought back to where the operation expects it. */
  readonly prepare?: (operation: string, iterations: number) => Promise<void>;
};

export type MakeContestant = (fixture: Fixture) => Promise<Contestant>;

export const CONTESTANTS = ['hewn', 'reference', 'native'] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

export type Entry = {
  readonly contestant: ContestantName;
  readonly operation: string;
  /** Enough that a round takes some tens of milliseconds; less, and the timer's grain shows. */
  readonly iterations: number;
};

export const ENTRIES: readonly Entry[] = [
  { contestant: 'hewn', operation: 'cold', iterations: 60 },
  { contestant: 'hewn', operation: 'step', iterations: 100 },
  { contestant: 'hewn', operation: 'again', iterations: 400 },
  { contestant: 'hewn', operation: 'narrow', iterations: 100 },
  { contestant: 'hewn', operation: 'narrow-built', iterations: 100 },
  { contestant: 'hewn', operation: 'authorize', iterations: 400 },
  { contestant: 'reference', operation: 'cold', iterations: 60 },
  { contestant: 'reference', operation: 'narrow', iterations: 100 },
  { contestant: 'reference', operation: 'narrow-built', iterations: 100 },
  { contestant: 'native', operation: 'floor', iterations: 100 },
  { contestant: 'native', operation: 'jwt', iterations: 200 },
];

/** What the operations are, for who reads the table. */
export const MEANINGS: Readonly<Record<string, string>> = {
  'hewn cold': 'verify + authorize, 2 caveat blocks, nothing cached',
  'hewn step': 'a new step: chain of 2 blocks cached, a third one new',
  'hewn again': 'the very same token again, the decision made anew',
  'hewn narrow': 'narrow from text (3 checks), serialise',
  'hewn narrow-built': 'narrow with a built block (3 checks), serialise',
  'hewn authorize': 'authorize alone, of a verified token',
  'reference cold': 'biscuit-wasm: fromBase64 + addCode + build + authorize',
  'reference narrow': 'biscuit-wasm: addCode (3 checks) + append + toBase64',
  'reference narrow-built': 'biscuit-wasm: append of a built block + toBase64',
  'native floor': 'floor: 3 Ed25519 verifies + 1 key derivation, WebCrypto',
  'native jwt': 'jose jwtVerify EdDSA, key imported once',
};
