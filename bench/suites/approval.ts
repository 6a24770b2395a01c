import { privateKeyFromBytes } from '../../src/biscuit/index.ts';
import {
  type ApprovedCall,
  appendApproval,
  approveCalls,
  argumentsDigest,
  narrow,
  openToken,
  trustIssuer,
} from '../../src/capability/index.ts';
import { toHex } from '../../src/encoding.ts';
import { CALL, NOW } from '../decision.ts';
import { type Report, verdict } from '../report.ts';
import { inProcess, measure } from '../rounds.ts';
import { unwrap } from '../unwrap.ts';
import { openWorkflow, STEP } from '../workflow.ts';
import type { SuiteOptions } from './options.ts';

/** What the approval of calls adds to the token of a step, and to its first verification. */
const CHARACTERS_MAX = 600;
const MICROSECONDS_MAX = 300;
const BATCH = 12;

export async function approvalReport({ rounds, progress }: SuiteOptions): Promise<Report> {
  const { received, publicKey } = await openWorkflow();
  const step = unwrap(await narrow(received, STEP));
  const key = unwrap(privateKeyFromBytes('ed25519', new Uint8Array(32).fill(9)));
  const times = { now: new Date(NOW), until: new Date(NOW + 60_000) };
  const digest = toHex(await argumentsDigest(CALL.args ?? {}));
  const calls = Array.from(
    { length: BATCH },
    (_, n): ApprovedCall => ({
      id: `ap_${String(n).padStart(22, 'x')}`,
      tool: CALL.tool,
      args: n === 0 ? digest : toHex(new Uint8Array(32).fill(n)),
      by: 'corp#olga@acme.example',
      version: '0123456789abcdef',
    }),
  );
  const sign = async (count: number) =>
    unwrap(await approveCalls(step, key, calls.slice(0, count), times));
  const append = async (block: string) => unwrap(await appendApproval(step, block));
  const block = await sign(1);
  const [one, twelve] = [await append(block), await append(await sign(BATCH))];
  // Without its cache, every verification is the first one.
  const open = (text: string) => openToken(text, trustIssuer([{ id: 1, publicKey }]));
  const timings = await measure(
    [
      inProcess('the token of a step', () => open(step)),
      inProcess('with the approval of its call', () => open(one)),
      inProcess('with the approval of 12 calls', () => open(twelve)),
      inProcess('sign an approval', () => sign(1)),
      inProcess('append an approval', () => append(block)),
    ],
    {
      rounds,
      operationsPerRound: 20,
      warmOperations: 400,
      progress: (round) => progress(`round ${round} of ${rounds}`),
    },
  );
  const of = (name: string): number => timings.median(name);
  const more = (name: string): number => of(name) - of('the token of a step');
  const row = (name: string, text?: string) => [
    name,
    text === undefined ? '' : String(text.length - step.length),
    of(name).toFixed(0),
  ];
  const [characters, microseconds] = [
    one.length - step.length,
    more('with the approval of its call'),
  ];
  const reached = characters <= CHARACTERS_MAX && microseconds <= MICROSECONDS_MAX;
  return {
    suite: 'approval',
    title: `What the approval of a call adds: at most ${CHARACTERS_MAX} characters and ${MICROSECONDS_MAX} µs, ${verdict(reached)}`,
    columns: ['', 'characters more', 'µs'],
    rows: [
      row('the token of a step', step),
      row('with the approval of its call', one),
      row('with the approval of 12 calls', twelve),
      row('sign an approval'),
      row('append an approval'),
    ],
    data: { characters, microseconds, reached },
  };
}
