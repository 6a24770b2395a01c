import { generateKeyPair, mint, publicKeyToText } from '../biscuit/index.ts';
import { type Authority, toBlock, writeAuthority } from '../capability/index.ts';
import { readClock, type UnixMilliseconds } from '../clock.ts';
import { httpUrl } from '../option-values.ts';
import { anything, integerFrom, type Members, optional, readOptions } from '../options.ts';
import type { Result } from '../result.ts';
import { createVerifier, type Verifier } from '../verifier/index.ts';
import { type TestClock, testClock } from './clock.ts';
import { type TestFeed, testFeed } from './feed.ts';

const CAPABILITY_SECONDS = 300; // As the issuer mints by default.
const KEY_ID = 1;

/** The options of `testIssuer`. */
export interface TestIssuerOptions {
  /** The URL of the API under test, as tokens name it. */
  readonly audience: string;
  /** The issuer's URL in tokens; `https://issuer.test` by default. */
  readonly issuer?: string;
  /** When the clock starts, in Unix milliseconds; the wall clock's time by default. */
  readonly now?: UnixMilliseconds;
}

const OPTIONS: Members<TestIssuerOptions> = {
  audience: httpUrl,
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
};

/** An issuer in memory, and what a test needs beside it. */
export interface TestIssuer {
  /** Moves time on, for the tokens, the feed and the verifier at once. */
  readonly clock: TestClock;
  /** Revokes, suspends and goes out at the test's request. */
  readonly feed: TestFeed;
  /** Accepts this issuer's tokens for the audience. Hand it to the API under test. */
  readonly verifier: Verifier;
  /**
   * Mints a capability without asking a policy, and returns its text. Each has a workflow of its
   * own, such as `wf_test_1`, unless the options name one. Rejects with a TypeError for a
   * capability that the issuer could not write.
   */
  mint(capability: TestCapability): Promise<string>;
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
 * const dataset = 'crm/contacts/eu';
 * const call = { tool: 'crm.search', action: 'read', dataset, tier: 1 } as const;
 * console.log((await testing.verifier.verify(report, call)).allowed); // true
 * testing.feed.revoke('wf_test_report');
 * console.log((await testing.verifier.verify(report, call)).allowed); // false
 * ```
 */
export async function testIssuer(options: TestIssuerOptions): Promise<TestIssuer> {
  const given = readOptions(options, 'testIssuer', OPTIONS);
  const { issuer = 'https://issuer.test', audience, now = readClock() } = given;
  const { privateKey, publicKey } = await generateKeyPair();
  const clock = testClock(now);
  const [, hex = ''] = publicKeyToText(publicKey).split('/');
  const feed = testFeed([{ id: KEY_ID, publicKey: hex }], clock.now);
  let count = 0;
  return {
    clock,
    feed,
    verifier: createVerifier({ issuer, audience, keys: 'feed', feed, now: clock.now }),
    mint: async (capability) => {
      const { seconds = CAPABILITY_SECONDS, ...facts } = readOptions(
        capability,
        'mint',
        CAPABILITY,
      );
      count += 1;
      const authority: Authority = {
        issuer,
        audience,
        workflow: `wf_test_${count}`,
        agent: 'https://idp.test#agent',
        subject: 'https://idp.test#alice',
        owner: 'team:test',
        task: 'test',
        gen: 1,
        ancestors: [],
        issuedAt: new Date(clock.now()),
        ...facts,
      };
      const expires = new Date(clock.now() + seconds * 1000);
      const block = toBlock(written(writeAuthority(authority, expires)));
      const token = await mint({ rootKey: privateKey, rootKeyId: KEY_ID, block });
      return written(token).text;
    },
  };
}

function written<T>(result: Result<T, { readonly code: string }>): T {
  if (!result.ok) throw new TypeError(`mint: ${JSON.stringify(result.error)}`);
  return result.value;
}
