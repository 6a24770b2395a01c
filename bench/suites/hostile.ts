/** What the dearest hostile token costs that the limits let in, next to an honest one. */
import {
  authorize,
  mint,
  narrow,
  parseAndVerify,
  parseAuthorizer,
  parseBlock,
  privateKeyFromBytes,
} from '../../src/biscuit/index.ts';
import { block, DEFAULT_SYMBOL, forgeToken, predicate, term } from '../../test/forge/index.ts';
import { DATALOG_BOMBS } from '../../test/hostile/datalog.ts';
import { HOSTILE_ENVELOPES } from '../../test/hostile/envelopes.ts';
import { type HostileToken, ROOT_SEED } from '../../test/hostile/hostile.ts';
import { must } from '../operations/must.ts';
import type { Report } from '../report.ts';
import { inProcess, measure } from '../rounds.ts';
import type { SuiteOptions } from './options.ts';

const HONEST_BLOCKS = 8;
const HONEST = `honest: ${HONEST_BLOCKS} blocks, 3 checks each`;
const SHOWN = 8;
/** A bomb takes milliseconds: a few of each in a round are enough. */
const OPERATIONS_PER_ROUND = 3;
const WARM_OPERATIONS = 12;

const AUTHORITY = block({
  facts: [predicate(DEFAULT_SYMBOL.right, term.string(DEFAULT_SYMBOL.read))],
});

const forge = (token: HostileToken): Promise<Uint8Array> =>
  'bytes' in token
    ? token.bytes()
    : forgeToken({
        rootSeed: ROOT_SEED,
        blocks: [{ data: AUTHORITY, signatureVersion: 1 }, ...token.blocks],
      });

async function honestToken(): Promise<Uint8Array> {
  const rootKey = must(privateKeyFromBytes('ed25519', ROOT_SEED));
  const caveats = must(
    parseBlock(`check if right("read"); check if right($r), $r == "read";
      check if right($r), $r.starts_with("re");`),
  );
  let token = must(await mint({ rootKey, block: must(parseBlock('right("read");')) }));
  for (let i = 1; i < HONEST_BLOCKS; i++) token = must(await narrow(token, caveats));
  return token.bytes;
}

export async function hostileReport(options: SuiteOptions): Promise<Report> {
  const authorizer = must(parseAuthorizer('allow if right("read")'));
  const rootKey = await must(privateKeyFromBytes('ed25519', ROOT_SEED)).publicKey();
  const judge = async (token: Uint8Array): Promise<string> => {
    const verified = await parseAndVerify(token, rootKey);
    const decided = verified.ok ? authorize(verified.value, { authorizer }) : verified;
    if (decided.ok) return 'allowed';
    return decided.error.code === 'limit_exceeded' ? decided.error.limit : decided.error.code;
  };
  const tokens = new Map([[HONEST, await honestToken()]]);
  for (const token of [...DATALOG_BOMBS, ...HOSTILE_ENVELOPES])
    tokens.set(token.name, await forge(token));

  const cases = [...tokens].map(([name, token]) => inProcess(name, () => judge(token)));
  const rounds = Math.min(options.rounds, 9);
  const timings = await measure(cases, {
    ...{ rounds, operationsPerRound: OPERATIONS_PER_ROUND, warmOperations: WARM_OPERATIONS },
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
    title: `The dearest of ${rows.length - 1} hostile tokens, Node ${process.version}, CPU time`,
    columns: ['', 'bytes', 'us', 'x honest', 'answer'],
    rows: [...honest, ...dearest.slice(0, SHOWN)].map((row) => [
      row.name,
      String(row.bytes),
      row.microseconds.toFixed(0),
      row.ratio.toFixed(2),
      row.answer,
    ]),
    data: { rounds, tokens: dearest },
  };
}
