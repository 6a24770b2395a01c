/**
 * What a hostile token can cost: of each family the largest that no limit refuses, and one beyond,
 * against an honest token of eight blocks. CPU of verifying and deciding, nothing cached.
 */
import {
  authorize,
  parseAndVerify,
  parseAuthorizer,
  publicKeyFromBytes,
} from '../../src/biscuit/index.ts';
import { type Bytes, block, forgeToken, signerOf } from '../../test/forge/index.ts';
import { mint, openArena } from '../../test/reference/index.ts';
import { type Summary, shuffled, summarise } from '../statistics.ts';
import type { Fixture } from './contest.ts';
import { FAMILIES, type Family } from './hostile-tokens.ts';

const ROOT_SEED = new Uint8Array(32).fill(0x11);
const HONEST_BLOCKS = 8;

export type HostileEntry = {
  readonly name: string;
  readonly tokenBytes: number;
  /** What the engine says of it. */
  readonly verdict: string;
  /** Microseconds of CPU. */
  readonly spent: Summary;
  readonly timesHonest: number;
};

const forge = (blocks: ReturnType<Family['blocks']>): Promise<Bytes> =>
  forgeToken({
    rootSeed: ROOT_SEED,
    blocks: [{ data: block({ version: 6 }), signatureVersion: 1 }, ...blocks],
  });

type Decide = (token: Uint8Array) => Promise<string>;

async function decider(fixture: Fixture): Promise<Decide> {
  const { publicKey } = await signerOf(ROOT_SEED);
  const rootKey = publicKeyFromBytes('ed25519', publicKey);
  const authorizer = parseAuthorizer(fixture.requestFacts + fixture.authorizer);
  if (!rootKey.ok || !authorizer.ok) throw new Error('the fixture is malformed');
  return async (token) => {
    const verified = await parseAndVerify(token, rootKey.value);
    const answer = verified.ok
      ? authorize(verified.value, { authorizer: authorizer.value })
      : verified;
    if (answer.ok) return 'allowed';
    const { error } = answer;
    return error.code === 'limit_exceeded' ? `${error.code} ${error.limit}` : error.code;
  };
}

const isLimit = (verdict: string): boolean => verdict.startsWith('limit_exceeded');

/** The largest size that no limit refuses. */
async function largest(family: Family, decide: Decide): Promise<number> {
  let [admitted, refused] = [0, family.sizeMax + 1];
  while (refused - admitted > 1) {
    const size = Math.floor((admitted + refused) / 2);
    if (isLimit(await decide(await forge(family.blocks(size))))) refused = size;
    else admitted = size;
  }
  return admitted;
}

/** The token of the other benches, narrowed up to eight blocks by the reference. */
async function honestToken(fixture: Fixture): Promise<Uint8Array> {
  const { reference, close } = await openArena();
  const caveats = Array.from({ length: HONEST_BLOCKS - 1 }, () => ({ code: fixture.blockCode }));
  const token = mint(reference, `ed25519-private/${'11'.repeat(32)}`, {
    blocks: [{ code: fixture.authorityCode }, ...caveats],
  });
  close();
  return token;
}

async function candidates(fixture: Fixture, decide: Decide) {
  const found = [{ name: `honest, ${HONEST_BLOCKS} blocks`, token: await honestToken(fixture) }];
  for (const family of FAMILIES) {
    const size = await largest(family, decide);
    found.push({ name: `${family.name}, admitted`, token: await forge(family.blocks(size)) });
    const beyond = Math.min(family.sizeMax, Math.ceil(size * 1.5) + 1);
    const token = await forge(family.blocks(beyond));
    if (isLimit(await decide(token))) found.push({ name: `${family.name}, refused`, token });
  }
  return found;
}

const ITERATIONS = 10;

export async function measureHostile(
  fixture: Fixture,
  rounds: number,
): Promise<readonly HostileEntry[]> {
  const decide = await decider(fixture);
  const tokens = await candidates(fixture, decide);
  const measured = new Map<string, number[]>(tokens.map(({ name }) => [name, []]));
  for (let round = -3; round < rounds; round++) {
    for (const { name, token } of shuffled(tokens)) {
      const before = process.cpuUsage();
      for (let i = 0; i < ITERATIONS; i++) await decide(token);
      const { user, system } = process.cpuUsage(before);
      if (round >= 0) measured.get(name)?.push((user + system) / ITERATIONS);
    }
  }
  const spent = (name: string): Summary => summarise(measured.get(name) ?? []);
  const honest = spent(tokens[0]?.name ?? '');
  const entries: HostileEntry[] = [];
  for (const { name, token } of tokens) {
    const verdict = await decide(token);
    const timesHonest = spent(name).median / honest.median;
    entries.push({ name, tokenBytes: token.length, verdict, spent: spent(name), timesHonest });
  }
  return entries;
}
