import { generateKeyPair, mint, parseToken, publicKeyToText } from '../biscuit/index.ts';
import { type Authority, writeAuthority } from '../capability/index.ts';
import { readClock, type UnixMilliseconds } from '../clock.ts';
import type { DpopAlgorithm } from '../dpop/index.ts';
import { toHex } from '../encoding.ts';
import { httpUrl, httpUrls } from '../option-values.ts';
import {
  anything,
  type Check,
  integerFrom,
  type Members,
  optional,
  readOptions,
} from '../options.ts';
import type { Result } from '../result.ts';
import {
  createProtection,
  createVerifier,
  type Decision,
  type Protection,
  type Verifier,
} from '../verifier/index.ts';
import { type TestClock, testClock } from './clock.ts';
import { decisionList } from './decisions.ts';
import { type TestFeed, testFeed } from './feed.ts';
import { type TestHolder, testHolder } from './holder.ts';

const CAPABILITY_SECONDS = 300; // As the issuer mints by default.
const KEY_ID = 1;

/** The options of `testIssuer`. */
export interface TestIssuerOptions {
  /** The URL of the API under test, as tokens name it. Of several, the first is the default. */
  readonly audience: string | readonly string[];
  /** The issuer's URL in tokens; `https://issuer.test` by default. */
  readonly issuer?: string;
  /** When the clock starts, in Unix milliseconds; the wall clock's time by default. */
  readonly now?: UnixMilliseconds;
}

const urlOrUrls: Check = (value) => (Array.isArray(value) ? httpUrls(value) : httpUrl(value));

const OPTIONS: Members<TestIssuerOptions> = {
  audience: urlOrUrls,
  issuer: optional(httpUrl),
  now: optional(integerFrom(0)),
};

/** What a capability of `testIssuer` says. Only its grants are required. */
export interface TestCapability
  extends Partial<Omit<Authority, 'issuer' | 'issuedAt' | 'grants' | 'shard'>>,
    Pick<Authority, 'grants'> {
  /** How long it is valid; 300 s by default. */
  readonly seconds?: number;
}

// `writeAuthority` checks the values.
const CAPABILITY: Members<TestCapability> = {
  grants: anything,
  seconds: optional(integerFrom(1)),
  workflow: optional(anything),
  agent: optional(anything),
  subject: optional(anything),
  owner: optional(anything),
  task: optional(anything),
  gen: optional(anything),
  audience: optional(anything),
  ancestors: optional(anything),
  holder: optional(anything),
  catalogue: optional(anything),
  prompt: optional(anything),
};

/** An issuer in memory, and what a test needs beside it. */
export interface TestIssuer {
  /** Moves time on, for the tokens, the feed and the verifier at once. */
  readonly clock: TestClock;
  /** Revokes, suspends and goes out at the test's request. */
  readonly feed: TestFeed;
  /** What `protect` returns for the first audience. Hand it to the API under test. */
  readonly protection: Protection;
  /** Returns the protection of one audience. Throws a TypeError for one that the options lack. */
  protectionOf(audience: string): Protection;
  /** What the protections have decided, in order. */
  readonly decisions: readonly Decision[];
  /** The verifier of `protection`, for an API that uses `guard`, or decides itself. */
  readonly verifier: Verifier;
  /**
   * Mints a capability without asking a policy, and returns its text. Each has a workflow of its
   * own, such as `wf_test_1`, unless the options name one, and the workflow's current generation.
   * Mints also for a stopped workflow, which the issuer refuses. Rejects with a TypeError for a
   * capability that the issuer could not write.
   */
  mint(capability: TestCapability): Promise<string>;
  /** Returns the ids of the blocks of a token, authority block first: see `feed.revokeBlock`. */
  revocationIds(token: string): readonly string[];
  /** Creates a caller with a key of its own, to which a capability can be bound. */
  holder(algorithm?: DpopAlgorithm): Promise<TestHolder>;
}

/**
 * Creates an issuer in memory, with a new key, so that unit tests of a protected API need no
 * server. Tokens are what the issuer signs, and the verifier is the real one. Throws a TypeError
 * for options that it does not know or cannot use. Not for production: it mints whatever a caller
 * requests.
 *
 * @example
 * ```ts
 * import { testIssuer } from 'hewn/testing';
 *
 * const testing = await testIssuer({ audience: 'https://api.example' });
 * const grants = [{ tool: 'crm.search', action: 'read', dataset: 'crm/contacts' }] as const;
 * const report = await testing.mint({ grants, workflow: 'wf_test_report' });
 *
 * const api = testing.protection.fetch({ ...grants[0], tier: 1 }, () => new Response('Ada'));
 * const headers = { authorization: `Bearer ${report}` };
 * const get = async () => (await api(new Request('https://api.example', { headers }))).status;
 * console.log(await get()); // 200
 * testing.feed.revoke('wf_test_report');
 * console.log(await get()); // 401
 * ```
 */
export async function testIssuer(options: TestIssuerOptions): Promise<TestIssuer> {
  const given = readOptions(options, 'testIssuer', OPTIONS);
  const { issuer = 'https://issuer.test', now = readClock() } = given;
  const audiences = [given.audience].flat();
  const [audience = ''] = audiences;
  const { privateKey, publicKey } = await generateKeyPair();
  const clock = testClock(now);
  const [, hex = ''] = publicKeyToText(publicKey).split('/');
  const { feed, workflows } = testFeed([{ id: KEY_ID, publicKey: hex }], clock.now);
  const { decisions, records } = decisionList();
  const protections = new Map(
    audiences.map((each) => {
      const names = { issuer, audience: each };
      const verifier = createVerifier({ ...names, keys: 'feed', feed, now: clock.now });
      return [each, createProtection({ ...names, verifier, feed, records })];
    }),
  );
  const protectionOf = (name: string): Protection => {
    const protection = protections.get(name);
    if (protection) return protection;
    throw new TypeError(`protectionOf: the audience must be one of ${audiences.join(', ')}`);
  };
  const protection = protectionOf(audience);
  let count = 0;
  return {
    clock,
    feed,
    protection,
    protectionOf,
    decisions,
    verifier: protection.verifier,
    revocationIds: (token) => written(parseToken(token), 'revocationIds').revocationIds.map(toHex),
    holder: (algorithm) => testHolder(clock.now, algorithm),
    mint: async (capability) => {
      const { seconds = CAPABILITY_SECONDS, ...facts } = readOptions(
        capability,
        'mint',
        CAPABILITY,
      );
      count += 1;
      const { workflow = `wf_test_${count}` } = facts;
      const authority: Authority = {
        issuer,
        audience,
        workflow,
        agent: 'https://idp.test#agent',
        subject: 'https://idp.test#alice',
        owner: 'team:test',
        task: 'test',
        gen: workflows.genOf(workflow),
        ancestors: workflows.ancestorsOf(workflow),
        issuedAt: new Date(clock.now()),
        ...facts,
      };
      const expires = new Date(clock.now() + seconds * 1000);
      const { block } = written(writeAuthority(authority, expires), 'mint');
      const token = written(await mint({ rootKey: privateKey, rootKeyId: KEY_ID, block }), 'mint');
      workflows.add(workflow, authority.ancestors);
      return token.text;
    },
  };
}

function written<T>(result: Result<T, { readonly code: string }>, what: string): T {
  if (!result.ok) throw new TypeError(`${what}: ${JSON.stringify(result.error)}`);
  return result.value;
}
