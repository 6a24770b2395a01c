/** What receipts cost: bytes, and the CPU time to issue and to check them. */
import { argumentNodes } from '../../src/capability/index.ts';
import { parseCatalogue } from '../../src/catalogue/index.ts';
import { generatePair, signerOf } from '../../src/key-file/index.ts';
import {
  checkReceipts,
  fittingLeaves,
  issueReceipts,
  type KeptReceipt,
  writeAttachedMeta,
} from '../../src/receipts/index.ts';
import { type Report, verdict } from '../report.ts';
import { inProcess, measure } from '../rounds.ts';
import { unwrap } from '../unwrap.ts';
import type { SuiteOptions } from './options.ts';

const TOOL = 'mcp/bank/get_payees';
const NOW = 1_795_428_000;
const GATEWAY = 'https://gateway.example';
const WORKFLOW = 'wf_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
const RECEIPT_BYTES_MAX = 1_536;
const CHECK_MICROSECONDS_MAX = 200; // A signature and a leaf on a slow machine.

const CATALOGUE = unwrap(
  parseCatalogue(`
[[tool]]
name = "${TOOL}"
action = "read"
tier = 1
arguments = []
datasets = [{ fixed = "bank/eu" }]
[[tool.field]]
pointer = "/*/iban"
kind = "iban"
by = "own"
reason = "payees that the holder has paid before"
`),
);

const pair = generatePair();
const key = { id: 7, public_key: pair.publicKey, gateway: GATEWAY, until: null };
const signer = { gateway: GATEWAY, keyId: key.id, sign: signerOf(pair.privateKey) };

const payees = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ iban: `CH93007620116238${index + 10_000}` }));

const issue = (count: number) =>
  issueReceipts(
    {
      data: payees(count),
      tool: TOOL,
      action: 'read',
      marks: CATALOGUE.get(TOOL)?.field ?? [],
      datasets: ['bank/eu'],
      args: {},
      nodes: unwrap(argumentNodes({})),
      workflow: WORKFLOW,
      catalogue: 'ab'.repeat(32),
      known: { prompt: undefined, isNamedValue: () => false, kindAt: () => undefined },
    },
    signer,
    NOW,
  );

const context = { keys: [key], workflow: WORKFLOW, catalogue: CATALOGUE, now: NOW + 1 };

export async function receiptsReport(options: SuiteOptions): Promise<Report> {
  const sizes = await Promise.all([1, 4, 32].map(sizesOf));
  const fresh = await freshLeaves(options);
  const [known] = fresh;
  let next = 0;
  const cases = [
    ...[1, 4, 32].map((count) => inProcess(`issue, ${count} leaves`, () => issue(count))),
    inProcess('check a receipt and a leaf', () =>
      checkReceipts(fresh[next++ % fresh.length] ?? [], context),
    ),
    inProcess('check a leaf of a known receipt', () => checkReceipts(known ?? [], context)),
  ];
  const timings = await measure(cases, {
    ...options,
    warmOperations: 200,
    progress: (round) => options.progress(`round ${round} of ${options.rounds}`),
  });
  const largest = sizes.at(-1)?.receipt ?? 0;
  const check = timings.median('check a receipt and a leaf');
  const isMet = largest <= RECEIPT_BYTES_MAX && check <= CHECK_MICROSECONDS_MAX;
  return {
    suite: 'receipts',
    title: `A receipt of 32 leaves takes ${largest} bytes (at most ${RECEIPT_BYTES_MAX}), and a check ${check.toFixed(0)} us (at most ${CHECK_MICROSECONDS_MAX}): ${verdict(isMet)}`,
    columns: ['', 'us', 'p10 us', 'bytes'],
    rows: [
      ...timings.names.map((name) => [
        name,
        timings.median(name).toFixed(0),
        timings.p10(name).toFixed(0),
        '',
      ]),
      ...sizes.flatMap(({ count, receipt, leaf, kept }) => [
        [`receipt, ${count} leaves`, '', '', String(receipt)],
        [`one leaf of ${count}, attached with its receipt`, '', '', String(leaf)],
        [`row in the object of the workflow, ${count} leaves`, '', '', String(kept)],
      ]),
    ],
    data: { sizes, check },
  };
}

async function sizesOf(count: number) {
  const { receipts } = await issue(count);
  const [value] = payees(count);
  const leaves = await fittingLeaves(receipts, [value?.iban ?? '']);
  const bytes = (json: unknown): number => JSON.stringify(json).length;
  const { receipt = '' } = (receipts[0] ?? {}) as Partial<KeptReceipt>;
  return {
    count,
    receipt: receipt.length,
    leaf: bytes(writeAttachedMeta({ leaves })),
    kept: bytes(receipts[0]),
  };
}

/** Each leaf has a receipt of its own. More than a verifier remembers, so each signature is new. */
async function freshLeaves({ isQuick }: SuiteOptions) {
  const [value] = payees(4);
  return Promise.all(
    Array.from({ length: isQuick ? 300 : 1_000 }, async () => {
      const { receipts } = await issue(4);
      return fittingLeaves(receipts, [value?.iban ?? '']);
    }),
  );
}
