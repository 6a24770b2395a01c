/**
 * The cost of a hostile token: verified and decided without caches, next to an honest token of
 * eight blocks.
 */
import {
  authorize,
  mint,
  narrow,
  parseAndVerify,
  parseAuthorizer,
  parseBlock,
  privateKeyFromBytes,
} from '../../src/biscuit/index.ts';
import { block, forgeToken } from '../../test/forge/index.ts';
import { ROOT_SEED } from '../../test/hostile/hostile.ts';
import type { Report } from '../report.ts';
import { inProcess, measure } from '../rounds.ts';
import { unwrap } from '../unwrap.ts';
import { FAMILIES, type Family } from './hostile-tokens.ts';
import type { SuiteOptions } from './options.ts';

const HONEST_BLOCKS = 8;
const HONEST = `honest: ${HONEST_BLOCKS} blocks, 3 checks each`;
/** A hostile token takes milliseconds, so each round runs only a few of each. */
const OPERATIONS_PER_ROUND = 3;
const WARM_OPERATIONS = 12;

type Judge = (token: Uint8Array) => Promise<string>;

const forge = (blocks: ReturnType<Family['blocks']>): Promise<Uint8Array> =>
  forgeToken({
    rootSeed: ROOT_SEED,
    blocks: [{ data: block({ version: 6 }), signatureVersion: 1 }, ...blocks],
  });

const isLimit = (answer: string): boolean => answer.endsWith('Max');

/** The largest size that no limit refuses. */
async function largest(family: Family, judge: Judge): Promise<number> {
  let [admitted, refused] = [0, family.sizeMax + 1];
  while (refused - admitted > 1) {
    const size = Math.floor((admitted + refused) / 2);
    if (isLimit(await judge(await forge(family.blocks(size))))) refused = size;
    else admitted = size;
  }
  return admitted;
}

/**
 * From each family, the largest token that no limit refuses and one that is half as large again.
 */
async function hostileTokens(judge: Judge): Promise<readonly (readonly [string, Uint8Array])[]> {
  const tokens: [string, Uint8Array][] = [];
  for (const family of FAMILIES) {
    const size = await largest(family, judge);
    tokens.push([`${family.name}, admitted`, await forge(family.blocks(size))]);
    const beyond = Math.min(family.sizeMax, Math.ceil(size * 1.5) + 1);
    const token = await forge(family.blocks(beyond));
    if (isLimit(await judge(token))) tokens.push([`${family.name}, refused`, token]);
  }
  return tokens;
}

async function honestToken(): Promise<Uint8Array> {
  const rootKey = unwrap(privateKeyFromBytes('ed25519', ROOT_SEED));
  const caveats = unwrap(
    parseBlock(`check if right("read"); check if right($r), $r == "read";
      check if right($r), $r.starts_with("re");`),
  );
  let token = unwrap(await mint({ rootKey, block: unwrap(parseBlock('right("read");')) }));
  for (let i = 1; i < HONEST_BLOCKS; i++) token = unwrap(await narrow(token, caveats));
  return token.bytes;
}

export async function hostileReport(options: SuiteOptions): Promise<Report> {
  const authorizer = unwrap(parseAuthorizer('right("read"); allow if true'));
  const rootKey = await unwrap(privateKeyFromBytes('ed25519', ROOT_SEED)).publicKey();
  const judge: Judge = async (token) => {
    const verified = await parseAndVerify(token, rootKey);
    const decided = verified.ok ? authorize(verified.value, { authorizer }) : verified;
    if (decided.ok) return 'allowed';
    return decided.error.code === 'limit_exceeded' ? decided.error.limit : decided.error.code;
  };
  const tokens = new Map([[HONEST, await honestToken()], ...(await hostileTokens(judge))]);

  const cases = [...tokens].map(([name, token]) => inProcess(name, () => judge(token)));
  const rounds = Math.min(options.rounds, 9);
  const timings = await measure(cases, {
    rounds,
    operationsPerRound: OPERATIONS_PER_ROUND,
    warmOperations: WARM_OPERATIONS,
    progress: (round) => options.progress(`round ${round} of ${rounds}`),
  });
  const rows = await Promise.all(
    [...tokens].map(async ([name, token]) => ({
      name,
      bytes: token.length,
      answer: await judge(token),
      microseconds: timings.median(name),
      ratio: timings.ratio(name, HONEST),
    })),
  );
  const dearest = rows.toSorted((a, b) => b.ratio - a.ratio);
  const honest = rows.filter(({ name }) => name === HONEST);
  return {
    suite: 'hostile',
    title: `Tokens that spend what the limits admit, Node ${process.version}, CPU time`,
    columns: ['', 'bytes', 'us', 'x honest', 'answer'],
    rows: [...honest, ...dearest.filter(({ name }) => name !== HONEST)].map((row) => [
      row.name,
      String(row.bytes),
      row.microseconds.toFixed(0),
      row.ratio.toFixed(2),
      row.answer,
    ]),
    data: { rounds, tokens: dearest },
  };
}
